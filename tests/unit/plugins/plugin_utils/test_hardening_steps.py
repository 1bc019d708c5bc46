# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import hardening_steps as steps
from ansible_collections.groundwork.fleet.plugins.plugin_utils import step_list
from ansible_collections.groundwork.fleet.plugins.plugin_utils.controls import Control

SSH = steps.Connection(ssh=True, user="deploy", port=2222, unit="ssh.service")
NONE = steps.Connection()


def kinds(found: list[dict[str, Any]]) -> list[str]:
    return [next(key for key in step if key != "id" and key != "skip_in_check") for step in found]


def options(found: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return next(step[kind] for step in found if kind in step)


def test_files_say_whose_they_are() -> None:
    found = steps.files(
        {
            "sshd": {"X11Forwarding": False, "MaxSessions": 4},
            "sysctl": {"b.c": True, "a.b": 2},
            "modules_blocked": {"sctp": True, "udf": False},
            "files": {"/etc/x": {"content": "x"}},
            "sandbox": {"cron.service": {"NoNewPrivileges": True, "ReadWritePaths": ["/a", "/b"], "UMask": "0077"}},
        }
    )
    drop_in = "/etc/systemd/system/cron.service.d/50-groundwork-sandbox.conf"
    assert found[steps.SSHD] == {"content": steps.HEAD + "MaxSessions 4\nX11Forwarding no\n", "mode": "0600"}
    assert found[steps.SYSCTL]["content"].endswith("\n-a.b = 2\n-b.c = 1\n")
    assert found[steps.MODPROBE]["content"] == steps.HEAD + "install sctp /bin/false\nblacklist sctp\n"
    assert found[drop_in]["content"] == steps.HEAD + "[Service]\nNoNewPrivileges=yes\nReadWritePaths=/a\nReadWritePaths=/b\nUMask=0077\n"
    assert found["/etc/systemd/system/cron.service.d"] == {"directory": True}
    assert found["/etc/x"] == {"content": "x"}
    assert all(found[path]["content"].startswith("# groundwork.fleet:") for path in (steps.SSHD, steps.SYSCTL, steps.MODPROBE, drop_in))


def test_nothing_is_written_for_nothing() -> None:
    assert steps.files({"modules_blocked": {"udf": False}, "sshd": {}}) == {}


def test_the_proof_of_access_comes_before_any_change_and_the_audit_last() -> None:
    found = steps.present({"sshd": {"MaxSessions": 4}}, {}, {"a/1": {"tcp": {"port": 22}}}, SSH)
    assert kinds(found)[0] == "ssh_access" and options(found, "ssh_access")["port"] == 2222
    assert kinds(found)[-1] == "health_check" and found[-1]["skip_in_check"] and found[-1]["health_check"]["fail"] is False
    assert options(found, "files")["validate"] == ["sshd -t -f {%s}" % steps.SSHD]
    assert options(found, "units")["units"] == {"ssh.service": {"reload_on": [steps.SSHD]}}


def test_rules_of_sudo_are_read_by_visudo_first() -> None:
    found = steps.present({"files": {"/etc/sudoers.d/b": {}, "/etc/sudoers.d/a": {}, "/etc/issue": {}}}, {}, {}, NONE)
    assert options(found, "files")["validate"] == ["visudo -c -f {/etc/sudoers.d/a}", "visudo -c -f {/etc/sudoers.d/b}"]


def test_sudo_is_tried_with_its_new_rules_before_they_are_written() -> None:
    found = steps.present({"files": {"/etc/sudoers.d/a": {"content": "x"}, "/etc/issue": {"content": "y"}}}, {}, {}, SSH)
    assert kinds(found)[0] == "ssh_access" and options(found, "ssh_access")["sudoers"] == {"/etc/sudoers.d/a": "x"}
    assert "path" not in options(found, "ssh_access")
    assert "ssh_access" not in kinds(steps.present({"files": {"/etc/issue": {"content": "y"}}}, {}, {}, SSH))


def test_pam_is_proven_for_the_user_of_the_connection() -> None:
    profiles = {"su": {"lines": {"su": {"auth": ["required pam_wheel.so"]}}}}
    found = steps.present({"pam": profiles}, {"pam": {"su": {}, "other": {}}}, {}, SSH)
    assert options(found, "pam") == {"owner": "hardening", "profiles": profiles, "user": "deploy"}
    left = steps.present({}, {"pam": {"su": {}}}, {}, NONE)
    assert options(left, "pam")["profiles"] == {}, "what no control asks for any more is taken back"


def test_sudo_goes_to_a_group_and_back() -> None:
    every = {"sudo_group": {"sudogrp": True}}
    found = steps.present({"sudo_group": {"off": False, "sudogrp": True}}, every, {}, SSH)
    assert options(found, "sudo_group") == {"owner": "hardening", "group": "sudogrp", "user": "deploy"}
    assert options(steps.present({}, every, {}, SSH), "sudo_group") == {"owner": "hardening", "state": "absent"}
    assert "sudo_group" not in kinds(steps.present({}, {}, {}, SSH))


def test_nobody_is_asked_about_access_over_another_connection() -> None:
    assert "ssh_access" not in kinds(steps.present({"sshd": {"MaxSessions": 4}}, {}, {}, NONE))


def test_what_another_level_writes_is_given_back() -> None:
    every = {"settings": {"/etc/y": {"separator": " = ", "values": {"b": 1}}}, "login_defs": {"UMASK": "027"}, "permissions": {"/x": {}}}
    found = steps.present({"login_defs": {"UMASK": "027"}}, every, {}, NONE)
    assert [step["settings_file"]["settings"] for step in found if "settings_file" in step] == [{}, {"UMASK": "027"}]
    assert [step["settings_file"]["separator"] for step in found if "settings_file" in step] == [" = ", "\t"]
    assert options(found, "permissions") == {"owner": "hardening", "permissions": {}}
    assert "mounts" not in kinds(found)


def test_a_sandboxed_unit_restarts_where_it_runs() -> None:
    every = {"sandbox": {"ssh.service": {"UMask": "0077"}, "cron.service": {"UMask": "0077"}}}
    assert steps.units(every, SSH) == {
        "ssh.service": {"restart_on": [steps.sandbox_path("ssh.service")], "reload_on": [steps.SSHD]},
        "cron.service": {"restart_on": [steps.sandbox_path("cron.service")]},
    }


def test_the_absence_takes_all_back() -> None:
    every = {"settings": {"/etc/y": {"values": {"b": 1}}}, "permissions": {"/x": {}}, "pam": {"x": {}}}
    found = steps.absent(every, SSH)
    assert kinds(found) == ["pam", "permissions", "settings_file", "files", "kernel_settings", "units", "packages"]
    assert all(step[kind]["state"] == "absent" for step, kind in zip(found, kinds(found), strict=True) if kind != "units")


def test_everything_that_any_control_writes_is_known() -> None:
    known = [Control(name, name, "a", "high", "r", writes={"login_defs": {name: 1}}) for name in ("A", "B")]
    assert steps.known_facets(known) == {"login_defs": {"A": 1, "B": 1}}


def test_the_steps_are_steps_of_converge() -> None:
    found = steps.present({"sshd": {"MaxSessions": 4}, "login_defs": {"UMASK": "027"}}, {"login_defs": {}}, {}, SSH)
    assert [step.kind for step in step_list.parse(found)] == kinds(found)


def test_mounts_get_their_options_again_at_each_boot() -> None:
    found = steps.files({"mounts": {"/tmp": {"options": ["nodev"]}}})
    path = "/etc/systemd/system/systemd-tmpfiles-setup.service.d/50-groundwork-mounts.conf"
    assert found[path]["content"] == steps.HEAD + "[Service]\nExecStartPost=-mount -o remount,nodev /tmp\n"
    assert found[path.rpartition("/")[0]] == {"directory": True}


def test_a_unit_that_has_to_run_is_started_and_takes_its_files_in() -> None:
    facets = {"units_on": {"auditd.service": ["/etc/x"]}, "sandbox": {"auditd.service": {"UMask": "0077"}}}
    drop_in = steps.sandbox_path("auditd.service")
    assert options(steps.present(facets, facets, {}, NONE), "units")["units"] == {
        "auditd.service": {"restart_on": [drop_in, "/etc/x"], "state": "started", "enabled": True}
    }
    gone = options(steps.present({}, facets, {}, NONE), "units")["units"]
    assert gone == {"auditd.service": {"restart_on": [drop_in, "/etc/x"]}} == options(steps.absent(facets, NONE), "units")["units"]


def test_a_unit_of_the_roles_own_is_stopped_before_its_file_goes() -> None:
    own = {"units_on": {"own.timer": [], "other.timer": []}, "files": {"/etc/systemd/system/own.timer": {"content": "x"}}}
    for found in (steps.present({}, own, {}, NONE), steps.absent(own, NONE)):
        leave = next(number for number, step in enumerate(found) if step.get("id") == "units that leave")
        assert found[leave]["units"]["units"] == {"own.timer": {"state": "stopped", "enabled": False}}
        assert leave < next(number for number, step in enumerate(found) if "files" in step)
    assert not any(step.get("id") == "units that leave" for step in steps.present(own, own, {}, NONE))


def test_what_a_program_wrote_itself_goes_with_its_control_and_before_the_files() -> None:
    every = {"leftovers": {"/var/lib/x/db": True}, "files": {"/var/lib/x": {"directory": True}}}
    gone = {"files": {"files": {"/var/lib/x/db": {"absent": True}}}, "id": "leftovers"}
    here = steps.Connection()
    assert gone not in steps.present(every, every, {}, here)
    for told in (steps.present({}, every, {}, here), steps.absent(every, here)):
        files = [step for step in told if "files" in step]
        assert files[0] == gone and len(files) == 2


def test_a_setting_that_only_replaces_a_value_says_which() -> None:
    facets = {"settings": {"/etc/y": {"separator": " ", "values": {"b": 1}, "instead_of": "ALL"}}}
    found = steps.present(facets, facets, {}, NONE)
    assert options(found, "settings_file")["instead_of"] == "ALL"
