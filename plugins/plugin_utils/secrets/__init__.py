# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secret backends: each is one file in this folder with `OPTIONS`, `fetch(reference, settings)` and `explain(error)`.

A backend may have more, see `Backend`: what it lacks, the core does without. A secret never appears in an error: what a user reads is
the reference and what `explain` says of the failure. Any thread may call a backend, several at once: what they share is made by
`Settings.kept`.
"""

from __future__ import annotations

import functools
import importlib
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, TypeVar, cast

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, nearest, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_recipe
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference, is_reference, parse

_T = TypeVar("_T")


class SecretError(Exception):
    """A backend's own refusal; its text is for the user and never has a value in it."""


class NotThere(SecretError):
    """The backend was reached and has no such secret, or the secret has no such field. Only then may `?generate=` make one."""


class AlreadyThere(SecretError):
    """`store` found the secret there: somebody was quicker. What is there counts, so the core fetches it."""


class MissingLibrary(SecretError):
    """The Python package of a backend is not installed.

    package: its name for pip. extra: what follows it in pip's line, a version or [extras]: ">=2.3".
    """

    def __init__(self, package: str, extra: str = "") -> None:
        line = "pip install '%s%s'" % (package, extra) if extra else "pip install %s" % package
        super().__init__("It needs the Python package %s where ansible-playbook runs: %s." % (package, line))


def library(name: str, package: str, extra: str = "") -> ModuleType:
    """Return the module `name` of an optional Python package. Raises MissingLibrary."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise MissingLibrary(package, extra) from None


@dataclass(frozen=True)
class Settings:
    """What a backend knows besides the reference. One lives as long as the run for each entry of fleet_secret_backends.

    options: the backend's entry in fleet_secret_backends. inventory_directory: what relative paths are relative to.
    load_yaml: reads a YAML file, decrypted with the run's vault secrets. resolve: gives what another reference stands for.
    vault: Ansible's VaultLib with the run's vault secrets.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    inventory_directory: str | None = None
    load_yaml: Callable[[str], Any] | None = None
    resolve: Callable[[str], bytes] | None = None
    vault: Any = None
    _kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, compare=False, repr=False)

    def path(self, option: str, default: str) -> Path:
        """Return a path from the options; a relative one is one beside the inventory."""
        path = Path(str(self.options.get(option, default))).expanduser()
        return path if path.is_absolute() else Path(self.inventory_directory or ".") / path

    def has(self, option: str) -> bool:
        """Tell whether the options give `option`, or a file with it as `<option>_file`."""
        return self.options.get(option) not in (None, "") or self.options.get(option + "_file") not in (None, "")

    def secret(self, option: str) -> str:
        """Return a secret option: its value, what it refers to as `secret://…`, or the content of the file `<option>_file`.

        Raises SecretError where it is not given or cannot be had.
        """
        value = self.options.get(option)
        if value not in (None, ""):
            if not is_reference(value):
                return str(value)
            if self.resolve is None:
                raise SecretError("The option %s is a reference, which this backend cannot follow here." % option)
            return self._text(option, self.resolve(str(value)))
        if not self.options.get(option + "_file"):
            raise SecretError("Give the option %s, or a file with it as %s_file, in fleet_secret_backends." % (option, option))
        path = self.path(option + "_file", "")
        try:
            return self._text(option, path.read_bytes()).strip()
        except OSError as error:
            raise SecretError("%s_file is %s: %s." % (option, path, error.strerror)) from None

    @staticmethod
    def _text(option: str, value: bytes) -> str:
        try:
            return value.decode()
        except UnicodeDecodeError:
            pass  # not `from`: the error has the value
        raise SecretError("The option %s is not text in UTF-8." % option)

    def kept(self, name: str, make: Callable[[], _T]) -> _T:
        """Return what `make` made for `name` when it was first asked for in this run: a client, a token. Safe between threads."""
        with self._lock:
            if name not in self._kept:
                self._kept[name] = make()
            return cast(_T, self._kept[name])

    def without(self, name: str) -> Settings:
        """Return the same settings, with everything kept so far but `name`."""
        with self._lock:
            return replace(self, _kept={key: value for key, value in self._kept.items() if key != name})

    def forget(self, name: str) -> None:
        """Have the next `kept` make it anew: a token has expired."""
        with self._lock:
            self._kept.pop(name, None)


class Backend(Protocol):
    """What each file of this folder has: `OPTIONS`, `fetch` and `explain`. The others are optional, `optional` finds them.

    OPTIONS: name to meaning of what its entry in fleet_secret_backends takes. REFERENCE_OPTIONS: the same for `?name=value` of a reference.
    """

    OPTIONS: Mapping[str, str]
    REFERENCE_OPTIONS: Mapping[str, str]

    def fetch(self, reference: SecretReference, settings: Settings) -> bytes:
        """Return the secret. Raises NotThere where the backend has no such secret or field."""

    def explain(self, error: Exception) -> str:
        """Return what went wrong and how to mend it, without any value."""

    def fetch_many(self, references: Iterable[SecretReference], settings: Settings) -> dict[SecretReference, bytes]:
        """Return what can be had of them in one request; the core asks for the rest one by one, to learn why."""

    def store(self, reference: SecretReference, value: bytes, settings: Settings) -> None:
        """Create the secret, never overwrite one. Raises AlreadyThere where it is there by now."""

    def replace(self, reference: SecretReference, value: bytes, settings: Settings) -> None:
        """Write a new version of a secret that is there."""

    def transient(self, error: Exception) -> bool:
        """Tell whether it may go well when tried again: 429, 5xx, a lost connection."""

    def changed_at(self, reference: SecretReference, settings: Settings) -> datetime | None:
        """Return when the secret got its value, with a time zone; None where the backend does not know."""

    def close(self, settings: Settings) -> None:
        """Give back what the run was lent: leases, tokens. Called once at its end. Renewing is the backend's own."""


def known() -> list[str]:
    """Return the names of all backends: the files in this folder."""
    return list(_names(os.path.dirname(__file__)))


@functools.cache
def _names(directory: str) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in Path(directory).glob("*.py") if path.stem != "__init__"))


def backend(name: str, where: str) -> Backend:
    """Return the backend `name`."""
    if name not in known():
        raise unknown_name("secret backend", where, name, known())
    return cast(Backend, importlib.import_module("%s.%s" % (__name__, name)))


def optional(one: Backend, part: str) -> Any:
    """Return an optional part of a backend, None where it lacks it."""
    return getattr(one, part, None)


#: What every entry of fleet_secret_backends takes besides the options of its backend.
COMMON_OPTIONS = {
    "backend": "which backend it is, by default the one of the entry's name",
    "parallel": "how many requests at once, by default 8",
    "retries": "how often a request is repeated that may go well later, by default 4",
}


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
            if option not in COMMON_OPTIONS and option not in allowed:
                raise unknown_name("option of the backend %s" % kind, "an option of %s" % where, str(option), [*COMMON_OPTIONS, *allowed])
        for option, lowest in (("parallel", 1), ("retries", 0)):
            value = options.get(option, lowest)
            if not str(value).isdecimal() or int(value) < lowest:
                raise bad_input("%s.%s" % (where, option), value, "a whole number from %d on" % lowest, "Leave it out for the default.")
        found[str(name)] = {**options, "backend": kind}
    return found


def checked(text: str, where: str, backends: Mapping[str, Mapping[str, Any]]) -> SecretReference:
    """Return what the reference `text` says, after everything that can be judged without asking the backend. Raises BadInput.

    where: the variable that holds it. backends: what `configured` returned.
    """
    reference = parse(text, where)
    if reference.backend not in backends:
        close = nearest(reference.backend, backends)
        remedy = "Did you mean secret://%s/…?" % close if close else "Known: %s." % ", ".join(sorted(backends))
        raise bad_input(where, text, "a backend that fleet_secret_backends has", remedy)
    kind = str(backends[reference.backend]["backend"])
    allowed = {**secret_recipe.OPTIONS, **(optional(backend(kind, where), "REFERENCE_OPTIONS") or {})}
    for option in reference.options:
        if option not in allowed:
            raise unknown_name("option of a reference", "an option of %s in %s" % (text, where), option, allowed)
    secret_recipe.recipe(reference, where)
    return reference


def told(one: Backend, error: Exception) -> str:
    """Return what a user reads of a failure of a backend; never a value."""
    return str(error) if isinstance(error, (SecretError, BadInput)) else one.explain(error)


def refused(text: str, where: str, name: str, remedy: str) -> BadInput:
    """Return the one error for a reference that its backend cannot resolve. name: that of the backend's entry."""
    return bad_input(where, text, "a secret that the backend %r has" % name, remedy)


def resolve(text: str, where: str, backends: Mapping[str, Mapping[str, Any]], settings: Settings) -> bytes:
    """Return the secret that the reference `text` stands for: one request, no cache, nothing is generated. Raises BadInput.

    where: the variable that holds it. backends: what `configured` returned. settings: those without options.
    """
    reference = checked(text, where, backends)
    options = backends[reference.backend]
    one = backend(str(options["backend"]), where)
    try:
        return one.fetch(secret_recipe.stored(reference), replace(settings, options=options))
    except BadInput:
        raise
    except Exception as error:
        remedy = told(one, error)
    # Not within the handler: the error's text may have a piece of the secret.
    raise refused(text, where, reference.backend, remedy)
