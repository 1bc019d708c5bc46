# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import stat
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports import store
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import HostReport, Report


def of_run(report: Report, run: str, *hosts: HostReport) -> Report:
    return dataclasses.replace(report, properties={store.RUN: run}, hosts=hosts)


def test_a_fleet_is_put_together_from_what_was_kept_of_its_hosts(report: Report, tmp_path: Path) -> None:
    directory = tmp_path / "new" / "audit"
    for host in report.hosts:
        store.keep_host(directory, of_run(report, "r1", host), 0o600)
    whole = store.with_hosts(directory, of_run(report, "r1"), ["db-1", "web-1", "ops-1"])
    assert whole.hosts == (report.hosts[1], report.hosts[0], report.hosts[2])
    assert whole.detail("sshd-root-login") == report.detail("sshd-root-login")
    assert whole.score == report.score


def test_what_another_run_kept_does_not_count(report: Report, tmp_path: Path) -> None:
    store.keep_host(tmp_path, of_run(report, "r1", report.hosts[0]), 0o600)
    (tmp_path / "hosts" / "db-1.audit.json").write_text("{", encoding="utf-8")
    whole = store.with_hosts(tmp_path, of_run(report, "r2"), ["web-1", "db-1", "gone"])
    assert [(host.host, host.problem) for host in whole.hosts] == [(name, store.NOT_KEPT) for name in ("web-1", "db-1", "gone")]
    assert whole.score is None


def test_what_was_kept_of_another_host_does_not_count(report: Report, tmp_path: Path) -> None:
    path = store.keep_host(tmp_path, of_run(report, "r1", report.hosts[0]), 0o600)
    path.rename(path.with_name("db-1.audit.json"))
    assert store.with_hosts(tmp_path, of_run(report, "r1"), ["db-1"]).unexamined


def test_new_folders_are_closed_and_kept_out_of_git_and_old_ones_stay(report: Report, tmp_path: Path) -> None:
    directory = tmp_path / "open" / "audit"
    directory.parent.mkdir(mode=0o755)
    path = store.keep_host(directory, of_run(report, "r", report.hosts[0]), 0o640)
    paths = store.keep(directory, report, ["document", "textfile"], 0o600)
    assert [one.name for one in paths] == ["audit.json", "audit.prom"]
    modes = {one: stat.S_IMODE(one.stat().st_mode) for one in (directory.parent, directory, path.parent, path, *paths)}
    assert list(modes.values()) == [0o755, 0o700, 0o700, 0o640, 0o600, 0o600]
    assert (directory / ".gitignore").read_text(encoding="utf-8") == "*\n"
    store.keep(directory.parent, report, ["document"], 0o600)
    assert not (directory.parent / ".gitignore").exists()
    assert stat.S_IMODE(directory.parent.stat().st_mode) == 0o755


def test_nothing_is_written_where_a_format_does_not_exist(report: Report, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="formats is 'html'"):
        store.keep(tmp_path / "audit", report, ["document", "html"], 0o600)
    assert not (tmp_path / "audit").exists()


def test_text_that_is_not_utf_8_is_written_all_the_same(report: Report, tmp_path: Path) -> None:
    odd = dataclasses.replace(report, hosts=(HostReport("a\ud800", problem="b\ud800"),))
    assert len(store.keep(tmp_path, odd, None, 0o600)) == 7
