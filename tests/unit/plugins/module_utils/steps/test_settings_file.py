# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import settings_file

TEXT = "UMASK\t\t022\nPASS_MAX_DAYS\t99999\n"


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setattr(settings_file, "MEMORY", str(tmp_path / "memory"))
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
