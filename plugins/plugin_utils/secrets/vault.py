# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets of HashiCorp Vault and OpenBao: `secret://vault/kv/orders#password`.

The path begins with a mount, whose kind the server tells: KV 1 and 2 are read; `secret://vault/database/creds/role#password` is a
credential made for this run and revoked at its end (any engine that gives one when read); `secret://vault/transit/KEY?ciphertext=…`
is decrypted by the server.
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_documents, vault_session
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_documents import documents
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import AlreadyThere, NotThere, SecretError, Settings
from ansible_collections.groundwork.fleet.plugins.plugin_utils.vault_session import Session

OPTIONS = {
    **vault_session.OPTIONS,
    "mount": "what all paths begin with; it is left out of references then: the mount, or a path in it",
    "kv_version": "1 or 2, where the server may not be asked for its mounts: `mount`, or else the first part of a path, is the mount",
}
REFERENCE_OPTIONS = {
    "version": "for KV 2: a version, by default the newest",
    "ciphertext": "for transit: what is decrypted, vault:v1:…",
    "file": "for transit: a file with it, beside the inventory",
}
TRIES = 5


class Mount(NamedTuple):
    """Where an engine is mounted (without / at the end), its type, and the version of a KV, 0 for others."""

    path: str
    kind: str
    version: int


def fetch(reference: SecretReference, settings: Settings) -> bytes:
    """Return a field of a secret of KV, of a credential made for this run, or what transit decrypts."""
    mount, rest = _mount(reference, settings)
    if mount.kind == "transit":
        return _decrypted(reference, mount, rest, settings)
    document = documents(settings).get(_key(reference, settings), lambda: _read(reference, mount, rest, settings))
    return secret_documents.chosen(document, reference, _place(reference, settings))


def store(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Create the secret of KV 2, or add the field to it: only on top of the version that was looked at (check and set)."""
    _changed(reference, value, settings, wanted=False)


def replace(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Write a new version with the field set; the other fields stay."""
    _changed(reference, value, settings, wanted=True)


def changed_at(reference: SecretReference, settings: Settings) -> datetime | None:
    """Return when the version was written; None for what is not in KV 2."""
    mount, rest = _mount(reference, settings)
    if mount.version != 2:
        return None
    _data, metadata = _read_v2(reference, mount, rest, settings)
    return datetime.fromisoformat(metadata["created_time"].replace("Z", "+00:00")[:19] + "+00:00")


def transient(error: Exception) -> bool:
    """Tell whether it may go well when tried again."""
    name = type(error).__name__
    if name in ("RateLimitExceeded", "InternalServerError", "BadGateway") or _upgrading(error):
        return True
    return name in ("ConnectionError", "ConnectTimeout", "ReadTimeout", "ChunkedEncodingError") or (
        name == "VaultDown" and not _sealed(error)
    )


def explain(error: Exception) -> str:
    """Return what went wrong, without any value."""
    name, server = type(error).__name__, _server(error)
    if name in ("Forbidden", "Unauthorized"):
        return "Denied: no policy of this login allows it on %s." % (_asked(error) or "this path")
    if _upgrading(error):
        return "The mount has only just been made a KV 2, which takes a moment: try again."
    if name == "VaultDown":
        return (
            "The server is sealed: unseal it (bao operator unseal)."
            if _sealed(error)
            else "The server is up but not active: is it starting?"
        )
    if name == "SSLError":
        return "The certificate of %s is not trusted: give the option ca, or put its name right in address." % server
    if name in ("ConnectTimeout", "ReadTimeout"):
        return "%s did not answer in time." % server
    if name in ("ConnectionError", "ChunkedEncodingError"):
        return "%s cannot be reached: is it up, and is address right?" % server
    known = {
        "VaultNotInitialized": "The server has not been initialized: bao operator init.",
        "RateLimitExceeded": "The server turns requests away, there are too many (429).",
        "InternalServerError": "The server failed (500): see its log.",
        "BadGateway": "What is before the server failed (502).",
        "InvalidPath": "The server has nothing at %s." % (_asked(error) or "this path"),
        "InvalidRequest": "The server does not take the request for %s." % (_asked(error) or "this path"),
    }
    return known.get(name, "The request failed (%s)." % name)


def close(settings: Settings) -> None:
    """Revoke the leases and the token of this run."""
    made = _opened(settings)
    while made:
        made.pop().close()
    settings.forget("session")


def _session(settings: Settings) -> Session:
    def opened() -> Session:
        session = Session(settings)
        _opened(settings).append(session)
        return session

    return settings.kept("session", opened)


def _opened(settings: Settings) -> list[Session]:
    """Return the sessions of this run, so that `close` makes none."""
    made: list[Session] = settings.kept("opened", list)
    return made


def _full(reference: SecretReference, settings: Settings) -> str:
    prefix = str(settings.options.get("mount", "")).strip("/")
    return "%s/%s" % (prefix, reference.path) if prefix else reference.path


def _place(reference: SecretReference, settings: Settings) -> str:
    return "The secret %s" % _full(reference, settings)


def _key(reference: SecretReference, settings: Settings) -> str:
    return "%s@%s" % (_full(reference, settings), secret_documents.number(reference, "version") or "")


def _mount(reference: SecretReference, settings: Settings) -> tuple[Mount, str]:
    """Return the mount that the path begins with, and the rest of it."""
    path = _full(reference, settings)
    mounts: list[Mount] = settings.kept("mounts", list)
    found = next((one for one in mounts if path.startswith(one.path + "/")), None)
    if found is None:
        found = _named_mount(path, settings) if "kv_version" in settings.options else _looked_up(path, settings)
        mounts.append(found)
    if "version" in reference.options and found.version != 2:
        raise SecretError("?version= is for KV 2 only: the mount %s is %s." % (found.path, _kind(found)))
    return found, path[len(found.path) + 1 :]


def _kind(mount: Mount) -> str:
    return "KV %d" % mount.version if mount.version else mount.kind


def _named_mount(path: str, settings: Settings) -> Mount:
    version = str(settings.options["kv_version"])
    if version not in ("1", "2"):
        raise SecretError("The option kv_version is %r: it is 1 or 2." % version)
    name = str(settings.options.get("mount", "")).strip("/") or path.partition("/")[0]
    return Mount(name, "kv", int(version))


def _looked_up(path: str, settings: Settings) -> Mount:
    session = _session(settings)
    if "/" not in path:
        raise SecretError("The path has a mount and a secret in it: secret://vault/kv/%s#field." % path)
    try:
        # What the command line programs of both servers ask too; each token that can do something below the mount may.
        answer = session.ask(lambda client: client.adapter.get("/v1/sys/internal/ui/mounts/" + quote(path)))
    except session.hvac.exceptions.Forbidden:
        told = "Denied, or there is no mount for %s: see bao secrets list, and which policies this login has." % path
        raise SecretError(told) from None
    data = answer["data"]
    version = int((data.get("options") or {}).get("version", 1)) if data["type"] in ("kv", "generic") else 0
    return Mount(data["path"].strip("/"), data["type"], version)


def _read(reference: SecretReference, mount: Mount, rest: str, settings: Settings) -> dict[str, Any]:
    if mount.version == 2:
        return _read_v2(reference, mount, rest, settings)[0]
    session = _session(settings)
    answer = session.ask(lambda client: client.read(quote("%s/%s" % (mount.path, rest))))
    if answer is None:
        raise NotThere("%s is not there: the %s has nothing at %s." % (_place(reference, settings), _kind(mount), rest))
    if answer.get("lease_id"):
        session.lent(answer["lease_id"], float(answer.get("lease_duration") or 0), bool(answer.get("renewable")))
    return dict(answer.get("data") or {})


def _read_v2(reference: SecretReference, mount: Mount, rest: str, settings: Settings) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields of a version and what the server says of it."""
    session, version, place = _session(settings), secret_documents.number(reference, "version"), _place(reference, settings)
    try:
        answer = session.ask(
            lambda client: client.secrets.kv.v2.read_secret_version(rest, version, mount.path, raise_on_deleted_version=True)
        )
    except session.hvac.exceptions.InvalidPath as error:
        metadata = ((error.json or {}).get("data") or {}).get("metadata") or {}
        number = metadata.get("version")
        if metadata.get("destroyed"):
            raise SecretError("Version %s of %s was destroyed: write a new one, or name another ?version=." % (number, place[4:])) from None
        if metadata.get("deletion_time"):
            told = "Version %s of %s was deleted: undelete it (bao kv undelete), or name another ?version=." % (number, place[4:])
            raise SecretError(told) from None
        which = " in version %d" % version if version else ""
        raise NotThere("%s is not there%s: write it with bao kv put." % (place, which)) from None
    return dict(answer["data"]["data"]), dict(answer["data"]["metadata"])


def _changed(reference: SecretReference, value: bytes, settings: Settings, wanted: bool) -> None:
    """Write the field where it is (`wanted`) or where it is not; again where somebody wrote the secret meanwhile."""
    if reference.field is None:
        raise SecretError("Name the field: %s#field." % reference)
    if "version" in reference.options:
        raise SecretError("A version cannot be written: leave ?version= out.")
    mount, rest = _mount(reference, settings)
    if mount.version != 2:
        raise SecretError("Only KV 2 can be written, by check and set: the mount %s is %s." % (mount.path, _kind(mount)))
    session, place, text = _session(settings), _place(reference, settings), secret_documents.text(value, reference)
    for _attempt in range(TRIES):
        documents(settings).forget(_key(reference, settings))
        try:
            data, metadata = _read_v2(reference, mount, rest, settings)
        except NotThere:
            data, metadata = {}, {"version": 0}
        _check(data, reference, place, wanted)
        fields, version = secret_documents.set_field(data, reference.field, text), metadata["version"]
        if _put(session, rest, fields, version, mount):
            return
    raise SecretError("%s was written by others %d times while this run wanted to write it." % (place, TRIES))


def _check(data: dict[str, Any], reference: SecretReference, place: str, wanted: bool) -> None:
    try:
        secret_documents.chosen(data, reference, place)
    except NotThere:
        if wanted:
            raise
    else:
        if not wanted:
            raise AlreadyThere("%s has the field %s already." % (place, reference.field))


def _put(session: Session, rest: str, fields: dict[str, Any], version: int, mount: Mount) -> bool:
    """Write on top of `version` and return True; False where the secret has another version by now."""
    try:
        session.ask(lambda client: client.secrets.kv.v2.create_or_update_secret(rest, fields, cas=version, mount_point=mount.path))
    except session.hvac.exceptions.InvalidRequest as error:
        if any("check-and-set" in one for one in error.errors or ()):
            return False
        raise
    return True


def _decrypted(reference: SecretReference, mount: Mount, rest: str, settings: Settings) -> bytes:
    if reference.field is not None:
        raise SecretError("What transit decrypts has no fields: leave #%s out." % reference.field)
    ciphertext = reference.options.get("ciphertext")
    if ciphertext is None and "file" not in reference.options:
        raise SecretError("Give what is decrypted: ?ciphertext=vault:v1:…, or ?file=PATH beside the inventory.")
    if ciphertext is None:
        path = Settings({"file": reference.options["file"]}, settings.inventory_directory).path("file", "")
        try:
            ciphertext = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SecretError("%s cannot be read (%s)." % (path, type(error).__name__)) from None
    key = rest.removeprefix("decrypt/")
    session = _session(settings)
    try:
        answer = session.ask(lambda client: client.secrets.transit.decrypt_data(key, ciphertext, mount_point=mount.path))
    except session.hvac.exceptions.InvalidRequest:
        told = "%s/%s does not decrypt it: there is no such key, or the ciphertext is another key's or damaged." % (mount.path, key)
        raise SecretError(told) from None
    return base64.b64decode(answer["data"]["plaintext"])


def _sealed(error: Exception) -> bool:
    return any("sealed" in str(one) for one in getattr(error, "errors", None) or ())


def _upgrading(error: Exception) -> bool:
    return any("Upgrading from non-versioned" in str(one) for one in getattr(error, "errors", None) or ())


def _server(error: Exception) -> str:
    url = urlsplit(str(getattr(getattr(error, "request", None), "url", "") or ""))
    return "%s://%s" % (url.scheme, url.netloc) if url.netloc else "The server"


def _asked(error: Exception) -> str:
    """Return the path that a request was about, as a policy writes it."""
    return urlsplit(str(getattr(error, "url", "") or "")).path.removeprefix("/v1/")
