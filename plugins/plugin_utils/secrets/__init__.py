# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secret backends: each is one file in this folder with `OPTIONS`, `fetch(reference, settings)` and `explain(error)`.

A secret never appears in an error: what a user reads is the reference and what `explain` says of the failure.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, nearest, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference, parse


@dataclass(frozen=True)
class Settings:
    """What a backend knows besides the reference.

    options: the backend's entry in fleet_secret_backends. inventory_directory: what relative paths are relative to.
    load_yaml: reads a YAML file, decrypted with the run's vault secrets.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    inventory_directory: str | None = None
    load_yaml: Callable[[str], Any] | None = None

    def path(self, option: str, default: str) -> Path:
        """Return a path from the options; a relative one is one beside the inventory."""
        path = Path(str(self.options.get(option, default))).expanduser()
        return path if path.is_absolute() else Path(self.inventory_directory or ".") / path


class SecretError(Exception):
    """A backend's own refusal; its text is for the user and never has a value in it."""


class Backend(Protocol):
    """What each file of this folder has."""

    OPTIONS: Mapping[str, str]

    def fetch(self, reference: SecretReference, settings: Settings) -> bytes:
        """Return the secret."""

    def explain(self, error: Exception) -> str:
        """Return what went wrong and how to mend it, without any value."""


def known() -> list[str]:
    """Return the names of all backends: the files in this folder."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem != "__init__")


def backend(name: str, where: str) -> Backend:
    """Return the backend `name`."""
    if name not in known():
        raise unknown_name("secret backend", where, name, known())
    return cast(Backend, importlib.import_module("%s.%s" % (__name__, name)))


def configured(declared: object) -> dict[str, dict[str, Any]]:
    """Return name to options of all backends that a reference may name. declared: the value of fleet_secret_backends."""
    found: dict[str, dict[str, Any]] = {name: {"backend": name} for name in known()}
    if declared is None:
        return found
    if not isinstance(declared, Mapping):
        remedy = "Write fleet_secret_backends: {team: {backend: file, directory: secrets}}."
        raise bad_input("fleet_secret_backends", declared, "a mapping of name to options", remedy)
    for name, options in declared.items():
        where = "fleet_secret_backends.%s" % name
        if not isinstance(options, Mapping):
            raise bad_input(where, options, "a mapping", "Write {backend: file, …}.", secret=True)
        kind = str(options.get("backend", name))
        allowed = backend(kind, "%s.backend" % where).OPTIONS
        for option in options:
            if option != "backend" and option not in allowed:
                raise unknown_name("option of the backend %s" % kind, "an option of %s" % where, str(option), ["backend", *allowed])
        found[str(name)] = {**options, "backend": kind}
    return found


def resolve(text: str, where: str, backends: Mapping[str, Mapping[str, Any]], settings: Settings) -> bytes:
    """Return the secret that the reference `text` stands for.

    where: the variable that holds it. backends: what `configured` returned. settings: those without options.
    """
    reference = parse(text, where)
    if reference.backend not in backends:
        close = nearest(reference.backend, backends)
        remedy = "Did you mean secret://%s/…?" % close if close else "Known: %s." % ", ".join(sorted(backends))
        raise bad_input(where, text, "a backend that fleet_secret_backends has", remedy)
    options = backends[reference.backend]
    one = backend(str(options["backend"]), where)
    try:
        return one.fetch(reference, Settings(options, settings.inventory_directory, settings.load_yaml))
    except BadInput:
        raise
    except Exception as error:
        remedy = str(error) if isinstance(error, SecretError) else one.explain(error)
        expected = "a secret that the backend %r has" % reference.backend
        # Not `from error`: the cause may have a piece of the secret in its text.
        raise bad_input(where, text, expected, remedy) from None
