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


def run(answer: Any, given: dict[str, Any] | None = None, asked: str = "ansible.legacy.ping", **more: Any) -> dict[str, Any]:
    """Return what the action says. asked: the module that it runs on the host."""
    known = {"inventory_hostname": "web-1", "ansible_host": "192.0.2.7", "ansible_port": 2222, **more}
    action = making.made(ActionModule, given or {}, known)
    outcome = {"side_effect": answer} if isinstance(answer, Exception) else {"return_value": answer}
    with mock.patch.object(action, "_execute_module", **outcome) as executed:
        result: dict[str, Any] = action.run(task_vars=known)
    assert [call.kwargs["module_name"] for call in executed.call_args_list] == [asked]
    return result


def test_a_host_that_answers() -> None:
    assert run({"ping": "pong"}) == {"changed": False, "address": "192.0.2.7", "refusal": ""}


def test_what_the_disk_has_no_room_for_is_told_by_name_and_fails_later() -> None:
    """Asked for with the facts or, where these are known, with what tells the distribution."""

    def told(family: str, size: int, **more: Any) -> str:
        answer = {"ansible_facts": {"ansible_os_family": family}, "unit_files": [], "file_systems": {"/r": size}}
        result = run(answer, {"bounds": [BOUND], **more}, "groundwork.fleet.facts")
        assert "failed" not in result
        return str(result["refusal"])

    for more in ({}, {"facts": True}):
        assert told("RedHat", 1 << 40, **more).startswith("1 problem in the variables of web-1; nothing was touched.")
    assert "fleet_logs.outputs.x.disk is '1t'; expected less than the 1099511627776 bytes of the file system of /r." in told(
        "RedHat", 1 << 40
    )
    assert told("RedHat", (1 << 40) + 1) == ""
    assert told("Suse", 0) == "", "a platform that the role refuses itself"


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


LEARNT = {"ansible_facts": {"default_ipv4": {"address": "192.0.2.7"}}, "unit_files": ["/etc/systemd/system/groundwork-x.service"]}


def test_facts_come_with_the_same_call() -> None:
    assert run(LEARNT, {"facts": True}, "groundwork.fleet.facts") == {"changed": False, "address": "192.0.2.7", "refusal": "", **LEARNT}


def test_facts_that_are_known_are_not_gathered_again() -> None:
    """They may come from a cache, so nothing is said of the units, which change."""
    assert "unit_files" not in run({"ping": "pong"}, {"facts": True}, ansible_facts=LEARNT["ansible_facts"])


def test_a_host_that_cannot_tell_its_facts_fails() -> None:
    result = run({"failed": True, "msg": "sudo: a password is required"}, {"facts": True}, "groundwork.fleet.facts")
    assert result["failed"] and "Give the user the right to become root" in result["msg"]
    assert run({"ansible_facts": {}}, {"facts": True}, "groundwork.fleet.facts")["failed"], "the module did not come to its end"
