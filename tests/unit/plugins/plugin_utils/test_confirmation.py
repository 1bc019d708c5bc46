# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible import constants
from ansible.errors import AnsibleConnectionFailure
from ansible_collections.groundwork.fleet.plugins.plugin_utils import confirmation

OK = {"state": "confirmed", "holder": ""}
BACK = {"state": "restored", "holder": "", "failed": True, "msg": "The change was taken back."}
DOING = {"state": "restoring", "holder": "ana", "failed": True, "msg": "is being taken back"}
SUDO = {"failed": True, "msg": "MODULE FAILURE", "module_stderr": "sudo: a password is required"}


class Clock:
    """Time that passes by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds
        self.pauses.append(seconds)


def asked(answers: list[Any], until: float | None, last: Any = None) -> tuple[dict[str, Any], Clock]:
    """Let a host give these answers, one after the other and then the last one for ever; an error is raised."""
    clock, left = Clock(), list(answers)

    def attempt() -> dict[str, Any]:
        clock.now += 0.5
        answer = left.pop(0) if left else last
        if isinstance(answer, str):
            raise AnsibleConnectionFailure(answer)
        assert isinstance(answer, dict)
        return dict(answer)

    return confirmation.settle(attempt, until, clock, clock.sleep), clock


@pytest.fixture(autouse=True)
def local_tmp(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))


def test_the_first_connection_confirms() -> None:
    assert asked([OK], 60.0)[0] == OK


def test_an_sshd_that_restarts_just_now_is_asked_again() -> None:
    answer, clock = asked(["Connection refused", SUDO, OK], 60.0)
    assert answer == OK and clock.pauses == [1.0, 2.0]


def test_a_host_that_restored_itself_says_so_and_what_was_in_the_way() -> None:
    answer, clock = asked(["Permission denied (publickey)."] * 8 + [DOING, BACK], 30.0)
    assert answer["failed"] and answer["state"] == "restored"
    assert answer["msg"] == "The change was taken back. The host is reachable again. Before that: Permission denied (publickey)."
    assert max(clock.pauses) <= 5.0 and clock.now < 45.0


def test_sudo_that_does_not_work_is_no_confirmation() -> None:
    answer, _clock = asked([SUDO] * 10 + [BACK], 30.0)
    assert "sudo: a password is required" in answer["msg"] and answer["state"] == "restored"


def test_a_host_that_never_answers_is_unreachable() -> None:
    answer, clock = asked([], 30.0, last="timed out")
    assert answer["unreachable"] and "Use its console. timed out" in answer["msg"]
    assert clock.now > 30.0 + confirmation.GRACE


def test_a_host_that_this_run_did_not_arm_is_asked_once() -> None:
    answer, clock = asked([SUDO], None)
    assert answer["failed"] and clock.pauses == []
    assert asked([{"failed": True}], None)[0]["msg"] == "no answer"
    refused = {"state": "refused", "holder": "ben", "failed": True, "msg": "only the run that armed"}
    assert asked([refused], None)[0] == refused


def test_a_guard_that_disappeared_is_no_confirmation() -> None:
    gone = {"state": "disarmed", "holder": ""}
    assert asked([gone], None)[0] == gone
    assert "is gone" in asked([gone], 60.0)[0]["msg"]


def test_what_is_armed_is_remembered_for_this_run() -> None:
    clock: Callable[[], float] = lambda: 100.0  # noqa: E731
    assert confirmation.armed_until("web-1") is None
    confirmation.note_armed("web-1", 60, clock)
    confirmation.note_armed("web-1", 90, clock)
    assert confirmation.armed_until("web-1") == 190.0 and confirmation.armed_until("web-2") is None
    confirmation.forget("web-1")
    confirmation.forget("web-1")
    assert confirmation.armed_until("web-1") is None


def test_a_token_opens_one_host() -> None:
    one, other = confirmation.credentials("web-1"), confirmation.credentials("web-2")
    assert one == confirmation.credentials("web-1")
    assert one["run"] == other["run"] and one["token"] != other["token"]


def test_a_host_can_be_told_to_take_back_over_a_new_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_with: list[Any] = []
    monkeypatch.setattr(confirmation, "execute_fresh", lambda action, name, arguments, task_vars: asked_with.append(arguments) or BACK)
    confirmation.note_armed("web-1", 60)
    answer = confirmation.take_back(None, "web-1", {}, until=100.0)
    assert answer["state"] == "restored" and confirmation.armed_until("web-1") is None
    assert asked_with == [{"state": "restored", **confirmation.credentials("web-1")}]


def test_who_armed_in_a_module_confirms_with_the_latest_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_with: list[Any] = []
    monkeypatch.setattr(
        confirmation, "execute_fresh", lambda action, name, arguments, task_vars: asked_with.append((name, arguments)) or OK
    )
    assert confirmation.confirm(None, "web-1", {}, until=100.0) == OK
    confirmation.note_armed("web-1", 60)
    assert confirmation.confirm(None, "web-1", {}) == OK and confirmation.armed_until("web-1") is None
    assert asked_with[0] == (confirmation.MODULE, {"state": "confirmed", **confirmation.credentials("web-1")})
