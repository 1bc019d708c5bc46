# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command: its hosts, its site, and the file of reasons."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.console import LabError
from tools.audit_score import hosts
from tools.audit_score.__main__ import introduction, parser, reasons


def test_every_reason_is_written_down() -> None:
    accepted, losses = reasons()
    assert accepted
    assert losses


def test_an_empty_reason_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "accepted.yml"
    path.write_text("openscap: {sudo_add_noexec: }\nlynis: {}\n", encoding="utf-8")
    with pytest.raises(LabError, match=r"openscap\.sudo_add_noexec is None"):
        reasons(path)


def test_the_site_hardens_both_hosts_and_one_serves_the_other() -> None:
    fleet = hosts.fleet_of("debian-12")
    groups = hosts.inventory_of(fleet, "strict")["all"]
    assert groups["vars"]["hardening_level"] == "strict"
    assert set(groups["hosts"]) == {"audited", "collector"}
    assert groups["children"]["log_servers"]["hosts"] == {"collector": {}}
    assert {host.image for host in fleet.hosts} == {"debian-12"}


def test_the_page_says_how_it_was_measured() -> None:
    text = " ".join(introduction("debian-12", "strict"))
    assert "hardening_level: strict" in text
    assert "What a container cannot show" in text


def test_an_unknown_image_is_refused() -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["--host-image", "debian-11"])
