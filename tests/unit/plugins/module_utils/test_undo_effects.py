# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import systemd, undo_effects


def test_the_effects_of_a_plan_name_what_was_before() -> None:
    plan = systemd.Plan()
    plan.enable.append("a.service")
    plan.start.append("a.service")
    plan.reload.append("b.service")
    seen = {
        "a.service": systemd.Observed("a.service", load="loaded", unit_file="disabled"),
        "b.service": systemd.Observed("b.service", load="loaded", active="active", unit_file="enabled"),
    }
    assert undo_effects.of_units(plan, seen) == [
        {"unit": "a.service", "before": {"active": False, "enabled": "disabled"}, "did": ["enable", "start"]},
        {"unit": "b.service", "before": {"active": True, "enabled": "enabled"}, "did": ["reload"]},
    ]


def test_what_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    errors: list[str] = []
    undo_effects.commands([{"undo": ["ls", "/does/not/exist"]}, {"undo": ["no-such-program-here"]}], errors)
    assert errors[0].startswith("ls /does/not/exist failed: ") and errors[1] == "this host has no no-such-program-here"
    monkeypatch.setattr(undo_effects, "SECONDS", 0.2)
    undo_effects.commands([{"undo": ["sleep", "9"]}], errors)
    assert "did not end" in errors[2]


def test_masks_come_and_go(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(undo_effects, "_run", lambda command, errors: called.append(" ".join(command[1:])) or "")
    units = [
        {"unit": "a.service", "before": {"active": False, "enabled": "disabled"}, "did": ["mask"]},
        {"unit": "b.service", "before": {"active": False, "enabled": "masked"}, "did": ["unmask"]},
    ]
    undo_effects.stop(units, [])
    assert undo_effects.start(units, [], []) == ["a.service", "b.service"]
    assert called == ["daemon-reload", "mask -- b.service", "unmask -- a.service"]
    called.clear()
    assert undo_effects.start([], ["/etc/x.conf"], []) == [] and called == []
    undo_effects.start([], ["/etc/systemd/system/x.service"], [])
    assert called == ["daemon-reload"]


def test_several_changes_of_one_unit_are_one() -> None:
    newest = {"unit": "a.service", "before": {"active": True, "enabled": "enabled"}, "did": ["reload"]}
    oldest = {"unit": "a.service", "before": {"active": False, "enabled": "disabled"}, "did": ["enable", "start"]}
    assert undo_effects.merged([newest, oldest]) == [
        {"unit": "a.service", "before": {"active": False, "enabled": "disabled"}, "did": ["reload", "enable", "start"]}
    ]
