# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import pam_proof
from ansible_collections.groundwork.fleet.plugins.module_utils.pam_proof import Question

needs_pam = pytest.mark.skipif(pam_proof._library() is None, reason="this machine has no libpam of 1.4 or newer")
OPEN = "auth required pam_permit.so\naccount required pam_permit.so\n"
SHUT = "auth required pam_permit.so\naccount required pam_deny.so\n"


@pytest.fixture
def places(tmp_path: Path) -> tuple[str, str]:
    """Return a directory of services as they are now, and one of staged ones."""
    for name, text in (("now", OPEN), ("staged", OPEN)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "sudo").write_text(text)
    return str(tmp_path / "staged"), str(tmp_path / "now")


@needs_pam
def test_libpam_answers_for_files_that_are_not_in_place(places: tuple[str, str]) -> None:
    staged, now = places
    question = Question("sudo", "root", authenticate=True)
    assert pam_proof.status_of(question, staged) == 0
    assert pam_proof.refused([Question("absent", "root"), question], staged, now) is None
    Path(staged, "sudo").write_text(SHUT)
    assert pam_proof.status_of(question, staged) == 7, "PAM_AUTH_ERR"
    assert pam_proof.refused([question], staged, now) == question
    Path(now, "sudo").write_text(SHUT)
    assert pam_proof.refused([question], staged, now) is None, "who was kept out before may stay out"


@needs_pam
def test_a_stack_that_wants_a_password_is_no_answer(places: tuple[str, str]) -> None:
    staged, _now = places
    Path(staged, "sudo").write_text("auth required pam_unix.so\naccount required pam_permit.so\n")
    assert pam_proof.status_of(Question("sudo", "root", authenticate=True), staged) != 0
    assert pam_proof.status_of(Question("sudo", "root"), staged) == 0, "nobody is authenticated where that was not asked"


def test_a_module_that_dies_is_no_yes(places: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    staged, now = places
    monkeypatch.setattr(pam_proof, "_library", lambda: object())
    monkeypatch.setattr(pam_proof, "_ask", lambda *_given: os.kill(os.getpid(), 9))
    assert pam_proof.status_of(Question("sudo", "root"), staged) == 255
    monkeypatch.setattr(pam_proof, "_ask", lambda _library, _question, directory: 0 if directory == now else 7)
    assert pam_proof.refused([Question("sudo", "ana")], staged, now) == Question("sudo", "ana")


def test_a_host_that_cannot_tell_refuses_nobody(places: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pam_proof.ctypes, "CDLL", lambda _name: (_ for _ in ()).throw(OSError("no libpam")))
    assert pam_proof.status_of(Question("sudo", "root"), places[0]) == pam_proof.NOT_ASKED
    assert pam_proof.refused([Question("sudo", "root")], *places) is None
