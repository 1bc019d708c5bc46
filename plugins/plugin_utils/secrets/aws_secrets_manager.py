# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets of AWS Secrets Manager: `secret://aws_secrets_manager/orders/db#password` is a field of the JSON in the secret `orders/db`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import aws_client, secret_documents
from ansible_collections.groundwork.fleet.plugins.plugin_utils.aws_client import transient
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_documents import documents
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import AlreadyThere, NotThere, SecretError, Settings

__all__ = ["OPTIONS", "REFERENCE_OPTIONS", "changed_at", "explain", "fetch", "fetch_many", "replace", "store", "transient"]

OPTIONS = {**aws_client.OPTIONS, "kms_key": "the key of KMS that new secrets are encrypted with, by default the account's"}
REFERENCE_OPTIONS = {"version": "the id of a version", "stage": "the label of a version, by default AWSCURRENT"}
SERVICE = "secretsmanager"
# What BatchGetSecretValue takes at once.
BATCH = 20


def fetch(reference: SecretReference, settings: Settings) -> bytes:
    """Return the secret, or a field of it."""
    value: bytes = documents(settings).get(_key(reference), lambda: _value(_read(reference, settings)))
    return secret_documents.selected(value, reference, _place(reference))


def fetch_many(references: Iterable[SecretReference], settings: Settings) -> dict[SecretReference, bytes]:
    """Return those that can be had, by requests for 20 secrets each."""
    wanted = {one: _key(one) for one in references if not one.options}
    for names in aws_client.portions(sorted({one.path for one in wanted}), BATCH):
        answer = aws_client.client(settings, SERVICE).batch_get_secret_value(SecretIdList=list(names))
        for entry in answer["SecretValues"]:
            for name in {entry["Name"], entry["ARN"]} & set(names):
                documents(settings).put(_key(SecretReference("", name)), _value(entry))
    return secret_documents.already_read(wanted, settings, _place)


def store(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Create the secret; a field cannot be added to one that is there, since AWS has no check and set."""
    content = secret_documents.with_field(None, reference, value, _place(reference))
    key = {"KmsKeyId": settings.options["kms_key"]} if settings.options.get("kms_key") else {}
    try:
        aws_client.client(settings, SERVICE).create_secret(Name=reference.path, **_content(content), **key)
    except Exception as error:
        if aws_client.code(error) != "ResourceExistsException":
            raise
        documents(settings).forget(_key(reference))
        _refuse_if_field_missing(reference, settings)
        raise AlreadyThere("%s is there already." % _place(reference)) from None


def replace(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Put a new version with the field set; the other fields stay."""
    if reference.options:
        raise SecretError("A version cannot be written: leave ?version= and ?stage= out.")
    old = _value(_read(reference, settings))
    if reference.field is not None:
        secret_documents.selected(old, reference, _place(reference))
    content = secret_documents.with_field(old, reference, value, _place(reference))
    aws_client.client(settings, SERVICE).put_secret_value(SecretId=reference.path, **_content(content))
    documents(settings).forget(_key(reference))


def changed_at(reference: SecretReference, settings: Settings) -> datetime | None:
    """Return when the version was made."""
    moment: datetime | None = _read(reference, settings).get("CreatedDate")
    return moment


def explain(error: Exception) -> str:
    """Return what went wrong, without any value."""
    if aws_client.code(error) == "InvalidRequestException":
        return "The secret is being deleted: restore it (aws secretsmanager restore-secret), or name another."
    return aws_client.explain(error)


def _place(reference: SecretReference) -> str:
    return "The secret %s" % reference.path


def _key(reference: SecretReference) -> str:
    return "%s@%s@%s" % (reference.path, reference.options.get("version", ""), reference.options.get("stage", ""))


def _read(reference: SecretReference, settings: Settings) -> dict[str, Any]:
    names = {"version": "VersionId", "stage": "VersionStage"}
    which = {names[name]: value for name, value in reference.options.items()}
    try:
        return dict(aws_client.client(settings, SERVICE).get_secret_value(SecretId=reference.path, **which))
    except Exception as error:
        if aws_client.code(error) != "ResourceNotFoundException":
            raise
    version = " in this version" if which else ""
    raise NotThere("%s is not there%s, in this region and account." % (_place(reference), version))


def _value(answer: dict[str, Any]) -> bytes:
    return answer["SecretString"].encode() if "SecretString" in answer else bytes(answer["SecretBinary"])


def _content(value: bytes) -> dict[str, Any]:
    try:
        return {"SecretString": value.decode()}
    except UnicodeDecodeError:
        return {"SecretBinary": value}


def _refuse_if_field_missing(reference: SecretReference, settings: Settings) -> None:
    """Raise where the secret is there without the field: neither created nor there."""
    try:
        fetch(reference, settings)
    except NotThere:
        told = "%s is there without the field %s: add the field by hand, AWS offers no safe way." % (_place(reference), reference.field)
        raise SecretError(told) from None
