# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import (
    apt,
    apt_host,
    outdated_processes,
    patch_status,
    reboot,
    repository_keys,
)
from ansible_collections.groundwork.fleet.plugins.module_utils.apt import Simulation, Upgrade

SECURITY = "Debian-Security:12/stable-security [amd64]"
NOW = 1_800_000_000.0


class Host(apt_host.Apt):
    """A host in memory."""

    def __init__(self) -> None:
        self.here = {"openssl": apt.Package("1", "i", False), "vim": apt.Package("1", "i", False), "kernel": apt.Package("1", "i", True)}
        self.everything = {name: Upgrade("1", "2", SECURITY if name != "vim" else "Debian:12.9/stable [all]") for name in self.here}
        self.architecture = "amd64"
        self.refusal = ""
        self.lists: float | None = NOW - 100
        self.open = False

    def packages(self) -> dict[str, apt.Package]:
        return self.here

    def simulate(self, arguments: Any, **_more: str) -> tuple[Simulation, str]:
        if "--ignore-hold" in arguments:
            return Simulation({**self.everything, "new": Upgrade(None, "1", SECURITY)}, {}), self.refusal
        return Simulation({name: item for name, item in self.everything.items() if name == "openssl"}, {}), self.refusal

    def lists_at(self) -> float | None:  # type: ignore[override]
        return self.lists

    def journal_is_open(self) -> bool:  # type: ignore[override]
        return self.open

    def must(self, command: Any) -> apt_host.Ran:
        assert command == ["apt", "list", "?obsolete"]
        return apt_host.Ran(0, "old/now 1 amd64 [installed,local]\n", "")


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.setattr(reboot, "reasons", lambda *_given: ["a package asks for it"])
    monkeypatch.setattr(outdated_processes, "running", list)
    monkeypatch.setattr(repository_keys, "observe", lambda: [{"repository": 'a"b', "key": "K", "expires": 5}])
    monkeypatch.setattr(patch_status, "UPDATE_STAMP", "/nowhere")
    return Host()


def test_what_is_pending_and_what_would_not_come(host: Host) -> None:
    status = patch_status.gather(host, {}, NOW)
    assert [(one["name"], one["security"], one["kept"]) for one in status["pending"]] == [
        ("kernel", True, "held"),
        ("openssl", True, ""),
        ("vim", False, "kept back"),
    ]
    assert status["security"] == ["kernel", "openssl"]
    assert status["held"] == {"kernel": "1"} and status["obsolete"] == {"old": "1"}
    assert patch_status.due(status, "all") == patch_status.due(status, "security") == ["openssl"]
    assert status["reboot"] == {"needed": True, "reasons": ["a package asks for it"]}
    assert status["lists"] == {"refreshed": int(NOW - 100), "age": 100}


def test_without_lists_nothing_is_known(host: Host) -> None:
    host.lists = None
    status = patch_status.gather(host, {}, NOW)
    assert (status["pending"], status["obsolete"], status["lists"]) == ([], {}, {"refreshed": None, "age": None})
    text = patch_status.to_textfile(status, NOW)
    assert "groundwork_patch_pending" not in text and "groundwork_patch_lists" not in text and "groundwork_patch_held 1\n" in text


def test_an_interrupted_dpkg_is_told_and_hides_what_is_pending(host: Host) -> None:
    host.refusal, host.open = "E: dpkg was interrupted", True
    host.here["half"] = apt.Package("1", "H", False)
    status = patch_status.gather(host, {}, NOW)
    assert status["dpkg"]["interrupted"] and status["dpkg"]["packages"] == ["half"] and "dpkg was interrupted" in status["dpkg"]["problem"]
    assert "groundwork_patch_pending " not in patch_status.to_textfile(status, NOW)


def test_a_refusal_without_a_cause_that_is_known_is_an_error(host: Host) -> None:
    host.refusal = "E: unmet dependencies"
    with pytest.raises(apt_host.AptError, match="cannot tell what is pending: E: unmet"):
        patch_status.gather(host, {}, NOW)


def test_the_newest_trace_of_a_refresh_counts(tmp_path: Path) -> None:
    stamp = tmp_path / "update-stamp"
    assert patch_status.lists_refreshed(10.0, {}, str(stamp)) == 10
    assert patch_status.lists_refreshed(10.0, {"at": 20}, str(stamp)) == 20
    stamp.write_text("")
    assert patch_status.lists_refreshed(10.0, {"at": 20}, str(stamp)) == stamp.stat().st_mtime
    assert patch_status.lists_refreshed(None, {"at": 20}, str(stamp)) is None


def test_metrics(host: Host) -> None:
    text = patch_status.to_textfile(patch_status.gather(host, {}, NOW), NOW)
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert values == {
        "groundwork_patch_pending": "3",
        "groundwork_patch_pending_security": "2",
        "groundwork_patch_held": "1",
        "groundwork_patch_obsolete": "1",
        "groundwork_patch_reboot_needed": "1",
        "groundwork_patch_outdated_processes": "0",
        "groundwork_patch_dpkg_interrupted": "0",
        "groundwork_patch_lists_timestamp_seconds": str(int(NOW - 100)),
        'groundwork_patch_key_expiry_timestamp_seconds{repository="a\\"b"}': "5",
        "groundwork_patch_last_run_seconds": str(int(NOW)),
    }


def test_a_list_of_apt() -> None:
    text = "Listing...\nold/now 1.0-1 amd64 [installed,local]\ndoc/stable 2 all [installed,automatic]\nlib/now 3 i386 [installed,local]\n"
    assert patch_status.parse_list(text, "amd64") == {"old": "1.0-1", "doc": "2", "lib:i386": "3"}
    assert patch_status.parse_list("vim/stable 9 amd64\nvim/stable 9 amd64 [upgradable from: 8]\n", "amd64") == {}
