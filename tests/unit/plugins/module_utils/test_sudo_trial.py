# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import sudo_trial

RIGHTS = "ana ALL=(ALL:ALL) NOPASSWD: ALL\n"
Answers = Callable[..., None]


@pytest.fixture
def drop_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "sudoers.d"
    directory.mkdir()
    (directory / "90-deploy").write_text("deploy ALL=(ALL) NOPASSWD: ALL\n")
    (directory / "groundwork-ana").write_text(RIGHTS)
    monkeypatch.setattr(sudo_trial, "DIRECTORY", str(directory))
    monkeypatch.setattr(sudo_trial, "PLACE", str(tmp_path))
    monkeypatch.setattr(sudo_trial, "located", lambda name: "/usr/bin/" + name)
    return directory


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    def give(*codes: int) -> None:
        left = list(codes)
        monkeypatch.setattr(sudo_trial.processes, "answer", lambda _command, _seconds: (left.pop(0), "sudo: a password is required\n"))

    return give


def test_the_user_becomes_root_as_ansible_does_and_sees_the_staged_drop_ins() -> None:
    command = sudo_trial.command("/usr/bin/systemd-run", "ana", "/run/x")
    assert f"BindReadOnlyPaths=/run/x:{sudo_trial.DIRECTORY}" in command and "User=ana" in command
    assert command[command.index("--") + 1 :] == ["sudo", "-n", "-u", "root", "/bin/sh", "-c", ":"]
    assert not any("Bind" in word for word in sudo_trial.command("/usr/bin/systemd-run", "ana"))


def test_what_is_staged_is_all_that_sudo_will_read(drop_ins: Path, tmp_path: Path) -> None:
    staged = tmp_path / "staged"
    staged.mkdir()
    sudo_trial.stage(
        {f"{drop_ins}/groundwork-ana": None, f"{drop_ins}/groundwork-ben": "x\n", f"{drop_ins}/groundwork-none": None}, str(staged)
    )
    assert sorted(path.name for path in staged.iterdir()) == ["90-deploy", "groundwork-ben"]
    assert (staged / "groundwork-ben").stat().st_mode & 0o777 == 0o440


def test_whether_a_drop_in_changes(drop_ins: Path) -> None:
    assert sudo_trial.changes({f"{drop_ins}/groundwork-ana": RIGHTS, f"{drop_ins}/groundwork-none": None}) == []
    assert sudo_trial.changes({f"{drop_ins}/new": "x", f"{drop_ins}/groundwork-ana": None}) == [
        f"{drop_ins}/groundwork-ana",
        f"{drop_ins}/new",
    ]


def test_sudo_that_works_is_proof(drop_ins: Path, answers: Answers, tmp_path: Path) -> None:
    answers(0)
    assert sudo_trial.attempt("ana", {}).proven == ["sudo with the new drop-ins lets ana become root"]
    assert [path.name for path in tmp_path.iterdir()] == ["sudoers.d"]


def test_sudo_that_would_refuse_is_a_refusal(drop_ins: Path, answers: Answers) -> None:
    answers(1, 0)
    refusal = sudo_trial.attempt("ana", {f"{drop_ins}/new": "x"}).refusal
    assert refusal == f"sudo would not let 'ana' become root any more with the new {drop_ins}/new: sudo: a password is required"


def test_sudo_that_asks_already_loses_nothing(drop_ins: Path, answers: Answers) -> None:
    answers(1, 1)
    verdict = sudo_trial.attempt("ana", {})
    assert not verdict.refusal and "already asks ana for a password" in verdict.unproven[0]


def test_a_host_that_gives_no_namespace_proves_nothing(drop_ins: Path, answers: Answers) -> None:
    answers(226, 0)
    assert "exit status 226" in sudo_trial.attempt("ana", {}).unproven[0]


@pytest.mark.parametrize("missing", ["sudo", "systemd-run"])
def test_a_host_without_the_programs(drop_ins: Path, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setattr(sudo_trial, "located", lambda name: None if name == missing else name)
    assert missing in sudo_trial.attempt("ana", {}).unproven[0]
