# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in environment variables of the controller: `secret://env/DB_PASSWORD`."""

from __future__ import annotations

import os

from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import NotThere, SecretError, Settings

OPTIONS = {"prefix": "what all variables begin with, it is left out of references"}


def fetch(reference: SecretReference, settings: Settings) -> bytes:
    """Return the value of the variable that the path names."""
    if reference.field is not None:
        raise SecretError("A variable has no fields: leave #%s out." % reference.field)
    name = str(settings.options.get("prefix", "")) + reference.path
    value = os.environb.get(os.fsencode(name))
    if value is None:
        raise NotThere("Set the environment variable %s where ansible-playbook runs." % name)
    if not value:
        raise SecretError("The environment variable %s is empty." % name)
    return value


def explain(error: Exception) -> str:
    """Return what went wrong, without any value."""
    return "Reading the environment failed (%s)." % type(error).__name__
