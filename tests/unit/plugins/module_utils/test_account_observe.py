# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import account_observe


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("cron/crontabs", "cron/atjobs", "linger", "proc/17", "proc/sys"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setattr(account_observe, "CRONTABS", (str(tmp_path / "cron/crontabs"), str(tmp_path / "cron")))
    monkeypatch.setattr(account_observe, "JOBS", (str(tmp_path / "cron/atjobs"),))
    monkeypatch.setattr(account_observe, "LINGER", str(tmp_path / "linger"))
    monkeypatch.setattr(account_observe, "PROCESSES", str(tmp_path / "proc"))
    monkeypatch.setattr(account_observe, "SHADOW", str(tmp_path / "shadow"))
    (tmp_path / "shadow").write_text("root:!*:19000:0:99999:7::1:\nana:$y$abc:19000::::: \nshort:x\n")
    return tmp_path


def test_a_link_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    assert account_observe.read(str(tmp_path / "link")) is None and account_observe.read(str(tmp_path / "secret")) == "x"


def test_what_is_no_file_of_a_sane_length_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "long").write_bytes(b"x" * (account_observe.LONGEST + 1))
    assert account_observe.read(str(tmp_path / "pipe")) is None and account_observe.read(str(tmp_path / "long")) is None


@pytest.mark.parametrize(
    ("field", "expires", "expected"),
    [
        ("*", "", ("none", False, None)),
        ("!*", "1", ("none", True, 1)),
        ("!", "", ("none", True, None)),
        ("", "", ("empty", False, None)),
        ("$y$j9T$abc", "20000", ("set", False, 20000)),
        ("!$y$j9T$abc", "", ("set", True, None)),
        ("abJnggxhB/yWI", "", ("set", False, None)),
    ],
)
def test_what_a_password_is_without_its_hash(field: str, expires: str, expected: tuple[str, bool, int | None]) -> None:
    assert account_observe.password(field, expires) == expected


def test_what_works_for_an_account(places: Path) -> None:
    name, uid = pwd.getpwuid(os.getuid()).pw_name, os.getuid()
    (places / "cron/crontabs" / name).write_text("@daily true\n")
    (places / "cron/atjobs/a0001101c2d3e4").write_text("true\n")
    (places / "cron/atjobs/.SEQ").write_text("00011\n")
    (places / "linger" / name).write_text("")
    user = account_observe.users()[name]
    assert user.traces.crontab == str(places / "cron/crontabs" / name)
    assert (user.traces.jobs, user.traces.linger, user.traces.processes) == ([0x11], True, True)
    assert account_observe.running() == {uid}
    if name == "root":
        assert (user.locked, user.expires, user.keys) == (True, 1, None)


def test_a_host_without_these_places(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CRONTABS", "JOBS"):
        monkeypatch.setattr(account_observe, name, (str(places / "none"),))
    monkeypatch.setattr(account_observe, "SHADOW", str(places / "none"))
    assert account_observe.crontabs() == {} and account_observe.jobs() == {} and account_observe.passwords() == {}


@pytest.mark.parametrize(
    ("kind", "owner", "above", "mode", "found"),
    [
        ("directory", 1000, 0, 0o711, True),
        ("directory", 1001, 0, 0o711, False),
        ("link", 1000, 0, 0o711, False),
        ("file", 1000, 0, 0o711, False),
        ("nothing", 1000, 0, 0o711, False),
        ("directory", 1000, 1000, 0o711, False),
        ("directory", 1000, 0, 0o1777, False),
    ],
)
def test_the_temporary_directory_of_an_account_is_its_own_and_stands_in_one_of_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, owner: int, above: int, mode: int, found: bool
) -> None:
    parent, path = tmp_path / "user", tmp_path / "user" / "1000"
    parent.mkdir()
    if kind == "directory":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(tmp_path)
    elif kind == "file":
        path.write_text("")
    parent.chmod(mode)
    real = os.lstat

    def owned(where: str) -> os.stat_result:
        fields = list(real(where))
        fields[4] = owner if where == str(path) else above
        return os.stat_result(fields)

    monkeypatch.setattr(account_observe.os, "lstat", owned)
    assert account_observe.temporary(1000, str(parent)) == (str(path) if found else "")


@pytest.mark.parametrize(("kind", "starts"), [("program", True), ("text", False), ("directory", False), ("nothing", False)])
def test_a_shell_is_a_file_that_may_be_executed(tmp_path: Path, kind: str, starts: bool) -> None:
    shell = tmp_path / "shell"
    if kind == "directory":
        shell.mkdir()
    elif kind != "nothing":
        shell.write_text("")
        shell.chmod(0o755 if kind == "program" else 0o644)
    assert account_observe.starts(str(shell)) is starts
    assert account_observe.starts("") and not account_observe.starts("/bin/\0")
