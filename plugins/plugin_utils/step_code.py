# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files of module_utils a host needs to run the steps of one call; they travel with the steps (module_utils/sent_code.py)."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ansible_collections.groundwork.fleet.plugins.module_utils import sent_code

FOLDER = Path(sent_code.__file__).parent
MODULE = FOLDER.parent / "modules" / "converge.py"
#: An import of ours, on one line or in parentheses, wherever it stands.
IMPORT = re.compile(rf"^[ \t]*from {re.escape(sent_code.PACKAGE)}(?:\.([\w.]+))? import (?:\(([^)]*)\)|([^\n#]*))", re.MULTILINE)


@functools.cache
def _text(name: str) -> str | None:
    """Return the text of a module by its name below module_utils, None where there is none."""
    path = FOLDER.joinpath(*name.split("."))
    for file in (path.with_name(path.name + ".py"), path / "__init__.py"):
        if file.is_file():
            return file.read_text(encoding="utf-8")
    return None


def _imported(text: str) -> Iterator[str]:
    """Yield the names of the modules that a text may import."""
    for base, lines, line in IMPORT.findall(text):
        if base:
            yield base
        for one in re.sub(r"#[^\n]*", "", lines or line).split(","):
            name = one.split(" as ")[0].strip()
            if name:
                yield f"{base}.{name}" if base else name


def closure(modules: Iterable[str]) -> dict[str, str]:
    """Return name to text of these modules, named below module_utils, and of all that they import, wherever in them the import stands."""
    waiting = list(modules)
    found: dict[str, str] = {}
    while waiting:
        name = waiting.pop()
        text = None if name in found else _text(name)
        if text is None:  # known already, or the name of a function
            continue
        found[name] = text
        waiting += _imported(text)
    return found


@functools.cache
def brought_by_ansible() -> frozenset[str]:
    """Return the modules that Ansible sends along, because the module `converge` imports them."""
    return frozenset(closure(_imported(MODULE.read_text(encoding="utf-8"))))


def sources(modules: Iterable[str]) -> dict[str, str]:
    """Return name to text of these modules, named below module_utils, and of all that they import, but of what Ansible brings."""
    found = {name: text for name, text in closure(modules).items() if name not in brought_by_ansible()}
    packages = {name.rpartition(".")[0] for name in found} - {""}
    return dict(sorted({**{name: _text(name) or "" for name in packages}, **found}.items()))
