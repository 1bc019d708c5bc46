# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any value against any expectation."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_input, health_run

SOURCE = health.check_types()["value"].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "expected", "status"),
    [
        (42, 42, "ok"),
        (42, 43, "failed"),
        ("128.3", {"between": [120, 129]}, "ok"),
        (["a", "bc"], {"element": {"matches": "^b"}}, "ok"),
        (["a", "bc"], {"element": {"equals": "b"}}, "failed"),
        ({"foo": 1}, {"contains": "foo"}, "ok"),
        (["a"], ["a"], "ok"),
    ],
)
def test_values(content: Any, expected: Any, status: str) -> None:
    checks = health_input.parse(
        {"it": {"value": {"content": content, "expected": expected}}}, ["value"], lambda n: health.load_type(n, SOURCE), 5
    )
    assert health_run.run(checks, 5)["it"]["status"] == status
