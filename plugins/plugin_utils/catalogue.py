# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue: content by kind and name, the collection's own overlaid by the user's directories."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils.inventory_directory import inventory_directory
from ansible_collections.groundwork.fleet.plugins.plugin_utils.layers import kind_of, merge_layers

#: The catalogue that the collection brings.
SHIPPED = Path(__file__).resolve().parents[2] / "catalogue"

Load = Callable[[str], Any]


def directories(declared: object, inventory: object) -> list[Path]:
    """Return all catalogue directories, weakest first.

    declared: the value of fleet_catalogue_directories, None where it is not set: then the folder `catalogue`
    beside the inventory counts, where there is one. inventory: the value of inventory_dir.
    """
    given = inventory_directory(inventory)
    beside = Path(given) if given else None
    if declared is None:
        own = beside / ".groundwork" / "catalogue" if beside else None
        return [SHIPPED, own] if own is not None and own.is_dir() else [SHIPPED]
    if isinstance(declared, str) or not isinstance(declared, Sequence):
        remedy = "It is %s: write a list of directories." % kind_of(declared)
        raise bad_input("fleet_catalogue_directories", declared, "a list of directories", remedy)
    found = [SHIPPED]
    for number, one in enumerate(declared):
        path = Path(str(one)).expanduser()
        if not path.is_absolute() and beside:
            path = beside / path
        if not path.is_dir():
            where = "fleet_catalogue_directories[%d]" % number
            raise bad_input(where, str(one), "an existing directory", "Create it, or take it off the list.")
        found.append(path)
    return found


def kinds(roots: Iterable[Path]) -> list[str]:
    """Return the kinds of entries there are: the folders of the catalogues."""
    return sorted({folder.name for root in roots if root.is_dir() for folder in root.iterdir() if folder.is_dir()})


def files(root: Path, kind: str) -> list[Path]:
    """Return the entry files of `kind` in one catalogue; tests of entries are none."""
    return sorted(path for path in (root / kind).glob("*.yml") if not path.stem.endswith("_test"))


class Entries(Mapping[str, Any]):
    """Name to entry of one kind; an entry of a later directory is laid over that of an earlier one.

    A file is read when its entry is asked for.
    """

    def __init__(self, roots: Sequence[Path], kind: str, load: Load) -> None:
        """Find the files of `kind`. Raises BadInput where there is no such kind."""
        known = kinds(roots)
        if kind not in known:
            raise unknown_name("kind of the catalogue", "catalogue kind", kind, known)
        self._kind = kind
        self._load = load
        self._files: dict[str, list[Path]] = {}
        for root in roots:
            for path in files(root, kind):
                self._files.setdefault(path.stem, []).append(path)

    def __getitem__(self, name: str) -> Any:
        """Return the entry `name`. Raises KeyError."""
        layers = [self._read(path) for path in self._files[name]]
        return layers[0] if len(layers) == 1 else merge_layers(layers, "catalogue/%s/%s.yml" % (self._kind, name))

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(sorted(self._files))

    def __len__(self) -> int:
        """Return how many entries there are."""
        return len(self._files)

    def __contains__(self, name: object) -> bool:
        """Return whether there is a file of this name, without reading it."""
        return name in self._files

    def entry(self, name: str) -> Any:
        """Return the entry `name`, or refuse with the nearest name."""
        if name not in self._files:
            raise unknown_name("entry of catalogue/%s" % self._kind, "catalogue %s" % self._kind, name, self)
        return self[name]

    def _read(self, path: Path) -> dict[str, Any]:
        entry = self._load(str(path))
        if not isinstance(entry, dict):
            remedy = "It is %s: write key: value pairs." % kind_of(entry)
            raise bad_input("catalogue file %s" % path, entry, "a mapping", remedy)
        return entry
