# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.filter import control_results as plugin

control_results = plugin.FilterModule().filters()["control_results"]
PLAN = {"controls": [{"id": "a", "applies": True, "why_not": "", "written": True, "overridden": "", "waiver": None, "waived_until": ""}]}
CHECKS = {"a/1": {"status": "failed", "message": "no"}}


def test_the_decision_is_given() -> None:
    assert [one["status"] for one in control_results(PLAN, CHECKS)] == ["fail"]
    assert control_results(PLAN, CHECKS, unproven=True) == ["a: no"]
