# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import apt, apt_host, patch_record
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import patch_status


class Answer(Exception):
    """What the step answered."""


class Host:
    def __init__(self, *_given: Any) -> None:
        self.fetched = 0
        self.reason: str | None = "age"
        self.fails = False

    def packages(self) -> dict[str, apt.Package]:
        return {"a": apt.Package("1", "i", False)}

    def stale(self, _maximum: int, _stamp: dict[str, Any]) -> str | None:
        return self.reason

    def refresh(self) -> dict[str, Any]:
        self.fetched += 1
        if self.fails:
            raise apt_host.AptError("no network")
        return {"at": 7, "sources": "x"}


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    made = Host()
    monkeypatch.setattr(apt_host.shutil, "which", lambda name: "/usr/bin/" + name)
    monkeypatch.setattr(apt_host, "Apt", lambda *_given: made)
    monkeypatch.setattr(apt_host, "read_records", lambda: {"refreshed": {}, "owners": {}})
    monkeypatch.setattr(apt_host, "write_records", lambda _records: None)
    monkeypatch.setattr(apt_host, "only_one", lambda _timeout: contextlib.nullcontext())
    monkeypatch.setattr(patch_status.patch_status, "gather", lambda _host, record: {"pending": [], "record": record})
    monkeypatch.setattr(patch_record, "read", lambda: None)
    return made


def run(refresh: int | None = None, check: bool = False, warnings: list[str] | None = None) -> dict[str, Any]:
    def answered(**answer: Any) -> None:
        raise Answer(answer)

    module: Any = SimpleNamespace(
        params={"refresh": refresh, "lock_timeout": 0},
        check_mode=check,
        warn=([] if warnings is None else warnings).append,
        exit_json=answered,
        fail_json=answered,
    )
    with pytest.raises(Answer) as told:
        patch_status.run(module)
    found: dict[str, Any] = told.value.args[0]
    return found


def test_it_only_looks(host: Host) -> None:
    assert run() == {"changed": False, "refreshed": False, "unfinished": None, "pending": [], "record": {}}
    assert run(refresh=1, check=True)["refreshed"] is False
    assert host.fetched == 0


def test_old_lists_are_fetched_where_that_is_asked_for(host: Host) -> None:
    assert run(refresh=3600)["record"] == {"at": 7, "sources": "x"}
    host.reason = None
    assert run(refresh=3600)["refreshed"] is False
    assert host.fetched == 1


def test_without_a_network_it_warns(host: Host) -> None:
    warnings: list[str] = []
    host.fails = True
    assert run(refresh=1, warnings=warnings)["refreshed"] is False
    assert "from the old ones. no network" in warnings[0]


def test_a_run_that_has_not_ended(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    record = {"begun": "then", "versions": {"a": "1"}, "automatic": [], "health": {"x": {}}}
    monkeypatch.setattr(patch_record, "read", lambda: record)
    assert run()["unfinished"] == {"begun": "then", "health": {"x": {}}, "rebooted": False}
    record["leaving"] = {**patch_record.leaving({"a": "1"}), "boot": "another"}
    assert run()["unfinished"]["rebooted"] is True


def test_a_host_without_apt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apt_host.shutil, "which", lambda _name: None)
    assert "has no apt-get" in run()["msg"]
