# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Grafana that exists already, by its HTTP API: a folder, a data source and the dashboards in it, made so or taken away.

Paths, bodies and answers are those of the vendor's manual ("HTTP API reference", version 11): folders, data sources, dashboards, search.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit

from ansible.module_utils.urls import Request
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils.dashboards import DATA_SOURCE, TAG

FOLDER = "groundwork"  # the uid of the folder that is ours
MARK = "groundworkDigest"  # of the secrets of a data source, which Grafana never tells
SOURCE_KEYS = ("url", "name", "username", "password", "ca", "certificate", "key")
#: What Grafana itself writes into a dashboard, or writes anew when it knows a newer form.
OF_GRAFANA = ("id", "version", "schemaVersion")
#: Method, path with its query, and body to status and answer.
Ask = Callable[[str, str, Any], tuple[int, Any]]


class GrafanaError(Exception):
    """What Grafana refuses, or why it cannot be asked."""


@dataclass(frozen=True)
class Wanted:
    """What is to be there. dashboards: name to document, for the data source `source_uid`. source: the data source to make, or nothing.

    key: with what the digest of the source's secrets is made; it has to be secret itself.
    """

    title: str
    dashboards: Mapping[str, Mapping[str, Any]]
    source_uid: str
    source: Mapping[str, Any] = field(default_factory=dict)
    key: bytes = b""


@dataclass(frozen=True)
class Change:
    """One thing that differs: what it is, how it was and how it is to be (None: not there), and the request that makes it so."""

    what: str
    before: Any
    after: Any
    request: tuple[str, str, Any]


def client(url: str, token: str, ca: str | None = None, timeout: float = 30) -> Ask:
    """Return what asks the Grafana at `url` as the holder of a token. ca: a file with the authority of its certificate."""
    # Followed to another host, a redirection would show the token there.
    session = Request(
        headers={"Authorization": f"Bearer {token}", "Accept": "application/json", "Content-Type": "application/json"},
        timeout=timeout,
        follow_redirects="none",
        ca_path=ca,
        http_agent="groundwork.fleet",
    )

    def ask(method: str, path: str, body: Any) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body)
        try:
            with session.open(method, url.rstrip("/") + path, data=data) as answer:
                return int(answer.status), document(answer.read())
        except HTTPError as error:
            return int(error.code), document(error.read())
        except OSError as error:
            reason = getattr(error, "reason", None) or error
            raise GrafanaError(f"Grafana at {url} cannot be asked: {reason}. Expected it to answer there; check url and ca.") from None

    return ask


def document(body: bytes) -> Any:
    """Return what an answer says; nothing where it is not JSON, as of something in front of Grafana."""
    try:
        return json.loads(body)
    except ValueError:
        return {}


def checked_url(url: str) -> str:
    """Return the address of Grafana. Raises BadInput."""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.query:
        remedy = "Write https://grafana.example.org; the token has its own option."
        raise bad_input("url", url, "an https:// address without a user", remedy, secret=bool(parts.username or parts.query))
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise bad_input("url", url, "https:// for another host", "A token goes over no network unencrypted.")
    return url.rstrip("/")


def data_source(given: Mapping[str, Any], key: bytes, read: Callable[[str], str]) -> dict[str, Any]:
    """Return the data source to make. Raises BadInput.

    given: `url` of Prometheus; `name`, `username` and `password`, `ca`, `certificate` and `key` (PEM, or the path of a file on the
    controller) where it wants them. key: of the digest. read: gives the text of a file.
    """
    for name in given:
        if name not in SOURCE_KEYS:
            raise unknown_name("key of a data source", "data_source", str(name), SOURCE_KEYS)
    if not str(given.get("url") or "").startswith(("https://", "http://")):
        raise bad_input("data_source.url", given.get("url"), "the address of Prometheus", "Write https://prometheus.example.org:9090.")
    for one, other in (("certificate", "key"), ("key", "certificate"), ("username", "password"), ("password", "username")):
        if given.get(one) and not given.get(other):
            raise bad_input(f"data_source.{other}", None, f"a value, as {one} is there", "Give both or none.")
    pem = {
        name: text if text.startswith("-----") else read(text)
        for name in ("ca", "certificate", "key")
        if (text := str(given.get(name) or ""))
    }
    secrets = {"tlsCACert": pem.get("ca"), "tlsClientCert": pem.get("certificate"), "tlsClientKey": pem.get("key")}
    secrets["basicAuthPassword"] = given.get("password")
    secure = {name: str(value) for name, value in secrets.items() if value}
    told: dict[str, Any] = {"httpMethod": "POST", "tlsAuth": "certificate" in pem, "tlsAuthWithCACert": "ca" in pem}
    if secure:
        told[MARK] = hmac.new(key, json.dumps(secure, sort_keys=True).encode(), hashlib.sha256).hexdigest()[:32]
    return {
        "uid": DATA_SOURCE,
        "name": str(given.get("name") or "Prometheus of the fleet"),
        "type": "prometheus",
        "access": "proxy",
        "url": str(given["url"]),
        "basicAuth": bool(given.get("username")),
        "basicAuthUser": str(given.get("username") or ""),
        "jsonData": told,
        "secureJsonData": secure,
    }


def same(wanted: Any, found: Any) -> bool:
    """Tell whether what is found is what is wanted: what Grafana has added in a mapping does not count."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return all(name in OF_GRAFANA or (name in found and same(value, found[name])) for name, value in wanted.items())
    if isinstance(wanted, (list, tuple)) and isinstance(found, list):
        return len(wanted) == len(found) and all(same(one, other) for one, other in zip(wanted, found, strict=True))
    return bool(wanted == found)


def there(ask: Ask, path: str) -> Any:
    """Return what is at a path, None where nothing is. Raises GrafanaError."""
    status, answer = ask("GET", path, None)
    return None if status == 404 else good(status, answer, "GET", path)


def good(status: int, answer: Any, method: str, path: str) -> Any:
    """Return an answer that is none of an error. Raises GrafanaError, which says what is missing."""
    if 200 <= status < 300:
        return answer
    said = str(answer.get("message") or "") if isinstance(answer, Mapping) else ""
    why = f"Grafana answers {status} to {method} {path.partition('?')[0]}{f' ({said})' if said else ''}"
    if status == 401:
        raise GrafanaError(f"{why}: the token is not valid. Expected the one of a service account of this organisation; make a new one.")
    if status == 403:
        needs = "Admin, for data sources are made by administrators only" if "datasources" in path else "Editor"
        raise GrafanaError(f"{why}: the token may not do that. Expected a service account with the role {needs}.")
    if 300 <= status < 400:
        raise GrafanaError(f"{why}: it sends elsewhere. Expected the address of Grafana itself, with its path; check url.")
    raise GrafanaError(f"{why}. Expected it to take that; Grafana's own log says more.")


def changes(ask: Ask, wanted: Wanted) -> list[Change]:
    """Return what differs from what is wanted; asks only. Raises GrafanaError."""
    found = [*folder_changes(ask, wanted), *source_changes(ask, wanted)]
    for name, given in wanted.dashboards.items():
        there_is = there(ask, f"/api/dashboards/uid/{quote(str(given['uid']))}")
        before = there_is["dashboard"] if there_is else None
        if there_is and same(given, before) and (there_is.get("meta") or {}).get("folderUid") == FOLDER:
            continue
        shown = None if before is None else {key: value for key, value in before.items() if key not in OF_GRAFANA}
        body = {"dashboard": dict(given), "folderUid": FOLDER, "overwrite": True, "message": "groundwork.fleet"}
        found.append(Change(f"dashboard {name}", shown, dict(given), ("POST", "/api/dashboards/db", body)))
    return found + leftovers(ask, {str(one["uid"]) for one in wanted.dashboards.values()})


def folder_changes(ask: Ask, wanted: Wanted) -> list[Change]:
    """Return what differs of the folder."""
    there_is = there(ask, f"/api/folders/{FOLDER}")
    if there_is is None:
        return [Change("folder", None, wanted.title, ("POST", "/api/folders", {"uid": FOLDER, "title": wanted.title}))]
    if there_is.get("title") == wanted.title:
        return []
    body = {"title": wanted.title, "overwrite": True}
    return [Change("folder", there_is.get("title"), wanted.title, ("PUT", f"/api/folders/{FOLDER}", body))]


def source_changes(ask: Ask, wanted: Wanted) -> list[Change]:
    """Return what differs of the data source. Raises GrafanaError where one that is not ours to make is not there."""
    path = f"/api/datasources/uid/{quote(wanted.source_uid)}"
    if not wanted.source and ask("GET", path, None)[0] == 403:
        return []  # an editor may ask a data source and not look at it; whether it answers is proven in the end
    there_is = there(ask, path)
    if not wanted.source:
        if there_is is None:
            raise GrafanaError(
                f"Grafana has no data source with the uid {wanted.source_uid!r}. Expected that of a Prometheus; its page in Grafana "
                "(Connections, Data sources) has it at the end of its address."
            )
        return []
    known = {name: value for name, value in wanted.source.items() if name != "secureJsonData"}
    if there_is is None:
        return [Change("data source", None, known, ("POST", "/api/datasources", dict(wanted.source)))]
    if same(known, there_is):
        return []
    before = {name: there_is.get(name) for name in known}
    return [Change("data source", before, known, ("PUT", f"/api/datasources/uid/{DATA_SOURCE}", dict(wanted.source)))]


def leftovers(ask: Ask, wanted: set[str]) -> list[Change]:
    """Return the removal of the dashboards in our folder that are ours and not wanted. wanted: uids."""
    path = f"/api/search?{urlencode({'type': 'dash-db', 'tag': TAG, 'limit': 5000})}"
    found = there(ask, path) or []
    gone = [one for one in found if one.get("folderUid") == FOLDER and str(one.get("uid", "")).startswith(f"{TAG}-")]
    return [
        Change(
            f"dashboard {str(one['uid']).removeprefix(f'{TAG}-')}",
            one.get("title"),
            None,
            ("DELETE", f"/api/dashboards/uid/{one['uid']}", None),
        )
        for one in gone
        if one["uid"] not in wanted
    ]


def removals(ask: Ask) -> list[Change]:
    """Return what takes everything of ours away; dashboards that somebody else has put into the folder keep it. Raises GrafanaError."""
    found = leftovers(ask, set())
    source = there(ask, f"/api/datasources/uid/{DATA_SOURCE}")
    if source is not None:
        found.append(Change("data source", source.get("name"), None, ("DELETE", f"/api/datasources/uid/{DATA_SOURCE}", None)))
    folder = there(ask, f"/api/folders/{FOLDER}")
    if folder is not None:
        inside = there(ask, f"/api/search?{urlencode({'folderUIDs': FOLDER, 'limit': 5000})}") or []
        others = [one for one in inside if one.get("folderUid") == FOLDER and not str(one.get("uid", "")).startswith(f"{TAG}-")]
        if not others:
            found.append(Change("folder", folder.get("title"), None, ("DELETE", f"/api/folders/{FOLDER}", None)))
    return found


def carry_out(ask: Ask, found: list[Change]) -> None:
    """Make the changes, in their order. Raises GrafanaError."""
    for change in found:
        method, path, body = change.request
        good(*ask(method, path, body), method, path)


def prove(ask: Ask, source_uid: str) -> None:
    """Have Grafana ask its data source. Raises GrafanaError with what that says."""
    path = f"/api/datasources/uid/{quote(source_uid)}/health"
    status, answer = ask("GET", path, None)
    if isinstance(answer, Mapping) and answer.get("status") == "ERROR":
        raise GrafanaError(
            f"Grafana does not reach the data source {source_uid!r}: {answer.get('message')}. "
            "Expected Prometheus to answer it; check data_source."
        )
    good(status, answer, "GET", path)
