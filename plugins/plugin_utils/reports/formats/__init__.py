# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report can be written as: each format is one file in this folder with `ENDING` (of the file's name) and `render(report)`.

A renderer decides nothing and reads no clock: the same report gives the same text.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, cast

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import Report


class Format(Protocol):
    """What each file of this folder has."""

    ENDING: str

    def render(self, report: Report) -> str:
        """Return the whole text of the file."""


def known() -> list[str]:
    """Return the names of all formats: the files in this folder."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem != "__init__")


def load(name: str) -> Format:
    """Return the format `name`."""
    if name not in known():
        raise unknown_name("format of a report", "formats", name, known())
    return cast(Format, importlib.import_module("%s.%s" % (__name__, name)))


def file_name(report: Report, name: str) -> str:
    """Return what the file of a report in the format `name` is called: `audit.junit.xml`."""
    return "%s.%s" % (report.kind, load(name).ENDING)


def rendered(report: Report, names: Iterable[str] | None = None) -> dict[str, str]:
    """Return file name to text, in all formats or those of `names`. Raises BadInput for a format that there is not."""
    wanted = known() if names is None else list(names)
    return {file_name(report, name): load(name).render(report) for name in wanted}
