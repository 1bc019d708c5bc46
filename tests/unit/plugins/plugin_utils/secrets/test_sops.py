# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the program says is answered by a program of our own here; tests/integration/test_secret_programs.py has the real one."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import NotThere, sops

VALUE = "correct horse battery staple"


@pytest.fixture(name="files")
def _files(tmp_path: Path) -> Path:
    directory = tmp_path / ".groundwork" / "secrets"
    directory.mkdir(parents=True)
    for name in ("a.yml", "b.json", "c.bin", ".env"):
        (directory / name).write_text("encrypted")
    return directory


def test_one_run_of_the_program_for_all_fields_of_a_file(use: Callable[..., Any], program: Callable[[str], str], files: Path) -> None:
    document = json.dumps({"db": {"password": VALUE, "ports": [1, 2]}, "on": True})
    path = program("echo \"$@\" >> %s/calls\necho '%s'" % (files, document))
    one = use("sops", program=path)
    assert one.fetch("a.yml#db.password") == VALUE.encode()
    assert (one.fetch("a.yml#db.ports.1"), one.fetch("a.yml#on")) == (b"2", b"true")
    assert "Did you mean password?" in one.refused("a.yml#db.passwrd", NotThere)
    assert "The field db is not a text. It has the fields password, ports." in one.refused("a.yml#db")
    assert "has the fields db, on" in one.refused("a.yml")
    assert (files / "calls").read_text().splitlines() == ["decrypt --input-type yaml --output-type json %s/a.yml" % files]


def test_the_key_is_neither_in_the_environment_nor_in_a_file(use: Callable[..., Any], program: Callable[[str], str], files: Path) -> None:
    body = "env | grep -q '%s' && exit 9\ncat $SOPS_AGE_KEY_FILE" % VALUE
    assert use("sops", program=program(body), age_key=VALUE).fetch("c.bin") == VALUE.encode()
    assert "is a binary file and has no fields" in use("sops", program=program(body), age_key=VALUE).refused("c.bin#x")


@pytest.mark.parametrize(("said", "meaning"), sops.COMPLAINTS)
def test_complaints(use: Callable[..., Any], program: Callable[[str], str], files: Path, said: str, meaning: str) -> None:
    path = program("echo 'Error: %s %s' >&2; exit 1" % (said, VALUE))
    assert use("sops", program=path).refused("b.json#x") == meaning


def test_refusals(use: Callable[..., Any], program: Callable[[str], str], files: Path) -> None:
    assert "It needs the program sops-of-nowhere" in use("sops", program="sops-of-nowhere").refused("a.yml#x")
    assert "No such file or directory. Create it with sops edit." in use("sops").refused("gone.yml#x", NotThere)
    assert "ended with status 3: run sops decrypt" in use("sops", program=program("exit 3")).refused("a.yml#x")
    assert "not a mapping" in use("sops", program=program("echo '[1]'")).refused("a.yml#x")
    assert "Name the field" in use("sops").refused("new.yml", act="store")
    assert "has to be there already" in use("sops").refused("new.ini#a", act="store")


NOTED = "2024-03-01T12:00:00Z"


@pytest.mark.parametrize("line", ['    lastmodified: "%s"\n', '"lastmodified": "%s",\n', "sops_lastmodified=%s\n"])
def test_the_age_is_what_sops_noted(use: Callable[..., Any], files: Path, line: str) -> None:
    (files / "a.yml").write_text("x: 1\nsops:\n" + line % NOTED)
    assert use("sops").changed_at("a.yml#x") == datetime.datetime(2024, 3, 1, 12, tzinfo=datetime.UTC)
    assert use("sops").changed_at("gone.yml#x") is None
    assert use("sops").changed_at("b.json#x") is not None
