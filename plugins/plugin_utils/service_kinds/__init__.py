# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service is made of: each kind is one file in this folder, named as the key of a declaration that chooses it.

It has what `Kind` says. What a kind does not decide (files, secrets, sandbox, health, observation) is the same for all and stands outside.
"""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input

if TYPE_CHECKING:
    from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_declared import Service


class Kind(Protocol):
    """What each file of this folder has. `check`, `version` and `restart_on` are optional, `optional` finds them.

    KEYS: the keys of a declaration that only this kind takes, or only some kinds do; a kind that has not the key refuses it.
    OWN_USER: whether it runs as a user of its own, `service.user` and `service.group`, who may read its files and write its directories.
    """

    KEYS: tuple[str, ...]
    OWN_USER: bool

    def check(self, service: Service) -> None:
        """Refuse what can be judged before anything else is read. Raises BadInput."""

    def unit(self, service: Service) -> str:
        """Return the name of the service's unit."""

    def version(self, service: Service) -> str:
        """Return what an error calls the version: "release 2.4.1"."""

    def parts(self, service: Service) -> dict[str, dict[str, Any]]:
        """Return what the kind adds to sections of the plan (`packages`, `releases`, `users`); `service.removing` tells what for."""

    def unit_files(self, service: Service) -> dict[str, dict[str, Any]]:
        """Return the files of the service's unit, path to what the module `files` takes."""

    def restart_on(self, service: Service) -> list[str]:
        """Return the paths besides its files that make the unit restart when they change."""


def known() -> tuple[str, ...]:
    """Return the names of all kinds: the files in this folder."""
    return _names(os.path.dirname(__file__))


@functools.cache
def _names(directory: str) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in Path(directory).glob("*.py") if path.stem != "__init__"))


def kind(name: str) -> Kind:
    """Return the kind `name`, one of `known`."""
    return cast(Kind, importlib.import_module("%s.%s" % (__name__, name)))


def chosen(declaration: Mapping[str, Any], where: str) -> str:
    """Return the kind of a declaration, the one of its keys that names one. Raises BadInput where none or several do."""
    kinds = [name for name in known() if declaration.get(name) is not None]
    if len(kinds) != 1:
        expected = "exactly one of %s and %s" % (", ".join(known()[:-1]), known()[-1])
        remedy = "Keep one of them." if kinds else "Add one of them, or `catalogue: NAME` of an entry that has it."
        raise bad_input(where, kinds or sorted(map(str, declaration)), expected, remedy)
    return kinds[0]


def optional(one: Kind, part: str) -> Any:
    """Return an optional part of a kind, None where it lacks it."""
    return getattr(one, part, None)


def own_keys() -> set[str]:
    """Return every key that some kind takes and that is not one of all services."""
    return {key for name in known() for key in (name, *kind(name).KEYS)}
