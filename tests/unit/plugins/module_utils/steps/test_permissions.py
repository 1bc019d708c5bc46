# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import stat
from types import SimpleNamespace

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import permissions


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(permissions, "MEMORY", str(tmp_path / "memory"))
    monkeypatch.setattr(permissions, "JOURNAL", str(tmp_path / "journal"))
    found = tmp_path / "folder"
    found.mkdir()
    for name, mode in (("a.log", 0o644), ("b.log", 0o600), ("c.txt", 0o666), ("tool", 0o4755)):
        (found / name).touch()
        (found / name).chmod(mode)
    (found / "link.log").symlink_to(found / "c.txt")
    return found


def mode(path):
    return stat.S_IMODE(path.lstat().st_mode)


def test_take_again_and_give_back(run_step, folder):
    paths = {"%s/*.log" % folder: {"mode": "0640"}, "%s/tool" % folder: {"mode": "0755"}, "%s/none" % folder: {"mode": "0600"}}
    foreseen = run_step(permissions, check_mode=True, owner="hardening", permissions=paths)
    assert foreseen["changed"] and mode(folder / "a.log") == 0o644 and not os.path.exists(permissions.MEMORY)
    done = run_step(permissions, owner="hardening", permissions=paths)
    assert done["diff"] == foreseen["diff"] and done["paths"] == [str(folder / "a.log"), str(folder / "tool")]
    assert "a.log 0644" in done["diff"]["before"] and "a.log 0640" in done["diff"]["after"]
    assert [mode(folder / name) for name in ("a.log", "b.log", "c.txt", "tool")] == [0o640, 0o600, 0o666, 0o755]
    assert not run_step(permissions, owner="hardening", permissions=paths)["changed"]
    assert run_step(permissions, owner="hardening", state="absent")["changed"]
    assert mode(folder / "tool") == 0o4755 and mode(folder / "a.log") == 0o644 and not os.path.exists(permissions.MEMORY)
    assert not run_step(permissions, owner="hardening", state="absent")["changed"]


def test_what_is_left_out_is_given_back(run_step, folder):
    run_step(permissions, owner="x", permissions={"%s/a.log" % folder: {"mode": "0600"}, "%s/c.txt" % folder: {"mode": "0600"}})
    assert run_step(permissions, owner="x", permissions={"%s/a.log" % folder: {"mode": "0600"}})["paths"] == [str(folder / "c.txt")]
    assert mode(folder / "c.txt") == 0o666 and mode(folder / "a.log") == 0o600


def test_the_way_back_is_recorded_first(run_step, folder, monkeypatch):
    seen = []
    real = change_journal.add_effects
    monkeypatch.setattr(change_journal, "add_effects", lambda *given: seen.append(mode(folder / "tool")) or real(*given))
    answer = run_step(permissions, owner="x", permissions={"%s/tool" % folder: {"mode": "0755"}}, run="night")
    manifest = change_journal.read(answer["change"], permissions.JOURNAL)
    assert seen == [0o4755] and manifest["run"] == "night"
    assert [one["undo"] for one in manifest["effects"]] == [["chmod", "4755", "--", str(folder / "tool")]]


def test_what_cannot_be_recorded_is_not_changed(run_step, folder, monkeypatch):
    def refuse(*_given):
        raise BadInput("another run changes files")

    monkeypatch.setattr(change_journal, "add_effects", refuse)
    answer = run_step(permissions, owner="x", permissions={"%s/tool" % folder: {"mode": "0755"}})
    assert answer["msg"] == "another run changes files" and mode(folder / "tool") == 0o4755


def test_an_owner_that_the_host_does_not_have_is_refused(run_step, folder):
    answer = run_step(permissions, owner="x", permissions={"%s/tool" % folder: {"owner": "nobody-here"}})
    assert "is 'nobody-here'; expected a user of this host" in answer["msg"]
    assert not run_step(permissions, owner="x", permissions={"%s/none" % folder: {"owner": "nobody-here"}})["changed"]


def test_what_the_kernel_refuses_is_told(run_step, folder, monkeypatch):
    monkeypatch.setattr(os, "chmod", lambda *_given: (_ for _ in ()).throw(PermissionError(1, "Operation not permitted")))
    answer = run_step(permissions, owner="x", permissions={"%s/tool" % folder: {"mode": "0755"}})
    assert answer["refused"] == [str(folder / "tool")] and not answer["changed"]
    assert "tool keeps its permissions: Operation not permitted." in answer["warnings"][0]


def test_everybodys_home(run_step, folder, monkeypatch):
    here = os.getuid()
    people = [
        SimpleNamespace(pw_uid=1000, pw_shell="/bin/bash", pw_dir=str(folder)),
        SimpleNamespace(pw_uid=1001, pw_shell="/usr/sbin/nologin", pw_dir=str(folder / "x")),
        SimpleNamespace(pw_uid=1002, pw_shell="/bin/sh", pw_dir="/"),
        SimpleNamespace(pw_uid=1003, pw_shell="/bin/sh", pw_dir=str(folder.parent)),
    ]
    assert (
        permissions.owner_of(str(folder)) == here
        and permissions.owner_of(str(folder / "none")) == permissions.owner_of(str(folder / "tool")) == -1
    )
    monkeypatch.setattr(permissions, "owner_of", lambda path: 1000 if path == str(folder) else 0)
    monkeypatch.setattr(permissions.pwd, "getpwall", lambda: people)
    assert run_step(permissions, owner="x", permissions={"~/*.log": {"mode": "0640"}})["paths"] == [str(folder / "a.log")]
    assert run_step(permissions, owner="x", state="absent")["paths"] == [str(folder / "a.log")]
