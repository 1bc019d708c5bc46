# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in vault-encrypted YAML files: `secret://ansible_vault/orders.yml#db_password`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_documents, secret_files
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import AlreadyThere, NotThere, SecretError, Settings

OPTIONS = {
    "directory": secret_files.DIRECTORY_HELP,
    "file": "one file for all: the path of a reference is a field then",
}
HEADER, INLINE = b"$ANSIBLE_VAULT", b"!vault"
FIELD = re.compile(r"^[A-Za-z_][A-Za-z0-9_-]*$")
CREATE = "Create it with ansible-vault create."


def _place(reference: SecretReference, settings: Settings) -> tuple[Path, str]:
    """Return the file and the field in it, whose dots lead into mappings."""
    single = "file" in settings.options
    name = reference.path if single else reference.field
    if name is None:
        raise SecretError("Name the field: %s#field." % reference)
    return settings.path("file", "") if single else secret_files.place(reference, settings), name.replace("/", ".")


def fetch(reference: SecretReference, settings: Settings) -> bytes:
    """Return the field of the decrypted file; a dot in the field leads into a mapping."""
    path, name = _place(reference, settings)
    head = secret_files.read(path, CREATE)
    if not head.startswith(HEADER) and INLINE not in head:
        raise SecretError("The file %s is not encrypted: run ansible-vault encrypt on it." % path)
    value = _loaded(path, settings)
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            told = secret_documents.remedy(value, part)
            raise NotThere("The file %s has no field %s: add it with ansible-vault edit.%s" % (path, name, told))
        value = value[part]
    if value is None or isinstance(value, (Mapping, list)):
        raise SecretError("The field %s of %s is not a text." % (name, path))
    return str(value).encode()


def _loaded(path: Path, settings: Settings) -> Any:
    if settings.load_yaml is None:
        raise SecretError("This backend needs Ansible's DataLoader.")
    return settings.load_yaml(str(path))


def store(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Add the field at the end of the file, and the file where there is none; comments and order of the others stay."""
    path, name = _place(reference, settings)
    if not FIELD.match(name):
        raise SecretError("A field of letters, digits, - and _ can be added, %s has to be by ansible-vault edit." % name)
    line = "%s: %s\n" % (name, json.dumps(_text(value)))
    if settings.vault is None or not settings.vault.secrets:
        raise SecretError("To encrypt it, give --vault-id or --vault-password-file.")
    if not path.exists():
        secret_files.create(path, lambda: settings.vault.encrypt(("---\n" + line).encode()))
        return
    with secret_files.alone(path.parent):
        content = path.read_bytes()
        present = _loaded(path, settings)
        if present is not None and not isinstance(present, Mapping):
            raise SecretError("The file %s is no mapping, so a field cannot be added." % path)
        if name in (present or {}):
            raise AlreadyThere("The field %s of %s is there by now." % (name, path))
        if content.startswith(HEADER):
            secret_files.replace(path, settings.vault.encrypt(_added(settings.vault.decrypt(content), line.encode(), path)))
        else:
            secret = "".join("  %s\n" % row for row in settings.vault.encrypt(value).decode().splitlines())
            secret_files.replace(path, _added(content, ("%s: !vault |\n%s" % (name, secret)).encode(), path))


def _added(content: bytes, entry: bytes, path: Path) -> bytes:
    """Return a YAML text with one more entry. Raises SecretError where it is not written line by line, or goes on after a `...`."""
    lines = [line for line in content.splitlines() if line.strip() and not line.lstrip().startswith(b"#")]
    if any(line.startswith((b"{", b"...")) for line in lines):
        raise SecretError("The file %s is not one mapping written in lines: add the field with ansible-vault edit." % path)
    return content + (b"" if content.endswith(b"\n") or not content else b"\n") + entry


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        pass  # not `from`: the error has the value
    raise SecretError("What is to be stored is not text in UTF-8.")


def changed_at(reference: SecretReference, settings: Settings) -> datetime | None:
    """Return when the file was written; of one of several fields nobody knows more."""
    return secret_files.changed_at(_place(reference, settings)[0])


def explain(error: Exception) -> str:
    """Return what went wrong, without any value."""
    if isinstance(error, OSError):
        return secret_files.told(error, CREATE)
    return "The file could not be decrypted (%s): give --vault-id or --vault-password-file." % type(error).__name__
