# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import host_facts


@pytest.mark.parametrize(
    ("text", "expected"),
    [("MemTotal:        2048000 kB\nMemFree: 1 kB\n", 2000), ("MemFree: 1 kB\n", None), ("HugeMemTotal: 5 kB\n", None), ("", None)],
)
def test_the_memory_is_that_of_the_kernel(text: str, expected: int | None) -> None:
    assert host_facts.memory_mb(text) == expected


def test_a_host_that_does_not_tell_has_no_fact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_facts, "MEMINFO", str(tmp_path / "gone"))
    assert host_facts.MemoryCollector().collect() == {}
    (tmp_path / "there").write_text("MemTotal: 1024 kB\n")
    monkeypatch.setattr(host_facts, "MEMINFO", str(tmp_path / "there"))
    assert host_facts.MemoryCollector().collect() == {"memtotal_mb": 1}


@pytest.mark.parametrize("found", ["/usr/bin/systemd-creds", None])
def test_it_tells_whether_secrets_can_be_encrypted(found: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_facts, "located", lambda program: found if program == "systemd-creds" else None)
    assert host_facts.CredentialsCollector().collect() == {"systemd_creds": found is not None}


def test_units_of_the_collection_are_files(tmp_path: Path) -> None:
    for name in ("groundwork-b.timer", "groundwork-a.service", "ssh.service"):
        (tmp_path / name).touch()
    (tmp_path / "groundwork-c.service.d").mkdir()
    found = host_facts.unit_files(str(tmp_path / "groundwork-*.*"))
    assert found == [str(tmp_path / "groundwork-a.service"), str(tmp_path / "groundwork-b.timer")]
