# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, undo, undo_effects
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import password_ages

SHADOW = "root:*:20000:0:99999:7:::\nana:$y$j9T$salt$hash:{today}:0::7:::\nold:$y$j9T$salt$hash:100:0:99999:7:::\n"


@pytest.fixture
def shadow(tmp_path, monkeypatch):
    path = tmp_path / "shadow"
    path.write_text(SHADOW.format(today=int(time.time() // 86400) - 3))
    for name, value in (("SHADOW", path), ("MEMORY", tmp_path / "memory"), ("JOURNAL", tmp_path / "journal")):
        monkeypatch.setattr(password_ages, name, str(value))
    return path


@pytest.fixture
def run(run_step, shadow):
    def chage(_module, command):
        lines = []
        for line in shadow.read_text().splitlines():
            fields = line.split(":")
            if fields[0] == command[4]:
                fields[4] = "" if command[2] == "-1" else command[2]
            lines.append(":".join(fields) + "\n")
        shadow.write_text("".join(lines))
        return 0, "", ""

    def call(base=None, **arguments):
        base = base or type("Base", (run_step.base,), {"run_command": chage})
        return run_step(password_ages, base=base, owner="hardening", **arguments)

    return call


def test_set_again_and_back(run, shadow, tmp_path):
    before = shadow.read_text()
    ages = {"root": {"maximum": 365}, "ana": {"maximum": 90}, "nobody-here": {"maximum": 1}, "old": None}
    foreseen = run(check_mode=True, password_ages=ages)
    assert foreseen["changed"] and shadow.read_text() == before and not Path(password_ages.MEMORY).exists()
    done = run(password_ages=ages)
    assert done["diff"] == foreseen["diff"] == {"before": "ana:  days\nroot: 99999 days\n", "after": "ana: 90 days\nroot: 365 days\n"}
    assert shadow.read_text().splitlines()[0] == "root:*:20000:0:365:7:::"
    assert not run(password_ages=ages)["changed"]
    effects = change_journal.read(done["change"], password_ages.JOURNAL)["effects"]
    assert [one["undo"] for one in effects] == [["chage", "--maxdays", "99999", "--", "root"], ["chage", "--maxdays", "-1", "--", "ana"]]
    run(password_ages={"root": {"maximum": 365}})
    assert shadow.read_text().splitlines()[1] == before.splitlines()[1], "who is left out gets back what they had"
    run(state="absent")
    assert shadow.read_text() == before and not Path(password_ages.MEMORY).exists()
    assert not run(state="absent")["changed"]


def test_a_password_that_would_end_at_once_is_refused(run, shadow):
    before = shadow.read_text()
    answer = run(password_ages={"root": {"maximum": 365}, "old": {"maximum": 365}})
    assert "password_ages['old'] is 365; expected more days than the" in answer["msg"] and "passwd old" in answer["msg"]
    assert shadow.read_text() == before and "$y$" not in str(answer)


@pytest.mark.parametrize("ages", [365, {"minimum": 1}, {"maximum": 0}, {"maximum": True}, {"maximum": "365"}])
def test_what_is_no_age_is_refused(run, ages):
    assert "password_ages['root']" in run(password_ages={"root": ages})["msg"]


def test_a_refusal_of_chage_is_told_and_stays_remembered(run, run_step):
    base = type("Base", (run_step.base,), {"run_command": lambda _module, _command: (1, "", "cannot lock /etc/shadow")})
    assert "chage refuses root: cannot lock" in run(base=base, password_ages={"root": {"maximum": 365}})["msg"]
    assert Path(password_ages.MEMORY, "hardening.json").exists()


def test_a_removal_that_is_taken_back_can_be_made_again(run, shadow, monkeypatch):
    before = shadow.read_text()
    run(password_ages={"root": {"maximum": 365}})
    hardened, removal = shadow.read_text(), run(state="absent")
    monkeypatch.setattr(undo_effects, "_run", lambda _command, _errors: shadow.write_text(hardened))
    undo.undo([removal["change"]], journal=password_ages.JOURNAL)
    assert run(state="absent")["changed"] and shadow.read_text() == before
