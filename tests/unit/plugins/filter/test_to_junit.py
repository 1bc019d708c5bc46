# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer of one host and of many, in a template."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter.to_junit import FilterModule

Render = Callable[..., Any]
RESULT = {
    "status": "failed",
    "type": "tcp",
    "message": "tcp: closed",
    "seconds": 0.5,
    "attempts": 1,
    "expected": {},
    "observed": {},
    "measured": {},
    "limits": {},
}
ANSWER = {"checks": {"ssh": RESULT}, "failed_checks": ["ssh"]}


def test_one_host(render: Render) -> None:
    found = render("looked | groundwork.fleet.to_junit", looked=ANSWER)
    assert 'tests="1"' in found and "closed" in found


def test_many_hosts(render: Render) -> None:
    found = render("{'web-1': looked, 'web-2': {}} | groundwork.fleet.to_junit", looked=ANSWER)
    assert 'testsuite name="web-1"' in found and 'errors="1"' in found


def test_a_refusal_says_what_was_expected() -> None:
    with pytest.raises(AnsibleFilterError, match="results is 3; expected an answer of health_check"):
        FilterModule().filters()["to_junit"](3)
