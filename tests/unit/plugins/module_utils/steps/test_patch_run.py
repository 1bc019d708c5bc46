# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import apt, apt_host, patch_record, reboot
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import patch_run

OFFERED = {"web": ["2", "1"], "gone": ["1"], "lost": ["2"]}


class Answer(Exception):
    """What the step answered."""


class Host:
    """A host in memory: packages with versions, a repository with OFFERED."""

    architecture = "amd64"

    def __init__(self) -> None:
        self.here = {"web": "1", "gone": "1", "lost": "1"}
        self.marked: list[str] = []
        self.refuses = self.tied = False
        self.commands: list[list[str]] = []

    def packages(self) -> dict[str, apt.Package]:
        return {name: apt.Package(version, "i", False) for name, version in self.here.items()}

    def automatic(self) -> list[str]:
        return ["web"]

    def needs_repair(self) -> bool:
        return False

    def must(self, command: list[str]) -> apt_host.Ran:
        lines = ["%s | %s | http://x y Packages" % (name, version) for name in command[2:] for version in OFFERED.get(name, [])]
        return apt_host.Ran(0, "\n".join(lines), "")

    def simulate(self, arguments: list[str]) -> tuple[apt.Simulation, str]:
        removed = {word[:-1]: "1" for word in arguments if word.endswith("-")}
        if removed and self.tied:
            removed["others"] = "1"
        return apt.Simulation({}, removed), "unmet dependencies" if self.refuses else ""

    def transaction(self, arguments: list[str]) -> None:
        self.commands.append(arguments)
        for word in arguments:
            name, equals, version = word.partition("=")
            if equals:
                self.here[name] = version
            elif word.endswith("-"):
                del self.here[word[:-1]]

    def mark(self, how: str, names: list[str]) -> None:
        self.marked += ["%s %s" % (how, name) for name in names]


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    made = Host()
    monkeypatch.setattr(apt_host.shutil, "which", lambda name: "/usr/bin/" + name)
    monkeypatch.setattr(apt_host, "Apt", lambda *_given: made)
    monkeypatch.setattr(apt_host, "only_one", lambda _timeout: contextlib.nullcontext())
    monkeypatch.setattr(patch_record, "PATH", str(tmp_path / "own" / "patch.json"))
    monkeypatch.setattr(patch_record, "ARCHIVES", str(tmp_path))
    return made


def run(state: str, check: bool = False, **given: Any) -> dict[str, Any]:
    def answered(**answer: Any) -> None:
        raise Answer(answer)

    changes: list[str] = []
    module: Any = SimpleNamespace(
        params={"state": state, "health": {}, "lock_timeout": 0, **given},
        check_mode=check,
        about_to_change=lambda: changes.append("change"),
        exit_json=answered,
        fail_json=answered,
    )
    with pytest.raises(Answer) as told:
        patch_run.run(module)
    found: dict[str, Any] = told.value.args[0]
    return found


@pytest.fixture
def patched(host: Host) -> Host:
    """Return a host that was patched: web upgraded, lost upgraded, gone removed, new installed."""
    run("begun", health={"web": {"status": "ok"}})
    host.here = {"web": "2", "lost": "2", "new": "1"}
    return host


def test_a_second_attempt_keeps_what_was_noted_first(patched: Host) -> None:
    answer = run("begun")
    assert answer["upgraded"] == {"lost": ["1", "2"], "web": ["1", "2"]} and not answer["changed"]
    record = patch_record.read()
    assert record is not None and record["versions"]["web"] == "1" and record["health"] == {"web": {"status": "ok"}}


def test_back_to_the_versions_that_can_be_had_and_the_others_are_named(patched: Host) -> None:
    answer = run("back")
    assert answer["restored"] == {"web": "1", "gone": "1"} and answer["unavailable"] == {"lost": "1"} and answer["changed"]
    assert patched.here == {"web": "1", "gone": "1", "lost": "2"}
    assert patched.marked == ["auto web"]
    assert patch_record.read() is not None, "the note stays until the run has ended"
    assert "web 2\n" in answer["diff"]["before"] and "web 1\n" in answer["diff"]["after"]


def test_an_old_version_comes_from_the_archive_of_the_host(patched: Host, tmp_path: Path) -> None:
    (tmp_path / "lost_1_amd64.deb").write_text("")
    assert run("back", check=True)["unavailable"] == {}
    run("back")
    assert str(tmp_path / "lost_1_amd64.deb") in patched.commands[0]


def test_what_is_new_stays_where_others_need_it(patched: Host) -> None:
    patched.tied = True
    answer = run("back")
    assert "others need it" in answer["stays"]["new"] and patched.here["web"] == "1" and "new" in patched.here


def test_a_refusal_changes_nothing_and_names_what_is_lost(patched: Host) -> None:
    patched.refuses = True
    answer = run("back")
    assert "refuses the way back: unmet dependencies. lost 1 can be had nowhere any more." in answer["msg"]
    assert patched.commands == []


def test_check_mode_changes_nothing(host: Host, patched: Host) -> None:
    assert run("back", check=True)["changed"] is True and host.commands == []
    run("ended", check=True)
    assert patch_record.read() is not None


def test_the_end(patched: Host) -> None:
    assert run("ended")["installed"] == {"new": "1"}
    assert patch_record.read() is None
    assert run("ended")["upgraded"] == {}
    assert "There is no way back" in run("back")["msg"]


def test_a_reboot_is_noted_and_told_at_the_end(patched: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reboot, "current", lambda: "first 1")
    run("rebooting", check=True)
    record = patch_record.read()
    assert record is not None and "leaving" not in record
    assert not run("rebooting")["changed"]
    monkeypatch.setattr(reboot, "current", lambda: "first 2")
    assert run("begun")["upgraded"] and run("ended")["rebooted"] is True
    assert run("ended")["rebooted"] is False
    assert "No reboot can be noted" in run("rebooting")["msg"]


def test_nothing_to_bring_back(host: Host) -> None:
    run("begun", check=True)
    assert patch_record.read() is None
    run("begun")
    assert run("back")["changed"] is False and host.commands == []


def test_a_host_without_apt(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing: Callable[[str], None] = lambda _name: None  # noqa: E731
    monkeypatch.setattr(apt_host.shutil, "which", nothing)
    assert "has no apt-get" in run("begun")["msg"]
