# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in files of the controller, one each: `secret://file/orders/db_password`. One newline at the end is left out."""

from __future__ import annotations

from datetime import datetime

from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_files
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import SecretError, Settings

OPTIONS = {"directory": secret_files.DIRECTORY_HELP}
CREATE = "Create the file, readable by you."


def fetch(reference: SecretReference, settings: Settings) -> bytes:
    """Return the content of the file."""
    if reference.field is not None:
        raise SecretError("A file has no fields: leave #%s out, or use the backend ansible_vault." % reference.field)
    path = secret_files.place(reference, settings)
    value = secret_files.read(path, CREATE)
    if not value.strip():
        raise SecretError("The file %s is empty." % path)
    return value.removesuffix(b"\n")


def store(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Create the file."""
    secret_files.create(secret_files.place(reference, settings), lambda: value)


def replace(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Put a new value into the file."""
    secret_files.replace(secret_files.place(reference, settings), value)


def changed_at(reference: SecretReference, settings: Settings) -> datetime | None:
    """Return when the file was written."""
    return secret_files.changed_at(secret_files.place(reference, settings))


def explain(error: Exception) -> str:
    """Return what went wrong, without any value."""
    if isinstance(error, OSError):
        return secret_files.told(error, CREATE)
    return "Reading the file failed (%s)." % type(error).__name__
