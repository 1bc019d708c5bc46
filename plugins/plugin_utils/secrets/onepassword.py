# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Items of 1Password by a Connect server: `secret://onepassword/VAULT/ITEM#password`, by names or ids.

`#section.label` names a field of a section; a label that only one field has needs no section. Titles are not unique, so no item is made.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_documents
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_documents import documents
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_programs import time_limit
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import NotThere, SecretError, Settings, library

OPTIONS = {
    "address": "the URL of the Connect server",
    "token": "the token of access to it",
    "token_file": "a file with it",
    "vault": "the vault; it is left out of references then",
    "ca": "a file with the certificates that the server's is checked against",
    "timeout": "how many seconds a request may take, by default 60",
}
MEANINGS = {
    400: "The Connect server does not take the request: is the name right?",
    401: "The Connect server does not accept the token: it has expired or was revoked.",
    403: "Denied: the token has no access to this vault.",
    404: "The Connect server does not know the vault or item, or the token may not see it.",
    429: "The Connect server turns requests away, there are too many (429).",
}
LOST = ("ConnectError", "ConnectTimeout", "ReadTimeout", "WriteTimeout", "PoolTimeout", "ReadError", "WriteError", "RemoteProtocolError")
# The library puts the status into its message only.
STATUS = re.compile(r"Received (\d{3})")
FOUND = re.compile(r"Found (\d+) (items|vaults)")


def fetch(reference: SecretReference, settings: Settings) -> bytes:
    """Return the field of the item."""
    item = documents(settings).get(reference.path, lambda: _read(reference, settings))
    return _chosen(item, reference)


def replace(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Set the field; the others stay, and 1Password keeps the old value in the item's history."""
    item = _read(reference, settings)
    _chosen(item, reference)
    place, label = _split(item, str(reference.field))
    text = secret_documents.text(value, reference)
    for one in item.fields:
        if _label(one) == label and (place is None or _section(item, one) == place):
            one.value = text
    _client(settings).update_item(item.id, item.vault.id, item)
    documents(settings).forget(reference.path)


def changed_at(reference: SecretReference, settings: Settings) -> datetime | None:
    """Return when the item was last written."""
    moment = _read(reference, settings).updated_at
    if isinstance(moment, str):
        return datetime.fromisoformat(moment.replace("Z", "+00:00"))
    return moment if isinstance(moment, datetime) else None


def transient(error: Exception) -> bool:
    """Tell whether it may go well when tried again."""
    status = _status(error)
    return type(error).__name__ in LOST or status == 429 or status >= 500


def explain(error: Exception) -> str:
    """Return what went wrong, without any value."""
    status, name = _status(error), type(error).__name__
    if status in MEANINGS:
        return MEANINGS[status]
    if status >= 500:
        return "The Connect server failed (%d)." % status
    if name in LOST:
        return "The Connect server cannot be reached: is address right, is it up, and is its certificate trusted (option ca)?"
    return "The Connect server's answer was not understood (%s)." % name


def _status(error: Exception) -> int:
    found = STATUS.search(str(error)) if type(error).__name__.startswith("FailedToRetrieve") else None
    return int(found[1]) if found else 0


def _client(settings: Settings) -> Any:
    def made() -> Any:
        package = "onepasswordconnectsdk"
        client = library("onepasswordconnectsdk.client", package, ">=2.0")
        config = library("onepasswordconnectsdk.config", package, ">=2.0").ClientConfig
        httpx = library("httpx", package, ">=2.0")
        if not settings.options.get("address"):
            raise SecretError("Give the option address: the URL of the Connect server.")
        ca = str(settings.path("ca", "")) if settings.options.get("ca") else None
        seconds = httpx.Timeout(time_limit(settings))
        return client.Client(str(settings.options["address"]).rstrip("/"), settings.secret("token"), config(ca_file=ca, timeout=seconds))

    return settings.kept("client", made)


def _read(reference: SecretReference, settings: Settings) -> Any:
    vault, slash, item = str(settings.options.get("vault") or ""), "/", reference.path
    if not vault:
        vault, slash, item = reference.path.partition("/")
    if not slash or not item:
        raise SecretError("The path is VAULT/ITEM; with the option vault it is ITEM alone.")
    if '"' in vault + item:
        raise SecretError('A name with " in it cannot be looked up: write the id.')
    try:
        return _client(settings).get_item(item, vault)
    except Exception as error:
        found = FOUND.search(str(error))
        if found is None and _status(error) != 404:
            raise
    kind, name = ("vault", vault) if found and found[2] == "vaults" else ("item", item)
    if found and found[1] != "0":
        raise SecretError("There are %s %ss with the name %s: write the id." % (found[1], kind, name))
    if kind == "vault":
        raise SecretError("There is no vault %s, or the token may not see it." % name)
    raise NotThere("The vault %s has no item %s, or the token may not see it." % (vault, name))


def _label(field: Any) -> str:
    return str(field.label or field.id)


def _section(item: Any, field: Any) -> str | None:
    """Return the label of a field's section."""
    if field.section is None:
        return None
    labels = {one.id: one.label for one in item.sections or ()}
    return str(labels.get(field.section.id) or getattr(field.section, "label", None) or field.section.id)


def _split(item: Any, name: str) -> tuple[str | None, str]:
    """Return section and label of what a reference calls `name`; no section where the label alone says it."""
    for one in item.fields or ():
        section = _section(item, one)
        if section is not None and name == "%s.%s" % (section, _label(one)):
            return section, _label(one)
    return None, name


def _chosen(item: Any, reference: SecretReference) -> bytes:
    """Return the field's value, by its label where only one has it, else by section.label."""
    by_label: dict[str, list[Any]] = {}
    names: dict[str, Any] = {}
    for one in item.fields or ():
        by_label.setdefault(_label(one), []).append(one)
    for label, fields in by_label.items():
        if len(fields) == 1:
            names[label] = fields[0].value
        for one in fields:
            section = _section(item, one)
            names["%s.%s" % (section, label) if section is not None else label] = one.value
    empty = reference.field in names and names[str(reference.field)] in (None, "")
    if empty:
        raise SecretError("The field %s of the item is empty." % reference.field)
    return secret_documents.chosen(names, reference, "The item %s" % reference.path)
