# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any
from unittest import mock

from ansible.errors import AnsibleAuthenticationFailure, AnsibleConnectionFailure
from ansible_collections.groundwork.fleet.plugins.action.reachable import ActionModule

from . import making

BOUND = {"variable": "fleet_logs.outputs.x.disk", "value": "1t", "bytes": 1 << 40, "folders": {"Debian": "/d", "RedHat": "/r"}}


def run(answer: Any, **arguments: Any) -> dict[str, Any]:
    known = {"inventory_hostname": "web-1", "ansible_host": "192.0.2.7", "ansible_port": 2222}
    action = making.made(ActionModule, arguments, known)
    outcome = {"side_effect": answer} if isinstance(answer, Exception) else {"return_value": answer}
    with mock.patch.object(action, "_execute_module", **outcome):
        result: dict[str, Any] = action.run(task_vars=known)
    return result


def test_a_host_that_answers() -> None:
    assert run({"ping": "pong"}) == {"changed": False, "address": "192.0.2.7", "refusal": ""}


def test_what_the_disk_has_no_room_for_is_told_by_name_and_fails_later() -> None:
    answer = {"ping": "pong", "family": "RedHat", "file_systems": {"/r": 1 << 40}}
    result = run(answer, bounds=[BOUND])
    assert "failed" not in result and result["refusal"].startswith("1 problem in the variables of web-1; nothing was touched.")
    assert "fleet_logs.outputs.x.disk is '1t'; expected less than the 1099511627776 bytes of the file system of /r." in result["refusal"]
    assert run({**answer, "file_systems": {"/r": (1 << 40) + 1}}, bounds=[BOUND])["refusal"] == ""
    assert run({**answer, "family": "Suse", "file_systems": {}}, bounds=[BOUND])["refusal"] == "", "a platform that the role refuses itself"


def test_the_python_that_was_found_is_kept_for_the_next_task() -> None:
    facts = {"discovered_interpreter_python": "/usr/bin/python3"}
    assert run({"ping": "pong", "ansible_facts": facts})["ansible_facts"] == facts


def test_a_host_that_does_not_answer_is_unreachable() -> None:
    result = run(AnsibleConnectionFailure("Failed to connect: Connection refused"))
    assert result["unreachable"]
    assert result["msg"].startswith("ansible_host is '192.0.2.7'; expected the address of a host that answers on port 2222.")
    assert "start sshd" in result["msg"]


def test_a_host_that_does_not_know_the_user_is_unreachable() -> None:
    assert "Give a user and key" in run(AnsibleAuthenticationFailure("Permission denied (publickey)."))["msg"]


def test_a_host_without_python_fails() -> None:
    result = run({"failed": True, "module_stderr": "/bin/sh: python3: not found", "msg": "MODULE FAILURE"})
    assert result["failed"]
    assert "Install Python" in result["msg"]


def test_a_host_that_answers_nonsense_fails() -> None:
    assert "Ansible says: no answer" in run({})["msg"]
