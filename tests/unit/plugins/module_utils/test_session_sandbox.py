# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module in the sandbox of sshd starts itself anew outside of it; nowhere else does it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import session_sandbox

HOST = "22 1 254:0 / / rw - ext4 /dev/vda rw\n23 22 0:21 / /proc rw - proc proc rw\n"
CHROOT = "23 22 0:21 / /proc rw - proc proc rw\n"
SANDBOX = "122 1 254:0 / / rw - ext4 /dev/vda rw\n123 122 0:21 / /proc rw - proc proc rw\n"


@pytest.mark.parametrize(
    ("own", "first", "told"),
    [(HOST, HOST, False), (CHROOT, HOST, False), (SANDBOX, HOST, True), ("", HOST, False), (SANDBOX, "", False)],
)
def test_namespaces_are_told_apart_by_their_mounts(own: str, first: str, told: bool) -> None:
    assert session_sandbox.apart(own, first) is told


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """A process of root in a sandbox with a way out; a test changes what it likes."""
    bus = tmp_path / "bus"
    bus.touch()
    texts = {"/proc/self/mountinfo": SANDBOX, "/proc/1/mountinfo": HOST}
    monkeypatch.setattr(session_sandbox, "BUS", str(bus))
    monkeypatch.setattr(session_sandbox, "_read", texts.__getitem__)
    monkeypatch.setattr(session_sandbox, "located", lambda name: f"/bin/{name}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return {"bus": bus, "texts": texts}


def test_root_in_a_sandbox_has_a_way_out(sandbox: dict[str, Any]) -> None:
    assert session_sandbox.way_out() == "/bin/systemd-run"


def test_outside_of_a_sandbox_nothing_happens(sandbox: dict[str, Any]) -> None:
    sandbox["texts"]["/proc/self/mountinfo"] = HOST
    assert session_sandbox.way_out() is None
    session_sandbox.leave()


def test_without_systemd_nothing_happens(sandbox: dict[str, Any]) -> None:
    sandbox["bus"].unlink()
    assert session_sandbox.way_out() is None


def test_who_is_not_root_stays(sandbox: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert session_sandbox.way_out() is None


def test_a_module_starts_anew_once_only(sandbox: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_sandbox.respawn, "has_respawned", lambda: True)
    assert session_sandbox.way_out() is None


def test_the_new_program_has_the_environment_of_the_old_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    told = "import json, os\nprint(json.dumps(dict(os.environ)))"
    monkeypatch.setattr(session_sandbox, "respawn", SimpleNamespace(_create_payload=lambda: told))
    text = session_sandbox.payload({"TOKEN": 'it\'s "secret"\nü'})
    done = subprocess.run([sys.executable, "-"], input=text.encode(), stdout=subprocess.PIPE, check=True, env={"OTHER": "1"})
    assert json.loads(done.stdout) == {"TOKEN": 'it\'s "secret"\nü'}


def test_the_payload_is_made_by_this_ansible_core(monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible.module_utils import basic

    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", b'{"ANSIBLE_MODULE_ARGS": {}}', raising=False)
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    main = sys.modules["__main__"]
    monkeypatch.setattr(main, "_module_fqn", "ansible_collections.x.y.plugins.modules.z", raising=False)
    monkeypatch.setattr(main, "_modlib_path", "/tmp/payload.zip", raising=False)
    text = session_sandbox.payload({})
    compile(text, "payload", "exec")
    assert "plugins.modules.z" in text
    assert "ANSIBLE_MODULE_ARGS" in text


def test_it_ends_as_the_module_outside_did(sandbox: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    arguments = tmp_path / "arguments"
    program = tmp_path / "systemd-run"
    program.write_text(f'#!/bin/sh\necho "$@" > {arguments}\nfor last; do :; done\nexec {sys.executable} -\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(session_sandbox, "located", lambda _name: str(program))
    monkeypatch.setattr(session_sandbox, "payload", lambda environment: f"import sys\nsys.exit(len({environment['SECRET']!r}))")
    monkeypatch.setenv("SECRET", "abcdefg")
    with pytest.raises(SystemExit) as ended:
        session_sandbox.leave()
    assert ended.value.code == 7
    assert arguments.read_text(encoding="utf-8").split() == [*session_sandbox.command("x")[1:]]
    assert "abcdefg" not in arguments.read_text(encoding="utf-8")


def test_the_process_of_the_session_is_known_outside_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(session_sandbox.WAITING, raising=False)
    assert session_sandbox.process_of_session() == os.getpid()
    monkeypatch.setenv(session_sandbox.WAITING, "4242")
    assert session_sandbox.process_of_session() == 4242
