# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import sshd_trial
from ansible_collections.groundwork.fleet.plugins.module_utils.ssh_trial import Connection

ANA = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFI6iUlzmAGobcnhscvuv1dkAnumHA4gLlO5bbth+bu0 ana@example"
FINGERPRINT = "SHA256:KQZzJ/TV5pGN4NNRX0ERKr+YZX1nMNHl40sR/EYCHjs"

# A stand-in for sshd: listens where its configuration says and shows what it was given.
SERVER = """#!%s
import re, socket, sys
text = open(sys.argv[sys.argv.index("-f") + 1]).read()
address, port = re.search(r"listenaddress (\\S+):(\\d+)", text).groups()
if "broken" in text:
    sys.exit("line 1: Bad configuration option")
with socket.create_server((address, int(port))) as server:
    while True:
        server.accept()[0].close()
"""
CLIENT = """#!%s
import sys
path = sys.argv[sys.argv.index("-p") + 1 :]
key = next(word.partition("=")[2] for word in sys.argv if word.startswith("IdentityFile="))
print("debug1: Server accepts key:", key, "ED25519", "%s", "explicit")
"""


def program(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    found: dict[str, str | None] = {
        "sshd": program(tmp_path / "sshd", SERVER % sys.executable),
        "ssh": program(tmp_path / "ssh", CLIENT % (sys.executable, FINGERPRINT)),
        "timeout": "/usr/bin/timeout",
    }
    monkeypatch.setattr(sshd_trial, "located", lambda name: found.get(name))
    monkeypatch.setattr(sshd_trial, "PLACE", str(tmp_path))
    return found


def left(tmp_path: Path) -> list[str]:
    return [path.name for path in tmp_path.iterdir() if path.name.startswith("groundwork-")]


def test_a_key_that_the_second_sshd_accepts(programs: dict[str, str | None], tmp_path: Path) -> None:
    verdict = sshd_trial.attempt(str(programs["sshd"]), "usepam yes\n", "ana", ANA + "\n", FINGERPRINT)
    assert "accepts the key of this connection" in verdict.proven[0] and not verdict.unproven
    assert left(tmp_path) == []


def test_a_key_that_it_does_not_accept(programs: dict[str, str | None], tmp_path: Path) -> None:
    programs["ssh"] = "/bin/false"
    assert FINGERPRINT in sshd_trial.attempt(str(programs["sshd"]), "", "ana", ANA).refusal


def test_staged_keys_are_read_by_the_second_sshd(programs: dict[str, str | None], monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def asked(_ssh: str, _name: str, _port: int, _keys: object, directory: str) -> list[str]:
        seen.append(Path(directory, "sshd_config").read_text() + Path(directory, "authorized_keys").read_text())
        return [""]

    monkeypatch.setattr(sshd_trial, "asked", asked)
    sshd_trial.attempt(str(programs["sshd"]), "authorizedkeysfile x\n", "ana", ANA, "", ["/home/ana/.ssh/authorized_keys", "/etc/k"])
    assert "/authorized_keys /etc/k\n" in seen[0] and "/home/ana" not in seen[0] and ANA in seen[0]


@pytest.mark.parametrize(
    ("missing", "keys", "said"), [("ssh", ANA, "no program ssh"), ("timeout", ANA, "timeout"), ("", "", "none of the user's keys")]
)
def test_what_cannot_be_tried_is_said(programs: dict[str, str | None], missing: str, keys: str, said: str) -> None:
    programs[missing] = None
    verdict = sshd_trial.attempt("/x", "", "ana", keys)
    assert not verdict.refusal and said in verdict.unproven[0]


def test_a_second_sshd_that_does_not_start_proves_nothing(programs: dict[str, str | None]) -> None:
    verdict = sshd_trial.attempt(str(programs["sshd"]), "broken yes\n", "ana", ANA)
    assert not verdict.refusal and "did not start; it says: line 1: Bad configuration option" in verdict.unproven[0]


def test_the_connection_is_found_behind_sudo(monkeypatch: pytest.MonkeyPatch) -> None:
    words = "192.0.2.7 34980 192.0.2.1 22"
    inner = [sys.executable, "-c", "import time; time.sleep(60)"]
    outer = [sys.executable, "-c", f"import subprocess; p = subprocess.Popen({inner!r}, env={{}}); print(p.pid, flush=True); p.wait()"]
    process = subprocess.Popen(
        outer, env={**os.environ, "SSH_CONNECTION": words}, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert process.stdout is not None
        monkeypatch.delenv("SSH_CONNECTION", raising=False)
        monkeypatch.setenv("GROUNDWORK_WAITING", process.stdout.readline().strip())
        found = sshd_trial.connection()
    finally:
        os.killpg(process.pid, 9)
        process.wait()
    assert found == Connection("192.0.2.7", "34980", "192.0.2.1", "22")


def test_the_connection_is_found_outside_of_the_sandbox_of_sshd(monkeypatch: pytest.MonkeyPatch) -> None:
    # As session_sandbox.payload does it: /proc does not show what a running process adds to its environment.
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.7 34980 192.0.2.1 22")
    assert sshd_trial.connection() == Connection("192.0.2.7", "34980", "192.0.2.1", "22")


def test_the_journal_is_asked_only_for_a_connection_by_ssh(programs: dict[str, str | None], tmp_path: Path) -> None:
    line = f"Accepted publickey for ana from 192.0.2.7 port 9 ssh2: ED25519 {FINGERPRINT}"
    programs["journalctl"] = program(tmp_path / "journalctl", f"#!/bin/sh\necho '{line}'\n")
    assert sshd_trial.used_key("ana", Connection()) == ""
    assert sshd_trial.used_key("ana", Connection("192.0.2.7", "9", "192.0.2.1", "22")) == FINGERPRINT
