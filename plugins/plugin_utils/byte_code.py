# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has what runs on the controller, and module_utils, imported with Python's byte code cache.

Ansible's loader of collections compiles every file anew in every run, which took a fifth of a second of a run of one host.
"""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

PARENT = __name__.rpartition(".")[0].rpartition(".")[0]
PACKAGES = (f"{PARENT}.plugin_utils.", f"{PARENT}.module_utils.")


class CachedFinder(MetaPathFinder):
    """Finds our own files as Python finds all others: what is compiled stands in `__pycache__`, where that can be written."""

    def __init__(self) -> None:
        self._folders: dict[str, importlib.machinery.FileFinder] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return where a module of ours is, None for any other and for what is no file."""
        if not fullname.startswith(PACKAGES) or not path:
            return None
        folder = next(iter(path))
        if folder not in self._folders:
            source = (importlib.machinery.SourceFileLoader, importlib.machinery.SOURCE_SUFFIXES)
            self._folders[folder] = importlib.machinery.FileFinder(folder, source)
        return self._folders[folder].find_spec(fullname, target)


def keep() -> None:
    """Have further imports of ours use it. Called where a plugin runs: the import of a plugin may change nothing of Python's."""
    if not any(isinstance(one, CachedFinder) for one in sys.meta_path):
        sys.meta_path.insert(0, CachedFinder())
