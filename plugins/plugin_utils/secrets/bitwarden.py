# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets of Bitwarden Secrets Manager: `secret://bitwarden/ID`, or by its name: `secret://bitwarden/orders-db`.

Names are not unique there, so no secret is made; one that several secrets have is refused. `#field` is taken from JSON.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import nearest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_documents
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_documents import documents
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import NotThere, SecretError, Settings, library

OPTIONS = {
    "access_token": "the access token of a machine account",
    "access_token_file": "a file with it",
    "organization": "the id of the organization, for names of secrets",
    "api_url": "by default https://api.bitwarden.com; https://api.bitwarden.eu, or YOUR-SERVER/api",
    "identity_url": "by default https://identity.bitwarden.com; https://identity.bitwarden.eu, or YOUR-SERVER/identity",
}
ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# The library raises Exception with a text; a status stands in it as [404 Not Found].
STATUS = re.compile(r"\[?\b([45]\d\d) [A-Z]")
# What it says of an access token that it cannot take apart.
MALFORMED = ("decryption key", "invalid identifier", "Invalid base64")
LOST = ("error sending request", "onnect", "timed out", "dns error")


class Refused(Exception):
    """What the library raised; its text is for comparing only and never shown."""


def fetch(reference: SecretReference, settings: Settings) -> bytes:
    """Return the secret, or a field of it."""
    number = _id(reference, settings)
    value: bytes = documents(settings).get(number, lambda: bytes(_read(reference, number, settings).value, "utf-8"))
    return secret_documents.selected(value, reference, _place(reference))


def fetch_many(references: Iterable[SecretReference], settings: Settings) -> dict[SecretReference, bytes]:
    """Return those that can be had, by one request."""
    wanted = {}
    for one in references:
        try:
            wanted[one] = _id(one, settings)
        except SecretError:
            continue  # the core asks for it alone, and tells why
    if not wanted:
        return {}
    answer = _ask(settings, lambda client: client.secrets().get_by_ids(sorted(set(wanted.values()))))
    for entry in answer.data.data:
        documents(settings).put(str(entry.id), entry.value.encode())
    return secret_documents.already_read(wanted, settings, _place)


def replace(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Set the value, or the field in it; name, note and projects stay."""
    number = _id(reference, settings)
    old = _read(reference, number, settings)
    if reference.field is not None:
        secret_documents.selected(old.value.encode(), reference, _place(reference))
    new = secret_documents.text(secret_documents.with_field(old.value.encode(), reference, value, _place(reference)), reference)
    projects = [str(old.project_id)] if old.project_id else None
    _ask(settings, lambda client: client.secrets().update(str(old.organization_id), number, old.key, new, old.note, projects))
    documents(settings).forget(number)


def changed_at(reference: SecretReference, settings: Settings) -> datetime | None:
    """Return when the secret was last written."""
    moment = _read(reference, _id(reference, settings), settings).revision_date
    return datetime.fromisoformat(moment.replace("Z", "+00:00")) if isinstance(moment, str) else moment


def transient(error: Exception) -> bool:
    """Tell whether it may go well when tried again."""
    status = _status(error)
    return status == 429 or status >= 500 or (not status and any(one in str(error) for one in LOST))


def explain(error: Exception) -> str:
    """Return what went wrong, without any value."""
    status = _status(error)
    if status in (400, 401):
        return "Bitwarden does not accept the access token: it has expired or was revoked, or the URLs are another server's."
    if status == 403:
        return "Denied: the machine account has no access to the secret's project."
    if status == 429:
        return "Bitwarden turns requests away, there are too many (429)."
    if status >= 500:
        return "Bitwarden's service failed (%d)." % status
    if transient(error):
        return "Bitwarden cannot be reached: are api_url and identity_url right, and is there a way to them?"
    if any(one in str(error) for one in MALFORMED):
        return "The access token is not one of Bitwarden Secrets Manager: 0.ID.SECRET:KEY."
    return "Bitwarden refused the request (%s)." % type(error).__name__


def _status(error: Exception) -> int:
    found = STATUS.search(str(error)) if isinstance(error, Refused) else None
    return int(found[1]) if found else 0


def _place(reference: SecretReference) -> str:
    return "The secret %s" % reference.path


def _id(reference: SecretReference, settings: Settings) -> str:
    """Return the id of a secret; the names of all are asked for once."""
    if ID.fullmatch(reference.path):
        return reference.path.lower()
    organization = str(settings.options.get("organization") or "")
    if not ID.fullmatch(organization):
        raise SecretError("Give the option organization (an id), which the name of a secret needs; or write the secret's id.")
    ids: dict[str, list[str]] = documents(settings).get("names", lambda: _names(organization, settings))
    found = ids.get(reference.path, [])
    if len(found) > 1:
        raise SecretError("There are %d secrets with the name %s: write the id." % (len(found), reference.path))
    if not found:
        close = nearest(reference.path, ids)
        remedy = " Did you mean %s?" % close if close else ""
        raise NotThere("The machine account sees no secret with the name %s.%s" % (reference.path, remedy))
    return found[0]


def _names(organization: str, settings: Settings) -> dict[str, list[str]]:
    ids: dict[str, list[str]] = {}
    for entry in _ask(settings, lambda client: client.secrets().list(organization)).data.data:
        ids.setdefault(entry.key, []).append(str(entry.id))
    return ids


def _read(reference: SecretReference, number: str, settings: Settings) -> Any:
    try:
        return _ask(settings, lambda client: client.secrets().get(number)).data
    except Refused as error:
        if _status(error) != 404:
            raise
    raise NotThere("%s is not there, or the machine account may not see it." % _place(reference))


def _ask(settings: Settings, act: Callable[[Any], Any]) -> Any:
    """Return what the library answers; one thread at a time, it is a program of its own in Rust."""
    with settings.kept("alone", threading.Lock):
        try:
            return act(settings.kept("client", lambda: _client(settings)))
        except SecretError:
            raise
        except Exception as error:
            said = str(error)
    raise Refused(said)


def _client(settings: Settings) -> Any:
    sdk = library("bitwarden_sdk", "bitwarden-sdk", ">=2.0")
    token = settings.secret("access_token")
    urls = {name: str(settings.options[name]).rstrip("/") for name in ("api_url", "identity_url") if settings.options.get(name)}
    client = sdk.BitwardenClient(sdk.ClientSettings(device_type=sdk.DeviceType.SDK, user_agent="groundwork.fleet", **urls))
    client.auth().login_access_token(token, None)
    return client
