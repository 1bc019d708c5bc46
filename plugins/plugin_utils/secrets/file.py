# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in files of the controller, one each: `secret://file/orders/db_password`. One newline at the end is left out."""

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import NotThere, SecretError, Settings

OPTIONS = {"directory": "the directory of the files, by default `.groundwork/secrets` beside the inventory"}


def fetch(reference: SecretReference, settings: Settings) -> bytes:
    """Return the content of the file."""
    if reference.field is not None:
        raise SecretError("A file has no fields: leave #%s out, or use the backend ansible_vault." % reference.field)
    directory = settings.path("directory", ".groundwork/secrets").resolve()
    path = (directory / reference.path).resolve()
    if not path.is_relative_to(directory):
        raise SecretError("The path leads out of the directory %s." % directory)
    try:
        value = path.read_bytes()
    except FileNotFoundError:
        raise NotThere("%s: No such file or directory. Create the file, readable by you." % path) from None
    if not value.strip():
        raise SecretError("The file %s is empty." % path)
    return value.removesuffix(b"\n")


def explain(error: Exception) -> str:
    """Return what went wrong, without any value."""
    if isinstance(error, OSError):
        return "%s: %s. Create the file, readable by you." % (error.filename, error.strerror)
    return "Reading the file failed (%s)." % type(error).__name__
