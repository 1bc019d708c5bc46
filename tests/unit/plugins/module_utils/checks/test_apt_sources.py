# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health
from ansible_collections.groundwork.fleet.plugins.module_utils.checks import apt_sources


@pytest.fixture(autouse=True)
def etc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text("deb [signed-by=/k.gpg] http://a b c\n# deb [trusted=yes] http://x y z\n")
    monkeypatch.setattr(apt_sources, "ETC", str(tmp_path))
    return tmp_path


def look() -> health.Observation:
    return apt_sources.observe(apt_sources.Options(), health.Deadline(1))


def test_signed_sources_are_in_order() -> None:
    assert look().facts == {"unsigned": 0}


def test_both_forms_are_read(etc: Path) -> None:
    (etc / "sources.list.d" / "a.list").write_text("deb [arch=amd64 trusted=yes] http://a b c\n")
    (etc / "sources.list.d" / "b.sources").write_text("Types: deb\nTrusted: yes\nAllow-Insecure: no\n")
    seen = look()
    assert seen.facts == {"unsigned": 2} and "trusted=yes" in seen.note and "Trusted: yes" in seen.note


def test_a_host_without_apt_does_not_apply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apt_sources, "ETC", str(tmp_path / "none"))
    assert look().not_applicable == "apt is not installed"
