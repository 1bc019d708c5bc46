# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook `patch` on hosts that really reboot, and packages whose installation is killed, over SSH."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from patch_lab import FLEET, HOSTS, Package, PatchLab, big, slow, web
from ssh_lab import raised

INSTALL = {
    name: [
        {"name": "Install", "groundwork.fleet.packages": {"owner": "test", "present": {name: None}}, "register": "done"},
        {"name": "Show", "ansible.builtin.debug": {"msg": "repaired={{ done.repaired }}"}},
    ]
    for name in ("groundwork-big", "groundwork-slow")
}


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PatchLab]:
    with raised(FLEET, tmp_path_factory.mktemp("patch")) as lab:
        found = PatchLab(lab)
        found.offer(web("1", "one"))
        found.install("groundwork-web")
        yield found


def _killed(fleet: PatchLab, host: str, package: Package, begun: str) -> str:
    """Kill every process of a transaction: apt, dpkg, the package's script, and the module that started them. Return what that left."""
    fleet.offer(package, hosts=[host])
    fleet.lab.on(host, "touch", "/run/slow")
    process = fleet.lab.start(fleet.lab.play(host, INSTALL[package[0]]))
    kill = f"until test -e {begun}; do :; done; pkill -9 'dpkg|apt-get|python3|groundwork-slow'; rm /run/slow"
    fleet.lab.on(host, "timeout", "60", "sh", "-c", kill)
    said = process.communicate(timeout=60)[0]
    assert process.returncode != 0, said
    return fleet.version(host, package[0]).split()[-1]


@pytest.mark.parametrize(
    ("package", "begun", "left"),
    [(big(), "/usr/share/groundwork-big/zeros.dpkg-new", "half-installed"), (slow(), "/run/configuring", "half-configured")],
    ids=["unpack", "configure"],
)
def test_what_kill_9_left_is_repaired_by_the_next_run(fleet: PatchLab, package: Package, begun: str, left: str) -> None:
    name, hosts = package[0], ["patch-1", "patch-2"]
    with ThreadPoolExecutor(len(hosts)) as pool:
        assert list(pool.map(lambda host: _killed(fleet, host, package, begun), hosts)) == [left, left]
        runs = list(pool.map(lambda host: fleet.lab.run(host, INSTALL[name]), hosts))
    for host, (code, said) in zip(hosts, runs, strict=True):
        assert code == 0 and "repaired=True" in said, said
        assert fleet.version(host, name) == "1 installed"
        assert fleet.lab.on(host, "dpkg", "--audit") == "" and not fleet.lab.is_there(host, "/usr/sbin/policy-rc.d")


def test_a_lock_that_another_process_holds_is_waited_for_and_its_holder_named(fleet: PatchLab) -> None:
    lock = "import fcntl, time; file = open('/var/lib/dpkg/lock-frontend', 'w'); fcntl.lockf(file, fcntl.LOCK_EX); time.sleep(9)"
    fleet.lab.container("patch-1").exec_run(["python3", "-c", lock], detach=True)
    remove = {"owner": "test", "absent": ["groundwork-big"]}
    code, said = fleet.lab.run("patch-1", [{"name": "Remove", "groundwork.fleet.packages": remove | {"lock_timeout": 1}}])
    assert code != 0
    assert re.search(r"It is held by process \d+ \(python3 -c\)", said), said
    code, said = fleet.lab.run("patch-1", [{"name": "Remove", "groundwork.fleet.packages": remove}])
    assert code == 0 and "changed=1" in said, said


def test_a_run_goes_on_after_the_controller_was_killed_while_a_host_rebooted(fleet: PatchLab) -> None:
    fleet.offer(web("2", "two", reboot=True))
    process = fleet.lab.start(fleet.command(patch_reboot="always"))
    fleet.lab.until(lambda: fleet.boots("patch-1") == 1 or process.poll() is not None, 90)
    os.killpg(process.pid, signal.SIGKILL)
    said = process.communicate()[0]
    assert fleet.boots("patch-1") == 1, said
    fleet.lab.until(lambda: fleet.lab.reachable("patch-1"), 30)
    assert fleet.drained() == ["patch-1"] and fleet.lab.is_there("patch-1", "/var/lib/groundwork/patch.json")
    assert [fleet.version(host) for host in HOSTS[1:]] == ["1 installed"] * 2
    code, said = fleet.patch(patch_reboot="always")
    assert code == 0, said
    assert [fleet.boots(host) for host in HOSTS] == [1, 1, 1], said
    assert fleet.outcomes() == dict.fromkeys(HOSTS, "patched: 1 upgraded; rebooted")
    assert fleet.drained() == []
    assert [fleet.serves(host) for host in HOSTS] == ["two"] * 3


def test_a_host_on_which_the_service_breaks_goes_back_and_serves(fleet: PatchLab) -> None:
    fleet.offer(web("3", None))
    code, said = fleet.patch()
    assert code != 0
    assert fleet.version("patch-1") == "2 installed" and fleet.serves("patch-1") == "two", said
    outcomes = fleet.outcomes()
    assert outcomes["patch-1"].startswith("back: ") and "1 package has its version of before" in outcomes["patch-1"], outcomes
    assert all(outcomes[host].startswith("waiting: ") for host in HOSTS[1:]), outcomes
    assert [fleet.version(host) for host in HOSTS[1:]] == ["2 installed"] * 2 and fleet.drained() == []


def test_a_host_that_does_not_come_back_stops_the_waves(fleet: PatchLab) -> None:
    fleet.offer(web("4", "four", reboot=True))
    fleet.lab.container("patch-1").update(restart_policy={"Name": "no"})
    code, said = fleet.patch(patch_waves=[2, 1], patch_reboot_timeout=15)
    assert code != 0
    assert fleet.version("patch-3") == "2 installed" and fleet.serves("patch-3") == "two", said
    assert fleet.serves("patch-2") == "four"
    outcomes = {host: outcome.partition(":")[0] for host, outcome in fleet.outcomes().items()}
    assert outcomes == {"patch-1": "begun", "patch-2": "patched", "patch-3": "waiting"}
