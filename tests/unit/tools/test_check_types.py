# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of check types is made of their files."""

from __future__ import annotations

from tools import check_types

SOURCE = '''
"""It is there."""

import dataclasses
from ansible_collections.groundwork.fleet.plugins.module_utils.health import equal, option

@dataclasses.dataclass
class Options:
    """Options."""

    path: str = option("where | it is")
    exists: bool = option("whether it has to exist", True, expects=equal)
    mode: str = option("its mode", None, expects=equal)
    days: list = option("on which days", ["mon"])

def observe(options, deadline):
    """Look."""
'''
PAGE = "before\n%s\nold\n%s\nafter\n" % (check_types.START, check_types.END)


def test_a_type_becomes_a_table() -> None:
    assert list(check_types.rows("file", SOURCE)) == [
        "### `file`\n\nIt is there.\n",
        "| option | default | expectation | meaning |\n|---|---|---|---|",
        "| `path` | required |  | where \\| it is |",
        "| `exists` | `true` | yes | whether it has to exist |",
        "| `mode` |  | yes | its mode |",
        '| `days` | `["mon"]` |  | on which days |',
        "",
    ]


def test_only_what_stands_between_the_marks_is_written() -> None:
    written = check_types.page_with(PAGE, {"b": SOURCE, "a": SOURCE})
    assert written.startswith("before\n") and written.endswith("\nafter\n") and "old" not in written
    assert written.index("### `a`") < written.index("### `b`")
    assert check_types.page_with(written, {"b": SOURCE, "a": SOURCE}) == written
