# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import control_results

OK = {"status": "ok", "message": ""}
FAILED = {"status": "failed", "message": "expected 0, observed 1"}
CONTAINER = {"status": "not_applicable", "message": "container"}


def told(**more: Any) -> dict[str, Any]:
    return {"id": "a", "applies": True, "why_not": "", "written": True, "overridden": "", "waiver": None, "waived_until": "", **more}


@pytest.mark.parametrize(
    ("control", "checks", "status", "reason"),
    [
        ({}, [OK, OK], "pass", ""),
        ({}, [OK, FAILED], "fail", "expected 0, observed 1"),
        ({}, [FAILED, FAILED], "fail", "expected 0, observed 1\nexpected 0, observed 1"),
        ({}, [OK, CONTAINER], "pass", ""),
        ({}, [CONTAINER], "not applicable", "container"),
        ({}, [CONTAINER, FAILED], "fail", "expected 0, observed 1"),
        ({}, [], "not applicable", "not observed"),
        ({"applies": False, "why_not": "sshd is not installed"}, [], "not applicable", "sshd is not installed"),
        ({"overridden": "hardening_sshd"}, [FAILED], "fail", "hardening_sshd sets it otherwise: expected 0, observed 1"),
        ({"waiver": {"name": "w"}}, [FAILED], "waived", "expected 0, observed 1"),
        ({"waiver": {"name": "w"}}, [OK], "pass", ""),
        ({"waived_until": "2020-01-31"}, [FAILED], "fail", "was waived until 2020-01-31: expected 0, observed 1"),
        ({"waived_until": "2020-01-31"}, [OK], "pass", ""),
        (
            {},
            [{"status": "failed", "message": "sshd: expected no, 3 attempts, 0.1 s\n    in 2.0 s"}],
            "fail",
            "sshd: expected no\n    in 2.0 s",
        ),
    ],
)
def test_a_control_ends_one_way(control: dict[str, Any], checks: list[Any], status: str, reason: str) -> None:
    found = control_results.results({"controls": [told(**control)]}, {f"a/{number}": check for number, check in enumerate(checks)})
    assert [(one["status"], one["reason"]) for one in found] == [(status, reason)]
    assert "applies" not in found[0] and "why_not" not in found[0]


def test_only_what_was_written_and_not_overridden_has_to_be_in_effect() -> None:
    ids = {"written": told(id="w"), "observed": told(id="o", written=False), "overridden": told(id="x", overridden="hardening_sshd")}
    checks = {f"{one['id']}/{number}": FAILED for one in ids.values() for number in (1, 2)}
    found = control_results.results({"controls": list(ids.values())}, checks)
    assert control_results.unproven(found) == ["w: expected 0, observed 1; expected 0, observed 1"]
