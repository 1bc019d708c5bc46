# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports what the controller sent as text: the files of module_utils that the steps of one call use (plugin_utils/step_code.py).

Ansible would send every file that some step may use, and look through all of them for imports in each run.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from types import CodeType, ModuleType
from typing import Any, Dict, Mapping, Optional

PACKAGE = "ansible_collections.groundwork.fleet.plugins.module_utils"


class Finder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds and loads the modules of `sources`: their names to their texts. Those that others stand in are packages."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources
        self._packages = {name.rpartition(".")[0] for name in sources}

    def find_spec(self, fullname: str, path: Any = None, target: Optional[ModuleType] = None) -> Optional[importlib.machinery.ModuleSpec]:
        """Return how a module is loaded, None for one that was not sent."""
        if fullname not in self._sources:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, origin=_path(fullname), is_package=fullname in self._packages)

    def is_package(self, fullname: str) -> bool:
        """Tell whether other modules stand in this one."""
        return fullname in self._packages

    def get_source(self, fullname: str) -> str:
        """Return the text of a module; who takes code along, as the guard does, and a traceback ask for it."""
        return self._sources[fullname]

    def get_code(self, fullname: str) -> CodeType:
        """Return the compiled module."""
        return self.source_to_code(self._sources[fullname], _path(fullname))


def _path(name: str) -> str:
    return name.replace(".", "/") + ".py"


def install(sources: Dict[str, str]) -> None:
    """Have what was sent imported where nothing else has a module of that name. sources: names below PACKAGE to texts."""
    if sources:
        sys.meta_path.append(Finder({"%s.%s" % (PACKAGE, name): text for name, text in sources.items()}))
