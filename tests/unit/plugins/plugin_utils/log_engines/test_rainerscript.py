# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines.rainerscript import constant, parameters, quoted


def test_quoting() -> None:
    assert quoted('a"$b\\\n') == '"a\\"$b\\\\ "' and quoted("a$", True) == '"a\\$"'
    assert parameters({"a": None, "b": 1, "c": ["x"]}) == 'b="1" c=["x"]'


def test_a_part_of_a_template_is_escaped_twice() -> None:
    assert constant(r"a\"b") == r'constant(value="a\\\\\"b")'
