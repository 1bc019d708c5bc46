# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import patch_plan

from .test_patch_report import KERNEL, OPENSSL, VIM, status

REBOOT = {"needed": True, "reasons": ["kernel"]}
SSH = {"unit": "ssh.service", "programs": ["sshd"], "processes": 1, "files": ["/x"], "restart": True}
BASH = {"unit": "session-1.scope", "programs": ["bash"], "processes": 1, "files": ["/x"], "restart": False}


@pytest.mark.parametrize(
    ("more", "upgrade", "reboot", "work"),
    [
        ({}, "all", "always", []),
        ({"pending": [OPENSSL, VIM]}, "all", "never", ["2 upgrades"]),
        ({"pending": [OPENSSL, VIM]}, "security", "never", ["1 upgrade"]),
        ({"pending": [VIM]}, "security", "never", []),
        ({"pending": [KERNEL]}, "all", "never", []),
        ({"reboot": REBOOT}, "all", "when_needed", ["reboot (kernel)"]),
        ({"reboot": REBOOT}, "all", "never", []),
        ({"processes": [SSH, BASH]}, "all", "never", ["restart ssh.service"]),
        ({"processes": [SSH], "reboot": REBOOT}, "all", "always", ["reboot (kernel)"]),
        ({"dpkg": {"interrupted": True}}, "all", "never", ["repair dpkg"]),
        ({"unfinished": {"begun": "then", "health": {}}}, "all", "never", ["go on with the run of then"]),
    ],
)
def test_what_there_is_to_do(more: dict[str, Any], upgrade: str, reboot: str, work: list[str]) -> None:
    assert patch_plan.plan(status(**more), upgrade, reboot)["work"] == work


@pytest.mark.parametrize(
    ("needed", "reboot", "expected"),
    [(True, "when_needed", True), (False, "when_needed", False), (True, "never", False), (False, "always", True)],
)
def test_the_reboot(needed: bool, reboot: str, expected: bool) -> None:
    found = patch_plan.plan(status(reboot={"needed": needed, "reasons": []}, processes=[SSH, BASH]), "all", reboot)
    assert found["reboot"] is expected
    assert found["restarts"] == ({} if expected else {"ssh.service": {"state": "restarted"}})


def test_a_run_that_goes_on_does_not_reboot_again() -> None:
    unfinished = {"begun": "then", "health": {}, "rebooted": True}
    assert patch_plan.plan(status(unfinished=unfinished), "all", "always")["reboot"] is False
    assert patch_plan.plan(status(unfinished=unfinished, reboot=REBOOT), "all", "always")["reboot"] is True
    assert patch_plan.plan(status(unfinished={**unfinished, "rebooted": False}), "all", "always")["reboot"] is True


@pytest.mark.parametrize(("upgrade", "reboot", "text"), [("secure", "never", "security"), ("all", "when_need", "when_needed")])
def test_a_typo_is_refused(upgrade: str, reboot: str, text: str) -> None:
    with pytest.raises(BadInput, match="Did you mean '%s'" % text):
        patch_plan.plan(status(), upgrade, reboot)


def test_the_words_of_a_run() -> None:
    assert patch_plan.changed({"upgraded": {"a": ["1", "2"]}, "installed": {"b": "1"}, "removed": {}}) == "1 upgraded, 1 installed"
    assert patch_plan.changed({}) == "no package changed"
    assert patch_plan.changed({"rebooted": True}) == "no package changed; rebooted"
    told = patch_plan.returned({"restored": {"a": "1"}, "unavailable": {"b": "1"}, "stays": {"c": "it is the kernel that runs"}})
    assert told == "1 package has its version of before; can be had nowhere any more: b 1; stays: c (it is the kernel that runs)"
    assert patch_plan.returned({"restored": {}, "unavailable": {}, "stays": {}}) == "no package had changed"


@pytest.mark.parametrize("declared", ["touch /x", ["touch /x"], [[]], [["sleep", 5]], {"a": 1}])
def test_a_hook_that_is_no_list_of_commands_is_refused(declared: Any) -> None:
    with pytest.raises(BadInput, match=r"patch_drain_commands\[0\] is .* a command as a list of words"):
        patch_plan.plan(status(), "all", "never", {"patch_undrain_commands": [["rm", "/x"]], "patch_drain_commands": declared})
