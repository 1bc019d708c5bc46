# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, file_swap, pam_composition, pam_proof, undo
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import pam

AUTH = "auth\t[success=1 default=ignore]\tpam_unix.so nullok\nauth\trequisite\tpam_deny.so\n"
SU = "auth sufficient pam_rootok.so\n@include common-auth\n"
PROFILES = {
    "count": {"priority": 1024, "auth": ["required pam_faillock.so preauth"]},
    "no-empty": {"arguments": {"common-auth": {"pam_unix.so": {"nullok": False}}, "absent": {"pam_unix.so": {"x": True}}}},
    "su": {"lines": {"su": {"auth": ["required pam_wheel.so"]}, "absent": {"auth": ["required pam_wheel.so"]}}},
}


@pytest.fixture
def host(tmp_path, monkeypatch):
    """Return the directory of the services of a host; pam-auth-update is a function that puts every profile's lines on top."""

    def composed(texts, enabled, removed, directory):
        found = dict(texts)
        path = str(services / "common-auth")
        kept = [line for line in texts[path].splitlines(keepends=True) if "faillock" not in line]
        found[path] = "".join(["auth\trequired pam_faillock.so preauth\n"] * len(list(enabled)) + kept)
        found[str(records / "seen")] = "unix\n" + "".join("groundwork-%s\n" % name for name in enabled)
        return found

    services, profiles, records = tmp_path / "pam.d", tmp_path / "pam-configs", tmp_path / "lib-pam"
    for name, directory in (("SERVICES", services), ("PROFILES", profiles), ("RECORDS", records)):
        directory.mkdir()
        monkeypatch.setattr(pam_composition, name, str(directory))
    (services / "common-auth").write_text(AUTH)
    (services / "su").write_text(SU)
    (records / "seen").write_text("unix\n")
    monkeypatch.setattr(pam, "MEMORY", str(tmp_path))
    monkeypatch.setattr(pam, "JOURNAL", str(tmp_path / "journal"))
    monkeypatch.setattr(pam, "MODULES", (str(tmp_path / "modules"),))
    (tmp_path / "modules").mkdir()
    for name in ("unix", "deny", "rootok", "faillock", "wheel"):
        (tmp_path / "modules" / ("pam_%s.so" % name)).touch()
    monkeypatch.setattr(pam_composition, "composed", composed)
    monkeypatch.setattr(pam_proof, "refused", lambda _questions, _staged: None)
    return services


def snapshot(host):
    return {
        path.relative_to(host.parent): path.read_text() for path in host.parent.rglob("*") if path.is_file() and "journal" not in str(path)
    }


def test_check_apply_again_and_back(run_step, host, tmp_path):
    before = snapshot(host)
    foreseen = run_step(pam, check_mode=True, owner="hardening", profiles=PROFILES)
    assert foreseen["changed"] and snapshot(host) == before
    done = run_step(pam, owner="hardening", profiles=PROFILES)
    assert done["diff"] == foreseen["diff"] and len(done["changed_files"]) == 4
    assert (host / "common-auth").read_text() == "auth\trequired pam_faillock.so preauth\n" + AUTH.replace(" nullok", "")
    assert (host / "su").read_text() == SU.replace("@", "auth\trequired pam_wheel.so\n@")
    assert (tmp_path / "pam-configs" / "groundwork-count").stat().st_mode & 0o777 == 0o644
    assert not (host / "absent").exists()
    assert not run_step(pam, owner="hardening", profiles=PROFILES)["changed"]
    assert run_step(pam, owner="hardening", state="absent")["changed"] and snapshot(host) == before
    assert not run_step(pam, owner="hardening", state="absent")["changed"]


def test_a_profile_that_is_left_out_goes(run_step, host):
    run_step(pam, owner="hardening", profiles=PROFILES)
    run_step(pam, owner="hardening", profiles={"su": PROFILES["su"]})
    assert (host / "common-auth").read_text() == AUTH and "pam_wheel" in (host / "su").read_text()
    assert pam.recall(pam.record_path("hardening")) == {
        "profiles": [],
        "arguments": {},
        "lines": {"su": {"auth": ["required pam_wheel.so"]}},
    }


def test_the_change_can_be_taken_back_and_forgets_nothing(run_step, host):
    before = snapshot(host)
    answer = run_step(pam, owner="hardening", profiles=PROFILES, run="night")
    assert change_journal.read(answer["change"], pam.JOURNAL)["run"] == "night"
    undo.undo([answer["change"]], journal=pam.JOURNAL)
    assert (host / "common-auth").read_text() == AUTH
    assert run_step(pam, owner="hardening", profiles=PROFILES)["changed"]
    run_step(pam, owner="hardening", state="absent")
    assert snapshot(host) == before


def test_mode_and_owner_stay(run_step, host):
    (host / "su").chmod(0o600)
    run_step(pam, owner="hardening", profiles={"su": PROFILES["su"]})
    assert (host / "su").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [False, True])
def test_a_module_that_is_not_there_is_refused_but_foreseen(run_step, host, tmp_path, mode):
    before = snapshot(host)
    (tmp_path / "modules" / "pam_wheel.so").unlink()
    answer = run_step(pam, check_mode=mode, owner="hardening", profiles={"su": PROFILES["su"]})
    assert bool(answer.get("failed")) != mode
    assert mode or "su needs pam_wheel.so, which this host does not have. Nothing was changed." in answer["msg"]
    assert {path: text for path, text in snapshot(host).items() if "modules" not in str(path)} == {
        path: text for path, text in before.items() if "modules" not in str(path)
    }


def test_a_module_that_was_missing_before_is_none_of_ours(run_step, host):
    (host / "login").write_text("session optional pam_lastlog.so\n")
    answer = run_step(pam, owner="hardening", profiles={"su": PROFILES["su"]})
    assert answer["changed"] and str(host / "su") in answer["changed_files"]


def test_a_jump_beyond_the_end_is_refused(run_step, host):
    (host / "su").write_text("auth [success=4 default=ignore] pam_rootok.so\n")
    answer = run_step(pam, owner="hardening", profiles={"no-empty": PROFILES["no-empty"]})
    assert "beyond its end" in answer["msg"] and (host / "common-auth").read_text() == AUTH


def test_who_would_be_kept_out_is_named(run_step, host, monkeypatch):
    asked = []

    def refuse(questions, staged):
        asked.extend(questions)
        assert "pam_wheel" in Path(staged, "su").read_text()
        return questions[1]

    monkeypatch.setattr(pam_proof, "refused", refuse)
    answer = run_step(pam, owner="hardening", profiles={"su": PROFILES["su"]}, user="ana")
    assert "The service sudo of PAM would keep ana out" in answer["msg"] and (host / "su").read_text() == SU
    assert pam_proof.Question("su", "root", True) in asked and not os.path.exists(pam.record_path("hardening"))


def test_what_pam_auth_update_leaves_out_is_told(run_step, host, monkeypatch):
    monkeypatch.setattr(pam_composition, "composed", lambda texts, *_given: texts)
    answer = run_step(pam, owner="hardening", profiles=PROFILES)
    assert "'required pam_faillock.so preauth'; expected that pam-auth-update writes this line" in answer["msg"]
    assert "profiles['x'].auth" in run_step(pam, owner="hardening", profiles={"x": {"auth": "bad"}})["msg"]


@pytest.mark.parametrize("error", [BadInput("another run holds the host"), PermissionError(13, "denied", "/etc/pam.d/su")])
def test_what_cannot_be_written_is_told(run_step, host, monkeypatch, error):
    def refuse(*_given):
        raise error

    monkeypatch.setattr(file_swap, "apply", refuse)
    answer = run_step(pam, owner="hardening", profiles=PROFILES)
    assert answer["failed"] and answer["msg"].startswith(("another run", "/etc/pam.d/su: denied"))
    assert not os.path.exists(pam.record_path("hardening"))


def test_a_removal_that_is_taken_back_is_remembered(run_step, host):
    before = snapshot(host)
    run_step(pam, owner="hardening", profiles=PROFILES)
    hardened = snapshot(host)
    undo.undo([run_step(pam, owner="hardening", state="absent")["change"]], journal=pam.JOURNAL)
    assert snapshot(host) == hardened
    run_step(pam, owner="hardening", state="absent")
    assert snapshot(host) == before


def test_what_an_interrupted_change_left_is_told(run_step, host, monkeypatch):
    monkeypatch.setattr(file_swap, "apply", lambda *_given: file_swap.Outcome(change="1", notes=["Change 0 had been interrupted"]))
    assert run_step(pam, owner="hardening", profiles=PROFILES)["warnings"] == ["Change 0 had been interrupted"]
