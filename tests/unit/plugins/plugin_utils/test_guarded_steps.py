# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import guarded_steps

DONE = {"changed": True, "changed_files": ["/etc/x"], "results": {}}


def test_the_time_of_a_guard() -> None:
    assert [guarded_steps.guard_timeout(value) for value in (0, None, "0", "", 60, "15")] == [0, 0, 0, 0, 60, 15]
    for value in (5, "soon", [1]):
        with pytest.raises(BadInput, match="15"):
            guarded_steps.guard_timeout(value)


def test_what_is_confirmed_stays_as_it_was_answered() -> None:
    answer = guarded_steps.confirmed(DONE, {"state": "confirmed", "fresh": True, "holder": ""})
    assert answer == {**DONE, "confirmed": {"state": "confirmed", "fresh": True}}


@pytest.mark.parametrize("flag", ["failed", "unreachable"])
def test_what_was_taken_back_is_a_failure(flag: str) -> None:
    answer = guarded_steps.confirmed(DONE, {"state": "restored", flag: True, "msg": "taken back"})
    assert answer[flag] and answer["msg"] == "taken back" and answer["confirmed"]["state"] == "restored"


def test_a_failed_step_says_what_was_taken_back() -> None:
    failed = {**DONE, "failed": True, "msg": "nginx is not active."}
    answer = guarded_steps.taken_back(failed, {"state": "restored", "last": {"paths": ["/etc/x"]}})
    assert answer["msg"] == "nginx is not active. What these steps had changed was taken back: /etc/x." and not answer["changed"]
    answer = guarded_steps.taken_back(failed, {"state": "restored", "last": {}})
    assert answer["msg"].endswith("taken back: nothing yet.")
    answer = guarded_steps.taken_back(failed, {"unreachable": True, "msg": "timed out"})
    assert "could not be taken back at once (timed out); the host does it." in answer["msg"] and answer["changed"]


def test_a_lost_connection_is_a_failure_whatever_became_of_it() -> None:
    told = guarded_steps.interrupted("reset by peer", {"state": "restored"})
    assert told["failed"] and "what they had changed was taken back. Run again." in told["msg"]
    back = guarded_steps.interrupted("reset by peer", {"state": "restored", "failed": True, "msg": "The change was taken back."})
    assert back["msg"] == "The change was taken back. The connection was lost while the steps ran: reset by peer"
