# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import guard_units, processes
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.guard_record import Places

PLACES = Places()


@pytest.fixture
def places(tmp_path):
    for name in ("guard", "run", "units"):
        (tmp_path / name).mkdir()
    return Places(*(str(tmp_path / name) for name in ("guard", "run", "units", "changes")))


@pytest.fixture
def called(monkeypatch):
    calls = []
    monkeypatch.setattr(guard_units, "systemctl", lambda *words: calls.append(words))
    return calls


def test_the_units_are_what_systemd_takes(tmp_path):
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    for name, text in guard_units.texts(sys.executable, 60, PLACES).items():
        (tmp_path / name).write_text(text)
    done = subprocess.run([program, "verify", *map(str, tmp_path.iterdir())], capture_output=True, text=True, check=False)
    assert "groundwork-guard" not in done.stderr, done.stderr


def test_the_unit_of_the_time_orders_itself_before_nothing():
    """Restarting sshd from a unit that is to be before sshd would wait for itself."""
    units = guard_units.texts("/usr/bin/python3", 60, PLACES)
    assert "Before=" not in units[guard_units.SERVICE]
    assert "ssh.service sshd.service" in units[guard_units.BOOT] and "DefaultDependencies=no" in units[guard_units.BOOT]
    assert "OnActiveSec=60s\nAccuracySec=100ms" in units[guard_units.TIMER]


def test_a_percent_sign_is_no_specifier():
    assert '"/opt/100%%/python"' in guard_units.texts("/opt/100%/python", 60, PLACES)[guard_units.SERVICE]


def test_start_and_stop_leave_nothing(places, called, tmp_path):
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    guard_units.start(60, places)
    guard_units.start(90, places)
    assert "OnActiveSec=90s" in (tmp_path / "units" / guard_units.TIMER).read_text()
    link = tmp_path / "units" / "sysinit.target.wants" / guard_units.BOOT
    assert link.is_symlink() and link.resolve() == tmp_path / "units" / guard_units.BOOT
    assert called == [("daemon-reload",), ("restart", guard_units.TIMER)] * 2
    (tmp_path / "guard" / "guard.pyz").write_text("x")
    guard_units.stop(places)
    assert called[4:] == [("stop", guard_units.TIMER), ("daemon-reload",)]
    assert sorted(str(path) for path in tmp_path.rglob("*")) == [path for path in before if not path.endswith("/guard")]
    guard_units.stop(places)
    assert len(called) == 6


def test_the_archive_has_what_the_guard_needs_and_runs_without_ansible(tmp_path):
    found = guard_units.sources()
    assert "ansible_collections/groundwork/fleet/plugins/module_utils/guard_record.py" in found
    assert "ansible_collections/groundwork/fleet/plugins/module_utils/change_journal.py" in found
    assert "ansible_collections/groundwork/fleet/plugins/module_utils/undo_effects.py" in found
    assert "ansible_collections/__init__.py" in found
    archive = tmp_path / "guard.pyz"
    archive.write_bytes(guard_units.bundled())
    assert guard_units.bundled() == archive.read_bytes()
    plain = os.path.join(sys.base_prefix, "bin", "python3")
    done = subprocess.run([plain, "-I", str(archive), "nonsense"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "groundwork-guard: expected one of due, boot, status, restore, disarm\n"), done.stderr


def test_an_archive_that_lacks_its_seed_is_refused():
    with pytest.raises(BadInput, match="Install the collection anew"):
        guard_units.bundled((guard_units.OURS + "no_such_thing",))


def test_imports_are_found_wherever_they_stand():
    text = "import os\ndef f():\n    from .near import a\n    from ..far import b\n    from x.y import z\n"
    assert {"os", "p.q.near", "p.q.near.a", "p.far", "p.far.b", "x.y", "x.y.z"} == set(guard_units._imports(text, "p.q.r", False))
    assert {"p.q.near"} <= set(guard_units._imports("from . import near", "p.q", True))


def test_systemctl_that_fails_says_so(monkeypatch):
    answer = subprocess.CompletedProcess([], 1, b"Unit is masked.\n")
    monkeypatch.setattr(processes, "run", lambda *words, **options: answer)
    with pytest.raises(BadInput, match=r"systemctl start x failed: Unit is masked\.\. A guard needs"):
        guard_units.systemctl("start", "x")
    monkeypatch.setattr(processes, "run", lambda *words, **options: (_ for _ in ()).throw(FileNotFoundError("systemctl")))
    with pytest.raises(BadInput, match="A guard needs a host that systemd runs"):
        guard_units.systemctl("start", "x")


def test_at_boot_nothing_waits_for_units(monkeypatch):
    asked = []
    monkeypatch.setattr(processes, "run", lambda words, **options: asked.append(words))
    with guard_units.not_waiting_for_units():
        for words in (["systemctl", "restart", "ssh"], ["/usr/bin/systemctl", "daemon-reload"], ["usermod", "start"]):
            processes.run(words)
    processes.run(["systemctl", "restart", "ssh"])
    assert asked[0] == ["systemctl", "--no-block", "restart", "ssh"]
    assert asked[1:] == [["/usr/bin/systemctl", "daemon-reload"], ["usermod", "start"], ["systemctl", "restart", "ssh"]]
