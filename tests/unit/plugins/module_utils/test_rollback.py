# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, file_swap, rollback, undo_effects
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry


@pytest.fixture
def journal(tmp_path):
    return str(tmp_path / "changes")


@pytest.fixture(autouse=True)
def programs(monkeypatch):
    """What would have been run."""
    told = []
    monkeypatch.setattr(change_journal, "_held", None)
    monkeypatch.setattr(undo_effects, "_run", lambda command, errors: told.append(" ".join(command)) or "")
    return told


@pytest.fixture
def write(tmp_path, journal):
    """Write a file as a step does, and return its path."""

    def write(name, content, run="one", **more):
        entry = Entry(str(tmp_path / name), "file", content=content.encode(), **more)
        file_swap.apply([entry], [], file_swap.Conditions(run=run, journal=journal))
        return tmp_path / name

    return write


def begun(journal, run="one", rollback_wanted=True, name=""):
    return rollback.Deployment({"rollback": rollback_wanted, "run": run, "deployment": name}, journal)


def test_what_a_step_changed_is_taken_back(write, journal):
    path = write("a", "before")
    deployment = begun(journal)
    deployment()
    write("a", "after")
    write("new", "x")
    told = deployment.take_back()
    assert path.read_text() == "before" and not path.with_name("new").exists()
    assert "as it was before: the files" in told and str(path) in told
    assert rollback.read(journal) is None


def test_a_secret_comes_back_too_and_is_written_nowhere_else(write, journal, tmp_path):
    path = write("a", "old-s3cret", secret=True, mode=0o640)
    deployment = begun(journal)
    deployment()
    write("a", "new-s3cret", secret=True, mode=0o600)
    plain = write("plain", "x")
    assert "not kept" not in deployment.take_back()
    assert path.read_text() == "old-s3cret" and path.stat().st_mode & 0o777 == 0o640 and not plain.exists()
    others = [one.read_bytes() for one in tmp_path.rglob("*") if one.is_file() and one != path]
    assert others and not any(b"s3cret" in content for content in others)


def test_a_secret_that_a_killed_run_replaced_stays_and_is_said(write, journal):
    write("a", "old-s3cret", secret=True)
    begun(journal)()
    path = write("a", "new-s3cret", secret=True)
    change_journal.hold_secrets(False)  # as the process had ended
    assert "But: %s: secret content is not kept" % path in begun(journal).take_back()
    assert path.read_text() == "new-s3cret"


def test_what_the_last_proof_has_proven_stays_though_a_later_step_fails(write, journal):
    deployment = begun(journal)
    deployment()
    path = write("a", "x")
    deployment.step_ended(failed=False)
    deployment.proven()
    assert deployment.take_back() == "" and path.exists()
    deployment()
    later = write("later", "x")
    assert str(later) in deployment.take_back() and path.exists() and not later.exists()


def test_a_deployment_leaves_what_one_of_another_name_has_not_proven(write, journal):
    begun(journal)()
    path = write("a", "x")
    other = begun(journal, "two", name="monitoring")
    other()
    mine = write("b", "x", "two")
    assert str(mine) in other.take_back() and path.exists() and rollback.read(journal, "monitoring") is None
    begun(journal, "three", name="monitoring").proven()
    assert rollback.read(journal) is not None
    assert str(path) in begun(journal, "four").take_back()


def test_nothing_changed_is_nothing_to_tell(write, journal):
    write("a", "x")
    assert begun(journal).take_back() == ""
    deployment = begun(journal)
    deployment()
    assert deployment.take_back() == "" and rollback.read(journal) is None


def test_without_being_asked_nothing_is_noted(write, journal):
    deployment = begun(journal, rollback_wanted=False)
    deployment()
    path = write("a", "x")
    deployment.step_ended(failed=False)
    assert rollback.read(journal) is None and deployment.take_back() == ""
    assert path.exists()


def test_what_is_proven_stays(write, journal):
    deployment = begun(journal)
    deployment()
    path = write("a", "x")
    deployment.step_ended(failed=False)
    deployment.proven()
    assert begun(journal, "two").take_back() == ""
    assert path.exists()


def test_what_a_killed_run_left_is_of_the_next(write, journal):
    """It is killed within a step: nobody has noted the change."""
    path = write("a", "before")
    killed = begun(journal)
    killed()
    write("a", "half")
    following = begun(journal, "two")
    following()
    write("b", "x", run="two")
    following.step_ended(failed=False)
    following.take_back()
    assert path.read_text() == "before" and not path.with_name("b").exists()


def test_a_killed_run_that_is_completed_is_proven(write, journal):
    killed = begun(journal)
    killed()
    path = write("a", "after")
    following = begun(journal, "two")
    following.proven()
    assert rollback.read(journal) is None and path.read_text() == "after"


def test_between_the_steps_the_changes_of_others_are_theirs(write, journal):
    deployment = begun(journal)
    deployment()
    mine = write("a", "x")
    deployment.step_ended(failed=False)
    others = write("b", "x")
    begun(journal, "two").take_back()
    assert others.exists() and not mine.exists()


def test_within_a_step_only_its_own_run_counts(write, journal):
    deployment = begun(journal)
    deployment()
    mine, others = write("a", "x"), write("b", "x", run="somebody")
    deployment.take_back()
    assert others.exists() and not mine.exists()


def test_units_that_nobody_watched_are_known(write, journal):
    assert rollback.unproven(journal) == []
    deployment = begun(journal)
    deployment()
    effect = {"unit": "a.service", "before": {"active": True, "enabled": "enabled"}, "did": ["restart"]}
    change_journal.add_effects([effect], "", "one", journal)
    assert rollback.unproven(journal) == ["a.service"]


def test_the_old_unit_runs_again(write, journal, programs):
    write("a", "before")
    deployment = begun(journal)
    deployment()
    write("a", "after")
    old = {"unit": "a.service", "before": {"active": True, "enabled": "enabled"}, "did": ["restart"]}
    new = {"unit": "b.service", "before": {"active": False, "enabled": ""}, "did": ["enable", "start"]}
    change_journal.add_effects([old, new], "", "one", journal)
    told = deployment.take_back()
    assert "systemctl restart -- a.service" in programs
    assert {"systemctl stop -- b.service", "systemctl disable -- b.service"} <= set(programs)
    assert "the units" in told


def test_a_change_that_is_gone_from_the_journal_does_not_hold_up_the_others(write, journal):
    deployment = begun(journal)
    deployment()
    write("a", "x")
    deployment.step_ended(failed=False)
    change_journal.forget(deployment.record.changes[0], journal)
    assert deployment.take_back() == ""
    assert not os.path.exists(rollback.path_of(journal))
