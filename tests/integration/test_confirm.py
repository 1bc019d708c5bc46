# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No change locks anybody out: every fault that `groundwork.fleet.confirm` is to survive, on hosts of the lab of its own.

The tasks of docs/confirm.md are what the first test runs.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import yaml
from ssh_lab import ROOT, Lab, fleets, raised

FLEET = fleets.Fleet(
    "confirm",
    (
        fleets.Host("sshd-1", "10.157.8.11", "debian-13"),
        fleets.Host("firewall-1", "10.157.8.12", "debian-12"),
        fleets.Host("sudo-1", "10.157.8.13", "debian-13"),
    ),
)
TIMEOUT = 15
BAD = "/etc/ssh/sshd_config.d/00-lockout.conf"
LOCKOUT_UNIT = """[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft add table inet lockout
ExecStart=/usr/sbin/nft add chain inet lockout input { type filter hook input priority 0; }
ExecStart=/usr/sbin/nft add rule inet lockout input tcp dport 22 drop
ExecStop=/usr/sbin/nft delete table inet lockout
"""
ARM = {"name": "Arm", "groundwork.fleet.confirm": {"state": "armed", "timeout": TIMEOUT}}
CONFIRM = {"name": "Confirm", "groundwork.fleet.confirm": {"state": "confirmed"}, "register": "confirmed"}
# sshd -t has nothing against it, but nobody gets in with a key.
LOCK_SSHD = [
    {
        "name": "Refuse every key",
        "groundwork.fleet.files": {"files": {BAD: {"content": "PubkeyAuthentication no\n"}}, "validate": ["sshd -t -f {%s}" % BAD]},
    },
    {"name": "Let sshd read it", "groundwork.fleet.units": {"units": {"ssh.service": {"state": "reloaded"}}}},
]
LOCK_FIREWALL = [
    {"name": "Write the rule", "groundwork.fleet.files": {"files": {"/etc/systemd/system/lockout.service": {"content": LOCKOUT_UNIT}}}},
    {"name": "Drop port 22", "groundwork.fleet.units": {"units": {"lockout.service": {"state": "started"}}}},
]
NO_SUDO = "/etc/sudoers.d/99-lockout"
LOCK_SUDO = [
    {
        "name": "Take sudo away",
        "groundwork.fleet.files": {
            "files": {NO_SUDO: {"content": "deploy ALL=(ALL) !ALL\n", "mode": "0440"}},
            "validate": ["visudo -c -f {%s}" % NO_SUDO],
        },
    },
]
# What locks out, by host, and the path that is named as restored.
LOCKS = {
    "sshd-1": (LOCK_SSHD, BAD),
    "firewall-1": (LOCK_FIREWALL, "/etc/systemd/system/lockout.service"),
    "sudo-1": (LOCK_SUDO, NO_SUDO),
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with raised(FLEET, tmp_path_factory.mktemp("confirm")) as found:
        yield found


def documented() -> list[dict[str, Any]]:
    """Return the tasks of the guide's first example."""
    text = (ROOT / "docs" / "confirm.md").read_text()
    tasks: list[dict[str, Any]] = yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0])
    return tasks


def test_what_a_new_connection_confirms_stays(lab: Lab) -> None:
    before = lab.logins("sshd-1")
    show = {"name": "Show", "ansible.builtin.debug": {"msg": "fresh={{ confirmed.fresh }} {{ confirmed.state }}"}}
    tasks = documented()
    code, said = lab.run("sshd-1", [*tasks[:-1], {**tasks[-1], "register": "confirmed"}, show])
    assert code == 0 and "fresh=True confirmed" in said, said
    # One for the tasks before, one for the confirmation: the multiplexed socket was still open.
    assert lab.logins("sshd-1") == before + 2
    assert lab.left_behind("sshd-1") == []
    assert "banner" in lab.on("sshd-1", "cat", "/etc/ssh/sshd_config.d/20-own.conf").lower()


def test_check_mode_arms_nothing(lab: Lab) -> None:
    code, said = lab.run("sshd-1", [{**ARM, "check_mode": True}, {**CONFIRM, "check_mode": True}])
    assert code == 0 and "changed=0" in said, said
    assert lab.left_behind("sshd-1") == []


def _locked_out(lab: Lab, host: str, tasks: list[dict[str, Any]]) -> tuple[int, str, float]:
    begun = time.monotonic()
    code, said = lab.run(host, [ARM, *tasks, CONFIRM])
    return code, said, time.monotonic() - begun


def test_who_is_locked_out_gets_in_again_without_help(lab: Lab) -> None:
    """An sshd that refuses the key, a firewall that drops port 22, a sudo that refuses the user: each on a host, at the same time."""
    lab.container("firewall-1").exec_run(["apt-get", "install", "-y", "-q", "--no-download", "nftables"])
    with ThreadPoolExecutor(len(LOCKS)) as pool:
        running = {host: pool.submit(_locked_out, lab, host, tasks) for host, (tasks, _path) in LOCKS.items()}
        outcomes = {host: future.result() for host, future in running.items()}
    for host, (code, said, seconds) in outcomes.items():
        path = LOCKS[host][1]
        print(f"{host}: {seconds:.1f} s")
        assert code == 2 and "failed=1" in said, said
        assert "The change was taken back at" in said and "it was not confirmed within 15 s" in said and path in said, said
        assert "The host is reachable again." in said, said
        assert lab.reachable(host) and not lab.is_there(host, path)
        assert lab.left_behind(host) == []
        assert seconds < TIMEOUT + 50
    assert "lockout" not in lab.on("firewall-1", "nft", "list", "tables")


def test_a_controller_that_dies_leaves_no_lockout(lab: Lab) -> None:
    process = lab.start(lab.play("sshd-1", [ARM, *LOCK_SSHD, *lab.pausing("dead")]))
    lab.until((lab.directory / "dead.reached").exists, 60)
    assert not lab.reachable("sshd-1") and lab.is_there("sshd-1", BAD)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    seconds = lab.until(lambda: lab.reachable("sshd-1"), TIMEOUT + 10)
    print(f"reachable again {seconds:.1f} s after kill -9")
    assert not lab.is_there("sshd-1", BAD) and lab.left_behind("sshd-1") == []


def test_a_reboot_is_no_confirmation(lab: Lab) -> None:
    arm = {"name": "Arm", "groundwork.fleet.confirm": {"state": "armed", "timeout": 600}}
    code, said = lab.run("sshd-1", [arm, *LOCK_SSHD])
    assert code == 0 and not lab.reachable("sshd-1"), said
    begun = time.monotonic()
    lab.container("sshd-1").restart(timeout=20)
    lab.until(lambda: lab.reachable("sshd-1"), 60)
    print(f"reachable {time.monotonic() - begun:.1f} s after the reboot began")
    assert not lab.is_there("sshd-1", BAD) and lab.left_behind("sshd-1") == []
    # The boot id of a container is its machine's: this boot begins where the journal starts for the last time.
    journal = lab.on("sshd-1", "journalctl", "--no-pager", "--quiet").rpartition("Journal started")[2]
    assert "because the host was restarted before it was confirmed" in journal
    assert journal.index("was taken back at") < journal.index("Server listening on"), "sshd was there first"


def test_two_controllers_cannot_confirm_each_others_change(lab: Lab) -> None:
    arm = {"name": "Arm", "groundwork.fleet.confirm": {"state": "armed", "timeout": 90}}
    change = {"name": "Change", "groundwork.fleet.files": {"files": {"/etc/two": {"content": "first\n"}}}}
    first = lab.start(lab.play("firewall-1", [arm, change, *lab.pausing("first"), CONFIRM]))
    lab.until((lab.directory / "first.reached").exists, 60)
    foreign = {"name": "Change", "groundwork.fleet.files": {"files": {"/etc/two": {"content": "second\n"}}}}
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda task: lab.run("firewall-1", [task]), [arm, CONFIRM, foreign]))
    (lab.directory / "first.go").touch()
    rest = first.communicate(timeout=60)[0]
    assert first.returncode == 0, rest
    for code, said in answers[:2]:
        assert code == 2 and re.search(r"\S+@\S+, ansible-playbook %d since \S+ \(run \w+\) armed a guard at" % first.pid, said), said
        assert re.search(r"has \d+ s left to confirm it", said), said
    assert "Not confirmed: only the run that armed can confirm" in answers[1][1]
    assert lab.on("firewall-1", "cat", "/etc/two") == "first\n"
    code, said = answers[2]
    assert code == 2 and "Nothing was changed" in said, said
    assert lab.left_behind("firewall-1") == []
