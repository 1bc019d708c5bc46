# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two hundred checks at once, a hundred of which hang in different ways: what that costs the host, and the others.

The host's program and the module are measured as a host runs them, with all processes that they start.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health
from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_program

from benchmarks import measure

MOST = 64 * 1024 * 1024  # bytes, what the issue allows
TIMEOUT = 4.0
HUNG = {"http": 15, "https": 15, "tcp": 10, "dns": 10, "certificate": 10, "command": 10, "systemd_unit": 30}
#: What the message of each has to say; a unit's check waits for systemd, or for the others that wait for it.
TOLD = {
    "http": "it accepted the connection and did not answer within",
    "https": "it accepted the connection and did not answer the TLS greeting within",
    "tcp": "it accepted the connection and did not answer within",
    "dns": "does not answer within",
    "certificate": "it accepted the connection and did not answer the TLS greeting within",
    "command": "it did not end within",
    "systemd_unit": "",
}


@pytest.fixture
def checks() -> Iterator[dict[str, Any]]:
    """Yield a hundred checks that pass, and as many that hang at servers that say nothing and programs that do not end."""
    with socket.create_server(("127.0.0.1", 0), backlog=200) as silent, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        hanging: dict[str, Any] = {
            "http": {"http": {"url": "http://127.0.0.1:%d/" % port}},
            "https": {"http": {"url": "https://127.0.0.1:%d/" % port}},
            "tcp": {"tcp": {"port": port, "answer": "SSH-"}},
            "dns": {"dns": {"name": "example.test", "server": "127.0.0.1", "port": mute.getsockname()[1]}},
            "certificate": {"certificate": {"host": "127.0.0.1", "port": port}},
            "command": {"command": {"argv": ["sleep", "60"]}},
            "systemd_unit": {"systemd_unit": {"name": "x.service"}},
        }
        found: dict[str, Any] = {
            "hung %s %d" % (kind, n): {**hanging[kind], "timeout": TIMEOUT} for kind in HUNG for n in range(HUNG[kind])
        }
        found.update({"good %d" % n: {"tcp": {"port": port}} for n in range(50)})
        found.update({"good file %d" % n: {"file": {"path": "/", "mode": {"matches": "^0"}}} for n in range(50)})
        assert len(found) == 200
        yield found


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which systemd never answers: a `systemctl` that has the weight of a real one."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "systemctl").write_text("#!%s -IS\nimport time\ntime.sleep(60)\n" % sys.executable)
    (tmp_path / "bin" / "systemctl").chmod(0o755)
    return {"PATH": "%s:%s" % (tmp_path / "bin", os.environ["PATH"]), "HOME": str(tmp_path)}


def holds(results: dict[str, Any]) -> None:
    """Hold that each hung check is told as what it is within its time, and that the others did not wait for them."""
    assert {name: result["message"] for name, result in results.items() if name.startswith("good") and result["status"] != "ok"} == {}
    assert max(result["seconds"] for name, result in results.items() if name.startswith("good")) < TIMEOUT
    for name, result in results.items():
        if name.startswith("hung"):
            assert result["status"] == "failed", name
            assert TOLD[name.split()[1]] in result["message"], result["message"]
            assert result["seconds"] < 2 * TIMEOUT, name
    waiting = [result["message"] for name, result in results.items() if name.startswith("hung systemd_unit")]
    assert all("does not answer" in message or "no answer within" in message for message in waiting), waiting
    assert any("TimeoutError: systemctl show does not answer within 4.0 s" in message for message in waiting), waiting


def test_the_program(tmp_path: Path, checks: dict[str, Any], environment: dict[str, str]) -> None:
    program, declaration = tmp_path / "groundwork-health", tmp_path / "health.json"
    program.write_text(health_program.host_program(health.check_types(), sys.executable, str(tmp_path / "cache")))
    program.chmod(0o755)
    declaration.write_text(json.dumps({"checks": checks}))
    command = [str(program), "--declaration", str(declaration), "--format=json"]
    done = measure.run(command, environment, tmp_path, memory=True)
    assert done.code == 2, done.output
    holds(json.loads(done.output)["checks"])
    assert 10 * 1024**2 < done.peak < MOST, "%.1f MiB" % (done.peak / 1024**2)
    assert done.wall < 4 * TIMEOUT


def test_the_module(tmp_path: Path, checks: dict[str, Any], environment: dict[str, str]) -> None:
    """What Ansible would have run on a host is kept, and run once more alone."""
    ansible = [shutil.which("ansible") or "", "localhost", "-i", "localhost,", "-c", "local", "-m", "groundwork.fleet.health_check"]
    ansible += ["-a", json.dumps({"checks": checks, "fail": False})]
    kept = {"ANSIBLE_KEEP_REMOTE_FILES": "1", "ANSIBLE_PIPELINING": "0", "ANSIBLE_LOCAL_TEMP": str(tmp_path / "local")}
    settings = {**os.environ, **environment, **kept, "ANSIBLE_REMOTE_TEMP": str(tmp_path / "remote")}
    made = subprocess.run(ansible, cwd=tmp_path, env=settings, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout[-2000:] + made.stderr
    (payload,) = (tmp_path / "remote").rglob("AnsiballZ_health_check.py")
    done = measure.run([sys.executable, str(payload)], environment, tmp_path, memory=True)
    holds(json.loads(done.output)["checks"])
    assert 10 * 1024**2 < done.peak < MOST, "%.1f MiB" % (done.peak / 1024**2)
    assert done.wall < 4 * TIMEOUT
