# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, file_swap, originals, undo
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import settings_file

TEXT = "UMASK\t\t022\nPASS_MAX_DAYS\t99999\n"


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setattr(settings_file, "MEMORY", str(tmp_path / "memory"))
    monkeypatch.setattr(settings_file, "JOURNAL", str(tmp_path / "journal"))
    (tmp_path / "login.defs").write_text(TEXT)
    return tmp_path / "login.defs"


def test_set_again_check_and_back(run_step, path, tmp_path):
    arguments = {"owner": "hardening", "path": str(path), "settings": {"UMASK": "027", "HOME_MODE": "0700", "PASS_MAX_DAYS": None}}
    foreseen = run_step(settings_file, check_mode=True, **arguments)
    assert foreseen["changed"] and path.read_text() == TEXT and not (tmp_path / "memory").exists()
    done = run_step(settings_file, **arguments)
    assert done["changed"] and done["diff"] == foreseen["diff"]
    assert path.read_text() == "UMASK\t027\nPASS_MAX_DAYS\t99999\nHOME_MODE\t0700\n"
    assert not run_step(settings_file, **arguments)["changed"]
    back = run_step(settings_file, owner="hardening", path=str(path), state="absent")
    assert back["restored"] == ["HOME_MODE", "UMASK"] and path.read_text() == TEXT and not (tmp_path / "memory").exists()
    assert not run_step(settings_file, owner="hardening", path=str(path), state="absent")["changed"]


def test_a_setting_that_is_left_out_comes_back(run_step, path):
    run_step(settings_file, owner="hardening", path=str(path), settings={"UMASK": "027", "PASS_MAX_DAYS": 365})
    run_step(settings_file, owner="hardening", path=str(path), settings={"PASS_MAX_DAYS": 365})
    assert path.read_text() == "UMASK\t\t022\nPASS_MAX_DAYS\t365\n"


def test_a_file_that_is_not_there(run_step, path):
    path.unlink()
    answer = run_step(settings_file, owner="hardening", path=str(path), settings={"UMASK": "027"})
    assert answer["missing"] and not answer["changed"] and not path.exists()


def test_a_value_that_spans_lines_is_refused(run_step, path):
    answer = run_step(settings_file, owner="hardening", path=str(path), settings={"UMASK": "1\nX 2"})
    assert "settings['UMASK']" in answer["msg"] and path.read_text() == TEXT


def test_mode_and_owner_stay_and_the_change_can_be_taken_back(run_step, path, tmp_path):
    path.chmod(0o640)
    owner = path.stat().st_uid
    answer = run_step(settings_file, owner="hardening", path=str(path), settings={"UMASK": "027"}, run="night")
    assert (path.stat().st_mode & 0o777, path.stat().st_uid) == (0o640, owner)
    manifest = change_journal.read(answer["change"], settings_file.JOURNAL)
    assert manifest["run"] == "night" and [record["path"] for record in manifest["paths"]] == [str(path)]
    undo.undo([answer["change"]], journal=settings_file.JOURNAL)
    assert path.read_text() == TEXT and path.stat().st_mode & 0o777 == 0o640
    assert run_step(settings_file, owner="hardening", path=str(path), settings={"UMASK": "027"})["restored"] == []
    run_step(settings_file, owner="hardening", path=str(path), state="absent")
    assert path.read_text() == TEXT and sorted(entry.name for entry in tmp_path.iterdir() if "journal" not in entry.name) == ["login.defs"]


def test_no_change_no_journal(run_step, path, tmp_path):
    answer = run_step(settings_file, owner="hardening", path=str(path), settings={"PASS_MAX_DAYS": 99999})
    assert answer["change"] == "" and not answer["changed"] and [entry.name for entry in tmp_path.iterdir()] == ["login.defs"]


@pytest.mark.parametrize("error", [BadInput("another run holds the host"), PermissionError(13, "denied", "/etc/login.defs")])
def test_what_cannot_be_written_is_told_and_its_lines_stay_remembered(run_step, path, monkeypatch, error):
    def refuse(*_given):
        raise error

    monkeypatch.setattr(file_swap, "apply", refuse)
    answer = run_step(settings_file, owner="hardening", path=str(path), settings={"UMASK": "027"})
    assert answer["failed"] and answer["msg"].startswith(("another run", "/etc/login.defs: denied")) and path.read_text() == TEXT
    assert originals.recall(settings_file.memory_path("hardening", str(path))) == {"UMASK": ["UMASK\t\t022\n"]}


def test_what_an_interrupted_change_left_is_told(run_step, path, monkeypatch):
    monkeypatch.setattr(file_swap, "apply", lambda *_given: file_swap.Outcome(change="1", notes=["Change 0 had been interrupted"]))
    answer = run_step(settings_file, owner="hardening", path=str(path), settings={"UMASK": "027"})
    assert answer["warnings"] == ["Change 0 had been interrupted"] and answer["change"] == "1"


def test_a_removal_that_is_taken_back_can_be_made_again(run_step, path):
    run_step(settings_file, owner="hardening", path=str(path), settings={"UMASK": "027"})
    removal = run_step(settings_file, owner="hardening", path=str(path), state="absent")
    undo.undo([removal["change"]], journal=settings_file.JOURNAL)
    assert path.read_text().startswith("UMASK\t027")
    assert run_step(settings_file, owner="hardening", path=str(path), state="absent")["restored"] == ["UMASK"]
    assert path.read_text() == TEXT
