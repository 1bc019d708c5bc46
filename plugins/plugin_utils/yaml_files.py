# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's own YAML files, read so that their templates are trusted on every supported ansible-core."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any


def yaml_loader(loader: Any) -> Callable[[Path], Any]:
    """Return a function that reads a YAML file through Ansible's DataLoader.

    ansible-core 2.19 and newer template only what is tagged as trusted; files of the collection and of the inventory are.
    """
    if "trusted_as_template" in inspect.signature(loader.load_from_file).parameters:
        return lambda path: loader.load_from_file(str(path), trusted_as_template=True)
    return lambda path: loader.load_from_file(str(path))
