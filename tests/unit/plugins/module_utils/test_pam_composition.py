# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import pam_composition
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

TEXTS = {
    "/etc/pam.d/common-auth": "auth required pam_unix.so\n",
    "/usr/share/pam-configs/groundwork-a": "Name: a\n",
    "/var/lib/pam/seen": "unix\n",
}
PROGRAM = """#!/bin/sh
test "$1" = --root || exit 9
printf 'auth required pam_a.so\\n' >> "$2/etc/pam.d/common-auth"
echo "$* $DEBIAN_FRONTEND" > "$2/var/lib/pam/seen"
test -f "$DEBCONF_SYSTEMRC" || exit 8
%s
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "pam-auth-update"
    path.write_text(PROGRAM % "")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "work").mkdir()
    return path


def test_it_works_on_a_copy(program: Path, tmp_path: Path) -> None:
    work = str(tmp_path / "work")
    found = pam_composition.composed(TEXTS, ["a"], ["b"], work, str(program))
    assert found["/etc/pam.d/common-auth"] == "auth required pam_unix.so\nauth required pam_a.so\n"
    assert found["/var/lib/pam/seen"] == "--root %s/root --package --remove groundwork-b --enable groundwork-a noninteractive\n" % work
    assert found["/usr/share/pam-configs/groundwork-a"] == "Name: a\n"
    assert set(found) == set(TEXTS)


EARLY = """#!/usr/bin/perl
my $inputdir = '/usr/share/pam-configs';
opendir(DIR, $inputdir) || die "could not open config directory: $!";
while (my $opt = shift) { if ($opt eq '--root') { shift; } }
open(SEEN, '>', "$ENV{SEEN}"); print SEEN join(' ', grep { !/^\\./ } readdir(DIR)); close(SEEN);
"""


def test_one_that_reads_the_profiles_before_its_options_reads_those_of_the_copy(program: Path, tmp_path: Path, monkeypatch) -> None:
    """Ubuntu 22.04: its --root comes too late for the profiles."""
    program.write_text(EARLY)
    monkeypatch.setenv("SEEN", str(tmp_path / "read"))
    pam_composition.composed(TEXTS, ["a"], [], str(tmp_path / "work"), str(program))
    assert (tmp_path / "read").read_text() == "groundwork-a"
    assert program.read_text() == EARLY


def test_one_that_reads_them_after_its_options_is_run_as_it_is(tmp_path: Path) -> None:
    program = tmp_path / "pam-auth-update"
    lines = EARLY.splitlines(keepends=True)
    program.write_text("".join([lines[0], lines[1], lines[3], lines[2], lines[4]]))
    assert pam_composition.obedient(str(program), "/r", str(tmp_path)) == str(program)


@pytest.mark.parametrize("end", ["echo 'Local modifications to /etc/pam.d/common-*, not updating.' >&2", "echo broken >&2; exit 1"])
def test_a_stack_that_it_does_not_take_is_told(program: Path, tmp_path: Path, end: str) -> None:
    program.write_text(PROGRAM % end)
    with pytest.raises(BadInput, match=r"does not take the profiles: (Local modifications|broken)"):
        pam_composition.composed(TEXTS, ["a"], [], str(tmp_path / "work"), str(program))


def test_a_host_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pam_composition.shutil, "which", lambda _name, path: None)
    with pytest.raises(BadInput, match="no pam-auth-update"):
        pam_composition.composed(TEXTS, ["a"], [], str(tmp_path))


def test_nothing_to_say_nothing_in_the_command() -> None:
    assert pam_composition.command("p", "/r", [], []) == ["p", "--root", "/r", "--package"]


def test_bytes_that_are_no_text_survive(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "su").write_bytes(b"# \xff\n")
    texts = {"/etc/pam.d/su": pam_composition.read_directory(str(tmp_path / "in"))[str(tmp_path / "in" / "su")]}
    pam_composition.stage(str(tmp_path / "out"), texts)
    assert (tmp_path / "out/etc/pam.d/su").read_bytes() == b"# \xff\n"
    assert pam_composition.read_directory(str(tmp_path / "none")) == {}
