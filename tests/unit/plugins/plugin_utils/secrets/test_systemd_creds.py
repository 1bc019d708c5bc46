# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the program says is answered by a program of our own here; tests/integration/test_secret_programs.py has the real one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import AlreadyThere, NotThere, systemd_creds

VALUE = "correct horse battery staple"
# Notes its arguments; "encrypts" by a copy.
PROGRAM = 'echo "$@" >> "${0%/*}/calls"; case $1 in decrypt) cat "$3";; encrypt) cat;; esac'


def test_created_read_and_replaced(use: Callable[..., Any], program: Callable[[str], str], tmp_path: Path) -> None:
    one = use("systemd_creds", program=program(PROGRAM), with_key="host")
    one.store("a/db", VALUE.encode())
    assert one.fetch("a/db") == one.fetch("a/db.cred") == VALUE.encode()
    assert "is there already" in one.refused("a/db", AlreadyThere, act="store")
    one.store("doc#x.y?name=other", b"1")
    one.replace("doc#z?name=other", b"2")
    assert (one.fetch("doc#x.y?name=other"), one.fetch("doc#z?name=other")) == (b"1", b"2")
    path = tmp_path / ".groundwork" / "secrets" / "a" / "db.cred"
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[:2] == ["encrypt --name=db --with-key=host - -", "decrypt --name=db %s -" % path]
    assert calls[3] == "encrypt --name=other --with-key=host - -"
    assert one.changed_at("a/db").tzinfo is not None
    assert "No such file" in one.refused("gone", NotThere)


@pytest.mark.parametrize(("said", "meaning"), systemd_creds.COMPLAINTS)
def test_complaints(use: Callable[..., Any], program: Callable[[str], str], tmp_path: Path, said: str, meaning: str) -> None:
    (tmp_path / "x.cred").touch()
    one = use("systemd_creds", directory=".", program=program("echo '%s %s' >&2; exit 1" % (said, VALUE)))
    assert one.refused("x") == meaning


def test_unknown_complaint(use: Callable[..., Any], program: Callable[[str], str], tmp_path: Path) -> None:
    (tmp_path / "x.cred").touch()
    one = use("systemd_creds", directory=".", program=program("echo '%s' >&2; exit 1" % VALUE))
    assert "ended with status 1: run systemd-creds decrypt" in one.refused("x")
