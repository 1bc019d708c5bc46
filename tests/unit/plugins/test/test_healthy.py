# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`is groundwork.fleet.healthy`, as a playbook writes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.test.healthy import TestModule

Judge = Callable[..., bool]


@pytest.fixture
def healthy() -> Judge:
    return TestModule().tests()["healthy"]


def answer(*statuses: str) -> dict[str, Any]:
    return {"checks": {str(number): {"status": status, "type": "tcp"} for number, status in enumerate(statuses)}}


def test_one_answer_and_many(healthy: Judge) -> None:
    assert healthy(answer("ok", "skipped"))
    assert not healthy(answer("ok", "failed"))
    assert healthy({"web-1": answer("ok"), "web-2": answer("warning")})
    assert not healthy({"web-1": answer("ok"), "web-2": {"unreachable": True}})


def test_warnings_can_count(healthy: Judge) -> None:
    assert healthy(answer("warning"))
    assert not healthy(answer("warning"), warnings=False)


def test_a_refusal_says_what_was_expected(healthy: Judge) -> None:
    with pytest.raises(AnsibleFilterError, match="results is \\[\\]; expected an answer of health_check"):
        healthy([])
