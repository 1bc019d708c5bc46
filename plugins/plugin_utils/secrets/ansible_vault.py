# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in vault-encrypted YAML files: `secret://ansible_vault/orders.yml#db_password`."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import NotThere, SecretError, Settings

OPTIONS = {
    "directory": "the directory of the files, by default `.groundwork/secrets` beside the inventory",
    "file": "one file for all: the path of a reference is a field then",
}


def fetch(reference: SecretReference, settings: Settings) -> bytes:
    """Return the field of the decrypted file; a dot in the field leads into a mapping."""
    single = "file" in settings.options
    name = reference.path if single else reference.field
    path = settings.path("file", "") if single else settings.path("directory", ".groundwork/secrets") / reference.path
    if name is None:
        raise SecretError("Name the field: %s#field." % reference)
    head = path.read_bytes()
    if not head.startswith(b"$ANSIBLE_VAULT") and b"!vault" not in head:
        raise SecretError("The file %s is not encrypted: run ansible-vault encrypt on it." % path)
    if settings.load_yaml is None:
        raise SecretError("This backend needs Ansible's DataLoader.")
    value = settings.load_yaml(str(path))
    for part in name.replace("/", ".").split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise NotThere("The file %s has no field %s: add it with ansible-vault edit." % (path, name))
        value = value[part]
    if value is None or isinstance(value, (Mapping, list)):
        raise SecretError("The field %s of %s is not a text." % (name, path))
    return str(value).encode()


def explain(error: Exception) -> str:
    """Return what went wrong, without any value."""
    if isinstance(error, OSError):
        return "%s: %s. Create it with ansible-vault create." % (error.filename, error.strerror)
    return "The file could not be decrypted (%s): give --vault-id or --vault-password-file." % type(error).__name__
