# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters of AWS Systems Manager: `secret://aws_ssm/orders/db/password` is the parameter `/orders/db/password`.

A path of one part is a parameter of that name without a slash; `#field` is taken from a parameter whose value is JSON.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import aws_client, secret_documents
from ansible_collections.groundwork.fleet.plugins.plugin_utils.aws_client import explain, transient
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_documents import documents
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import AlreadyThere, NotThere, SecretError, Settings

__all__ = ["OPTIONS", "REFERENCE_OPTIONS", "changed_at", "explain", "fetch", "fetch_many", "replace", "store", "transient"]

OPTIONS = {
    **aws_client.OPTIONS,
    "prefix": "what all names begin with, it is left out of references: /production",
    "kms_key": "the key of KMS that new parameters are encrypted with, by default the account's",
}
REFERENCE_OPTIONS = {"version": "the number of a version", "label": "the label of a version"}
SERVICE = "ssm"
# What GetParameters takes at once.
BATCH = 10


def fetch(reference: SecretReference, settings: Settings) -> bytes:
    """Return the decrypted parameter, or a field of it."""
    name = _name(reference, settings)
    value: bytes = documents(settings).get(name, lambda: bytes(_read(name, settings)["Value"], "utf-8"))
    return secret_documents.selected(value, reference, "The parameter %s" % name)


def fetch_many(references: Iterable[SecretReference], settings: Settings) -> dict[SecretReference, bytes]:
    """Return those that can be had, by requests for 10 parameters each."""
    wanted = {one: _name(one, settings) for one in references if not one.options}
    for names in aws_client.portions(sorted(set(wanted.values())), BATCH):
        answer = aws_client.client(settings, SERVICE).get_parameters(Names=list(names), WithDecryption=True)
        for entry in answer["Parameters"]:
            documents(settings).put(entry["Name"], entry["Value"].encode())
    return secret_documents.already_read(wanted, settings, lambda one: "The parameter %s" % wanted[one])


def store(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Create the parameter; a field cannot be added to one that is there, since AWS has no check and set."""
    name = _name(reference, settings)
    content = secret_documents.with_field(None, reference, value, name)
    try:
        _put(name, content, reference, settings, overwrite=False)
    except Exception as error:
        if aws_client.code(error) != "ParameterAlreadyExists":
            raise
        documents(settings).forget(name)
        try:
            fetch(reference, settings)
        except NotThere:
            told = "The parameter %s is there without the field %s: add it by hand, AWS offers no safe way." % (name, reference.field)
            raise SecretError(told) from None
        raise AlreadyThere("The parameter %s is there already." % name) from None


def replace(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Put a new version with the field set; the other fields stay."""
    if reference.options:
        raise SecretError("A version cannot be written: leave ?version= and ?label= out.")
    name = _name(reference, settings)
    old = _read(name, settings)["Value"].encode()
    if reference.field is not None:
        secret_documents.selected(old, reference, "The parameter %s" % name)
    content = secret_documents.with_field(old, reference, value, "The parameter %s" % name)
    _put(name, content, reference, settings, overwrite=True)


def changed_at(reference: SecretReference, settings: Settings) -> datetime | None:
    """Return when the parameter was last written."""
    moment: datetime | None = _read(_name(reference, settings), settings).get("LastModifiedDate")
    return moment


def _name(reference: SecretReference, settings: Settings) -> str:
    prefix = str(settings.options.get("prefix", "")).strip("/")
    path = "%s/%s" % (prefix, reference.path) if prefix else reference.path
    name = "/" + path if "/" in path else path
    if len(reference.options) == 2:
        raise SecretError("?version= and ?label= cannot both be given.")
    version = secret_documents.number(reference, "version") or reference.options.get("label")
    return "%s:%s" % (name, version) if version else name


def _read(name: str, settings: Settings) -> dict[str, Any]:
    try:
        return dict(aws_client.client(settings, SERVICE).get_parameter(Name=name, WithDecryption=True)["Parameter"])
    except Exception as error:
        if aws_client.code(error) not in ("ParameterNotFound", "ParameterVersionNotFound", "ParameterVersionLabelNotFound"):
            raise
    raise NotThere("The parameter %s is not there, in this region and account." % name)


def _put(name: str, content: bytes, reference: SecretReference, settings: Settings, overwrite: bool) -> None:
    key = {"KeyId": settings.options["kms_key"]} if settings.options.get("kms_key") else {}
    text = secret_documents.text(content, reference)
    aws_client.client(settings, SERVICE).put_parameter(Name=name, Value=text, Type="SecureString", Overwrite=overwrite, **key)
    documents(settings).forget(name)
