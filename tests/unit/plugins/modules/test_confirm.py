# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.groundwork.fleet.plugins.module_utils import guard
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.modules import confirm

NOTHING = {"state": "disarmed", "holder": "", "since": "", "deadline": "", "left": 0, "last": {}}
HELD = {**NOTHING, "state": "armed", "holder": "ana", "since": "noon", "left": 42}


class Ended(Exception):
    """The module has answered."""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(guard, "status", lambda: dict(NOTHING))

    def started(check_mode: bool = False, **given: Any) -> dict[str, Any]:
        answers: list[dict[str, Any]] = []

        class Module:
            def __init__(self, argument_spec: dict[str, Any], supports_check_mode: bool) -> None:
                checked = ArgumentSpecValidator(argument_spec).validate({"run": "ana", "token": "t", **given})
                assert not checked.error_messages and supports_check_mode and argument_spec["token"]["no_log"]
                self.params, self.check_mode = checked.validated_parameters, check_mode

            def exit_json(self, **answer: Any) -> None:
                answers.append(answer)
                raise Ended

            def fail_json(self, **answer: Any) -> None:
                answers.append({"failed": True, **answer})
                raise Ended

        monkeypatch.setattr(confirm, "AnsibleModule", Module)
        with pytest.raises(Ended):
            confirm.main()
        return answers[0]

    return started


def raising(error: Exception) -> Any:
    def raised(*_words: Any, **_options: Any) -> None:
        raise error

    return raised


def test_arm_and_confirm_are_no_change(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(guard, "arm", lambda *words: calls.append(words))
    monkeypatch.setattr(guard, "confirm", lambda *words: calls.append(words) or True)
    assert run(state="armed", timeout=90)["changed"] is False
    answer = run(state="confirmed")
    assert (answer["state"], answer["changed"]) == ("confirmed", False)
    assert calls == [("ana", 90, "t"), ("t", "ana")]


def test_where_nothing_is_armed_there_is_nothing_to_confirm(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "confirm", lambda *words: False)
    assert run(state="confirmed")["state"] == "disarmed"


@pytest.mark.parametrize("state", ["armed", "confirmed", "disarmed", "restored"])
def test_check_mode_does_nothing(run: Any, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    for name in ("arm", "confirm", "disarm", "restore"):
        monkeypatch.setattr(guard, name, raising(AssertionError(name)))
    assert run(check_mode=True, state=state) == {**NOTHING, "changed": False}


@pytest.mark.parametrize(
    ("error", "state"),
    [(guard.BeingTakenBack("soon"), "restoring"), (guard.TakenBack("was"), "restored"), (BadInput("no"), "refused")],
)
def test_what_went_wrong_is_a_state(run: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, state: str) -> None:
    monkeypatch.setattr(guard, "confirm", raising(error))
    answer = run(state="confirmed")
    assert (answer["failed"], answer["state"], answer["msg"]) == (True, state, str(error))


def test_a_host_that_cannot_write_says_where(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "arm", raising(OSError(30, "Read-only file system", "/var/lib")))
    answer = run(state="armed")
    assert answer["msg"] == "/var/lib: Read-only file system" and "state" not in answer


def test_restore_and_disarm_ask_for_force_where_another_run_has_armed(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(guard, "disarm", lambda: calls.append("disarm") or True)
    monkeypatch.setattr(guard, "restore", lambda reason, reported: calls.append("restore") or {"paths": []})
    monkeypatch.setattr(guard, "status", lambda: {**HELD, "holder": "ben"})
    for state in ("disarmed", "restored"):
        assert "ben armed this host at noon and has 42 s left" in run(state=state)["msg"]
    assert calls == []
    assert run(state="disarmed", force=True)["changed"] and run(state="restored", force=True)["state"] == "restored"
    monkeypatch.setattr(guard, "status", lambda: dict(HELD))
    assert run(state="restored")["changed"]
    assert calls == ["disarm", "restore", "restore"]


def test_only_root_guards(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "become: true" in run(state="armed")["msg"]


def test_a_time_that_makes_no_sense_is_refused_in_check_mode_too(run: Any) -> None:
    assert "expected 15 to 3600 seconds" in run(check_mode=True, state="armed", timeout=5)["msg"]
