# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import apt_host, patch_record, reboot

RECORD = {"begun": "2026-01-01T00:00:00Z", "versions": {"a": "1"}, "automatic": [], "health": {}}


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "groundwork" / "patch.json"
    monkeypatch.setattr(patch_record, "PATH", str(found))
    return found


def test_it_is_kept_and_forgotten(path: Path) -> None:
    assert patch_record.read() is None
    patch_record.write(RECORD)
    assert path.stat().st_mode & 0o777 == 0o600 and patch_record.read() == RECORD
    patch_record.forget()
    assert not path.parent.exists()
    patch_record.forget()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"begun": "x", "versions": [], "automatic": [], "health": {}}'])
def test_a_damaged_record_is_told(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(apt_host.AptError, match=r"is damaged .* Remove it"):
        patch_record.read()


def test_the_way_back() -> None:
    before, now = {"up": "1", "gone": "1", "same": "1"}, {"up": "2", "same": "1", "new": "1", "linux-image-6.1.0-9-amd64": "1"}
    way = patch_record.way_back(before, now, "6.1.0-9-amd64")
    assert way.versions == {"up": "1", "gone": "1"} and way.gone == ["new"]
    assert way.stays == {"linux-image-6.1.0-9-amd64": "it is the kernel that runs"}


def test_what_apt_has_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patch_record, "ARCHIVES", str(tmp_path))
    for name in ("vim_2%3a9.0-1_amd64.deb", "doc_1_all.deb", "libc6_2_i386.deb"):
        (tmp_path / name).write_text("")
    assert patch_record.archive("vim", "2:9.0-1", "amd64") == str(tmp_path / "vim_2%3a9.0-1_amd64.deb")
    assert patch_record.archive("doc", "1", "amd64") == str(tmp_path / "doc_1_all.deb")
    assert patch_record.archive("libc6:i386", "2", "amd64") == str(tmp_path / "libc6_2_i386.deb")
    assert patch_record.archive("vim", "1", "amd64") is None


def test_a_reboot_that_was_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    now = {"a": "2"}
    monkeypatch.setattr(reboot, "current", lambda: "first 1")
    record = {**RECORD, "leaving": patch_record.leaving(now)}
    assert not patch_record.rebooted(RECORD) and not patch_record.rebooted(record)
    monkeypatch.setattr(reboot, "current", lambda: "first 2")
    assert patch_record.rebooted(record) and patch_record.in_effect(record, now)
    assert not patch_record.in_effect(record, {"a": "3"}), "what came since waits for another reboot"
    assert not patch_record.rebooted(RECORD)
