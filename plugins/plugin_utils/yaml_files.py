# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's own YAML files, read so that their templates are trusted on every supported ansible-core."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import trust

COLLECTION = Path(__file__).resolve().parents[2]
SHIPPED = tuple(f"{COLLECTION / name}/" for name in ("catalogue", "roles"))
FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
KEPT = "_groundwork_parsed"  # an attribute of the DataLoader, so that what was read ends with it


def yaml_loader(loader: Any, trusted: bool = True) -> Callable[[Path | str], Any]:
    """Return a function that reads a YAML file through Ansible's DataLoader. What it returns is shared: nobody may change it.

    trusted: whether its templates are. ansible-core 2.19 and newer template only what is tagged so.
    The DataLoader keeps what it has read too, but copies it each time, which takes longer than all that is done with it. It also notes
    of each value where it stands, which takes ten times as long as reading it: of what the collection brings nobody asks.
    """
    asked = trusted and "trusted_as_template" in inspect.signature(loader.load_from_file).parameters
    options = {"trusted_as_template": True} if asked else {}
    kept: dict[tuple[str, bool], Any] = getattr(loader, KEPT, {})
    with contextlib.suppress(AttributeError):  # one that takes no attributes keeps nothing
        setattr(loader, KEPT, kept)

    def read(path: Path | str) -> Any:
        key = (str(path), asked)
        if key not in kept and key[0].startswith(SHIPPED):
            found = yaml.load(Path(key[0]).read_bytes(), Loader=FAST)  # noqa: S506  # one of the two safe ones
            kept[key] = trust(found, "{{") if trusted else found
        elif key not in kept:
            kept[key] = loader.load_from_file(key[0], **options)
        return kept[key]

    return read
