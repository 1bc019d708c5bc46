# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of packages and services without a change costs in remote calls, with six services. benchmarks/services.py takes the time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import remote_calls
from ssh_lab import ROOT, Lab, fleets, raised

from benchmarks import services
from lab import releases

FLEET = fleets.Fleet("calls", (fleets.Host("six-1", "10.157.13.11", "debian-13"),))


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with raised(FLEET, tmp_path) as found:
        yield found


def test_six_services_take_four_remote_calls_at_most(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "hello.tar"
    declared = services.declared(archive, releases.build(services.HELLO, archive), (8091, 8092, 8093, 8094, 8095, 8096))
    (tmp_path / "services.json").write_text(
        json.dumps({"fleet_services": {name: one for name, one in declared.items() if name.startswith("hello")}}), encoding="utf-8"
    )
    ours, _peer = services.arms(lab.inventory, tmp_path / "services.json")
    for name in ("first", "second"):
        record = tmp_path / name
        monkeypatch.setenv("ANSIBLE_CALLBACK_PLUGINS", str(ROOT / "tests" / "integration" / "callbacks"))
        monkeypatch.setenv("ANSIBLE_CALLBACKS_ENABLED", "remote_calls")
        monkeypatch.setenv("GROUNDWORK_CALLS", str(record))
        process = lab.start(list(ours.command))
        said = process.communicate(timeout=240)[0]
        assert process.returncode == 0, said
    assert "changed=0" in said, said
    calls = remote_calls.parsed(record.read_text(encoding="utf-8"))
    assert not remote_calls.violations(calls)
    # The facts, and one of each role; what services.CALLS allows besides is for services that have to ask the host first, as of containers.
    assert remote_calls.runs_of_modules(calls) == {"six-1": 3}, remote_calls.table(calls)
