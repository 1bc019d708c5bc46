# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from ansible import constants
from ansible_collections.groundwork.fleet.plugins.action import confirm
from ansible_collections.groundwork.fleet.plugins.plugin_utils import confirmation

from . import making

ARMED = {"state": "armed", "holder": "ana", "left": 60, "changed": False}


@pytest.fixture(autouse=True)
def local_tmp(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))


def run(answer: dict[str, Any], check_mode: bool = False, **arguments: Any) -> tuple[dict[str, Any], mock.MagicMock]:
    action = making.made(confirm.ActionModule, arguments, check_mode=check_mode)
    with mock.patch.object(action, "_execute_module", return_value=answer) as executed:
        result: dict[str, Any] = action.run(task_vars={"inventory_hostname": "web-1"})
    return result, executed


def test_arming_is_remembered_and_the_token_stands_in_no_result() -> None:
    result, executed = run(ARMED, state="armed")
    sent = executed.call_args.kwargs["module_args"]
    assert {"state": "armed", **confirmation.credentials("web-1")} == sent
    assert confirmation.armed_until("web-1") is not None
    assert sent["token"] not in str(result)


def test_confirming_forgets() -> None:
    run(ARMED, state="armed")
    result, _executed = run({"state": "confirmed", "holder": "", "changed": False}, state="confirmed")
    assert result["state"] == "confirmed" and result["fresh"] and confirmation.armed_until("web-1") is None


def test_a_change_that_was_taken_back_is_a_failure() -> None:
    run(ARMED, state="armed")
    result, _executed = run({"state": "restored", "holder": "", "failed": True, "msg": "The change was taken back."}, state="confirmed")
    assert result["failed"] and "The host is reachable again." in result["msg"]


def test_restoring_now_forgets() -> None:
    run(ARMED, state="armed")
    run({"state": "restored", "holder": "", "changed": True}, state="restored")
    assert confirmation.armed_until("web-1") is None


def test_check_mode_remembers_nothing_and_opens_no_connection() -> None:
    run({"state": "disarmed", "holder": ""}, check_mode=True, state="armed")
    assert confirmation.armed_until("web-1") is None
    result, _executed = run({"state": "disarmed", "holder": ""}, check_mode=True, state="confirmed")
    assert "fresh" not in result and not result.get("failed")


def test_nobody_gives_a_name_of_their_own() -> None:
    assert {"state", "timeout", "force"} == confirm.ActionModule._VALID_ARGS
