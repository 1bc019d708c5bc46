# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from tools import exporters

ENTRY: dict[str, Any] = {"description": "a | b", "port": 9100, "alerts": ["x", "y"]}


def test_a_row_for_each_entry() -> None:
    page = exporters.page_with("top\n<!-- exporters:start -->\nold\n<!-- exporters:end -->\n", {"own": {**ENTRY, "upstream": "x"}})
    assert "old" not in page and page.startswith("top\n")
    assert "| `own` | a \\| b | 9100 | the service's own page, behind a tunnel | 2 |" in page
    assert exporters.page_with(page, {"own": {**ENTRY, "upstream": "x"}}) == page


@pytest.mark.parametrize(
    ("install", "told"),
    [
        ({"package": {"Debian": ["a", "b"]}}, "package `a`"),
        ({"package": {"Debian-13": "a"}}, "package `a` (Debian-13)"),
        ({"release": {"repository": "o/n"}}, "release of `o/n`, checksum yours"),
        ({"present": "/bin/x"}, "already there, `/bin/x`"),
    ],
)
def test_where_a_program_comes_from(install: dict[str, Any], told: str) -> None:
    assert exporters.origin({"install": install}) == told


def test_a_collector_has_no_port_of_its_own() -> None:
    assert "| by `node` | this collection |" in exporters.table({"own": {"collect": {"program": "backup"}}})
    assert "| by `node` |" in exporters.table({"own": {"collect": {"command": "x"}, "install": {"package": {"Debian": "a"}}}})
