# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that a program of your own writes to its stdout: the way to every store that has no backend here.

The program is started with a list of arguments and never by a shell, so nothing in a reference can become a command.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import nearest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_documents, secret_programs
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_programs import ProgramFailed
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import NotThere, SecretError, Settings

OPTIONS = {
    "argv": "the program and its arguments, a list; {path}, {field} and {version} in them are filled in from the reference",
    "version": "what stands for {version} where a reference has no ?version=",
    "fields": "true: the program writes a mapping in JSON or YAML, #field is taken out of it; by default stdout is the secret",
    "missing": "the exit status that says that there is no such secret; by default every one but 0 is a failure",
    "timeout": "how many seconds the program may take, by default 60",
}
REFERENCE_OPTIONS = {"version": "what stands for {version} in argv"}
PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
HINTS = {
    "field": "name the field in the reference, #field",
    "version": "give ?version= in the reference, or a default as the option version",
}
INSTALL = "Install it, or give its path in argv."


def fetch(reference: SecretReference, settings: Settings) -> bytes:
    """Return what the program writes, without one newline at the end."""
    fields = settings.options.get("fields") is True
    values = {"path": reference.path, **reference.options}
    if "version" in settings.options:
        values.setdefault("version", str(settings.options["version"]))
    if not fields and reference.field is not None:
        values["field"] = reference.field
    command = _command(settings.options.get("argv"), values)
    if not fields and reference.field is not None and not any("{field}" in str(one) for one in settings.options["argv"]):
        raise SecretError("argv has no {field} and fields is not true: leave #%s out." % reference.field)
    try:
        value = secret_programs.output(command, INSTALL, seconds=secret_programs.time_limit(settings))
    except ProgramFailed as error:
        if error.status == settings.options.get("missing"):
            raise NotThere("%s ended with status %d: there is no such secret." % (command[0], error.status)) from None
        raise
    if not value.strip():
        raise SecretError("%s wrote nothing to stdout." % command[0])
    if fields:
        place = "What %s wrote" % command[0]
        return secret_documents.chosen(secret_documents.parsed(value, place), reference, place)
    return value.removesuffix(b"\n")


def explain(error: Exception) -> str:
    """Return what went wrong, without any value."""
    if isinstance(error, ProgramFailed):
        return "%s: start it by hand to see why; what it says is not shown here, there may be a secret in it." % error
    return "The program failed (%s)." % type(error).__name__


def _command(argv: Any, values: Mapping[str, str]) -> list[str]:
    if not isinstance(argv, list) or not argv:
        raise SecretError("Give the option argv in fleet_secret_backends: a list like [my-store, get, --, '{path}'].")
    return [_filled(str(one), values) for one in argv]


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Fill in each {name}; what is filled in is not looked at again, and other braces stay."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name in values:
            return values[name]
        if name in HINTS:
            raise SecretError("argv has {%s}: %s." % (name, HINTS[name]))
        close = nearest(name, values)
        remedy = "Did you mean {%s}?" % close if close else "There is %s." % ", ".join("{%s}" % one for one in sorted(values))
        raise SecretError("argv has {%s}, for which there is no value. %s" % (name, remedy))

    return PLACE.sub(value, text)
