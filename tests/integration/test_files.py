# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine over SSH: large content, a connection that is cut, a module that is killed, and steps that guard themselves."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ssh_lab import Lab, fleets, raised

HOST = "files-1"
FLEET = fleets.Fleet("files", (fleets.Host(HOST, "10.157.6.11", "debian-12"),))
BAD = "/etc/ssh/sshd_config.d/00-lockout.conf"
LOCK_SSHD = [
    {"files": {"files": {BAD: {"content": "PubkeyAuthentication no\n"}}, "validate": ["sshd -t -f {%s}" % BAD]}},
    {"units": {"units": {"ssh.service": {"state": "started", "reload_on": [BAD]}}}},
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with raised(FLEET, tmp_path_factory.mktemp("files")) as found:
        yield found


def task(kind: str, **options: Any) -> dict[str, Any]:
    return {"name": kind.capitalize(), f"groundwork.fleet.{kind}": options}


def beside(lab: Lab, directory: str) -> list[str]:
    """Return what the engine left in a directory."""
    return [name for name in lab.on(HOST, "ls", "-A", directory).split() if ".groundwork-" in name]


def large(lab: Lab, name: str, megabytes: int) -> tuple[Path, str]:
    """Return a file of the controller, and its digest."""
    path, digest = lab.directory / name, hashlib.sha256()
    with path.open("wb") as stream:
        for _ in range(megabytes):
            piece = os.urandom(1 << 20)
            digest.update(piece)
            stream.write(piece)
    return path, digest.hexdigest()


def test_large_content_is_sent_once_and_small_content_with_it(lab: Lab) -> None:
    path, digest = large(lab, "large.bin", 24)
    files = {"/opt/large.bin": {"source": str(path)}, "/opt/small": {"content": "small\n"}}
    code, said = lab.run(HOST, [task("files", files=files)])
    assert code == 0 and "changed=1" in said, said
    assert lab.on(HOST, "sha256sum", "/opt/large.bin").split()[0] == digest
    assert lab.on(HOST, "cat", "/opt/small") == "small\n"
    code, said = lab.run(HOST, [task("files", files=files)])
    assert code == 0 and "changed=0" in said, said


def test_a_transfer_that_is_cut_changes_nothing(lab: Lab) -> None:
    path, digest = large(lab, "cut.bin", 300)
    lab.on(HOST, "sh", "-c", "echo old > /opt/cut.bin")
    tasks = [task("files", files={"/opt/cut.bin": {"source": str(path)}, "/opt/with": {"content": "x"}})]
    process = lab.start(lab.play(HOST, tasks))
    lab.until(lambda: "content-" in lab.on(HOST, "sh", "-c", "ls /home/deploy/.ansible/tmp/*/ /var/tmp/*/ 2>/dev/null"), 60)
    while process.poll() is None:  # again and again: ansible-core tries other ways to send
        lab.on(HOST, "pkill", "-KILL", "-f", "sshd: deploy")
        time.sleep(0.2)
    said = process.communicate(timeout=10)[0]
    assert process.returncode != 0, said
    assert lab.on(HOST, "cat", "/opt/cut.bin") == "old\n" and not lab.is_there(HOST, "/opt/with") and beside(lab, "/opt") == []
    code, said = lab.run(HOST, tasks)
    assert code == 0, said
    assert lab.on(HOST, "sha256sum", "/opt/cut.bin").split()[0] == digest


def test_a_module_that_is_killed_is_mended_by_the_next_run(lab: Lab) -> None:
    lab.on(HOST, "sh", "-c", "echo old > /opt/killed")
    files = {"/opt/killed": {"content": "new\n"}, "/opt/killed-dir": {"directory": True}}
    code, said = lab.run(HOST, [task("files", files=files, validate=["sh -c 'kill -9 $PPID'"])])
    assert code != 0, said
    assert beside(lab, "/opt") != []
    code, said = lab.run(HOST, [task("files", files={"/opt/other": {"content": "x"}})])
    assert code == 0 and "had been interrupted and was taken back" in said, said
    assert lab.on(HOST, "cat", "/opt/killed") == "old\n" and not lab.is_there(HOST, "/opt/killed-dir") and beside(lab, "/opt") == []


def test_of_two_runs_the_second_waits(lab: Lab) -> None:
    slow = lab.start(lab.play(HOST, [task("files", files={"/opt/two": {"content": "first\n"}}, validate=["sleep 6"])]))
    lab.until(lambda: beside(lab, "/opt") != [], 30)
    begun = time.monotonic()
    code, said = lab.run(HOST, [task("files", files={"/opt/two": {"content": "second\n"}})])
    assert code == 0 and time.monotonic() - begun > 3, said
    assert slow.wait(timeout=60) == 0
    assert lab.on(HOST, "cat", "/opt/two") == "second\n"


def test_guarded_steps_give_the_way_back_in(lab: Lab) -> None:
    code, said = lab.run(HOST, [task("converge", confirm=15, steps=LOCK_SSHD)])
    assert code != 0 and "The change was taken back" in said and BAD in said and "The host is reachable again" in said, said
    assert lab.reachable(HOST) and not lab.is_there(HOST, BAD) and lab.left_behind(HOST) == []


def test_a_step_that_fails_takes_the_guarded_ones_along(lab: Lab) -> None:
    steps = [{"files": {"files": {"/opt/guarded": {"content": "x"}}}}, {"units": {"units": {"no-such.service": {"state": "started"}}}}]
    code, said = lab.run(HOST, [task("converge", confirm=60, steps=steps)])
    assert code != 0 and "What these steps had changed was taken back: /opt/guarded" in said, said
    assert not lab.is_there(HOST, "/opt/guarded") and lab.left_behind(HOST) == []


def test_guarded_steps_that_change_nothing_arm_nothing(lab: Lab) -> None:
    steps = [{"files": {"files": {"/opt/kept": {"content": "x"}}}}]
    code, said = lab.run(HOST, [task("converge", confirm=60, steps=steps), {"name": "Again", **task("converge", confirm=60, steps=steps)}])
    assert code == 0 and "changed=1" in said, said
    before = lab.logins(HOST)
    code, said = lab.run(HOST, [task("converge", confirm=60, steps=steps)])
    assert code == 0 and "changed=0" in said and lab.logins(HOST) == before, said
    assert lab.left_behind(HOST) == []
