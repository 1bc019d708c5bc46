# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in files of the controller, one each: `secret://file/orders/db_password`. One newline at the end is left out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ansible_collections.groundwork.fleet.plugins.plugin_utils.private_files import create_whole, private_directory, write_atomically
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import AlreadyThere, NotThere, SecretError, Settings

OPTIONS = {"directory": "the directory of the files, by default `.groundwork/secrets` beside the inventory"}


def fetch(reference: SecretReference, settings: Settings) -> bytes:
    """Return the content of the file."""
    path = _path(reference, settings)
    try:
        value = path.read_bytes()
    except FileNotFoundError:
        raise NotThere("%s: No such file or directory. Create the file, readable by you." % path) from None
    if not value.strip():
        raise SecretError("The file %s is empty." % path)
    return value.removesuffix(b"\n")


def _path(reference: SecretReference, settings: Settings) -> Path:
    if reference.field is not None:
        raise SecretError("A file has no fields: leave #%s out, or use the backend ansible_vault." % reference.field)
    directory = settings.path("directory", ".groundwork/secrets").resolve()
    path = (directory / reference.path).resolve()
    if not path.is_relative_to(directory):
        raise SecretError("The path leads out of the directory %s." % directory)
    return path


def store(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Create the file with mode 0600, whole or not at all, and never in the place of another one."""
    path = _path(reference, settings)
    if not path.parent.exists():  # one that is there has the mode that somebody gave it
        private_directory(path.parent)
    try:
        create_whole(path, value, 0o600)
    except FileExistsError:
        raise AlreadyThere("%s is there by now." % path) from None


def replace(reference: SecretReference, value: bytes, settings: Settings) -> None:
    """Put a new value in the place of the old one."""
    path = _path(reference, settings)
    if not path.is_file():
        raise NotThere("%s: No such file, so nothing to replace." % path)
    write_atomically(path, value, 0o600)


def changed_at(reference: SecretReference, settings: Settings) -> datetime | None:
    """Return when the file was written."""
    return datetime.fromtimestamp(_path(reference, settings).stat().st_mtime, UTC)


def explain(error: Exception) -> str:
    """Return what went wrong, without any value."""
    if isinstance(error, OSError):
        return "%s: %s. Create the file, readable by you." % (error.filename, error.strerror)
    return "Reading the file failed (%s)." % type(error).__name__
