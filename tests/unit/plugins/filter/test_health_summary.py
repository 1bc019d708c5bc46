# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter hands over to the summary, and its refusals become errors of a filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter.health_summary import FilterModule

Render = Callable[..., Any]
ANSWER = {"checks": {"ssh": {"status": "failed", "type": "tcp", "message": "closed"}}, "failed_checks": ["ssh"]}


def test_in_a_template(render: Render) -> None:
    found = render("looked | groundwork.fleet.health_summary", looked=ANSWER)
    assert (found["healthy"], found["counts"]["failed"], found["problems"][0]["message"]) == (False, 1, "closed")


def test_many_hosts(render: Render) -> None:
    assert render("{'web-1': looked, 'web-2': {}} | groundwork.fleet.health_summary", looked=ANSWER)["ill_hosts"] == ["web-1", "web-2"]


def test_a_refusal_says_what_was_expected() -> None:
    with pytest.raises(AnsibleFilterError, match="results is 3; expected an answer of health_check"):
        FilterModule().filters()["health_summary"](3)
