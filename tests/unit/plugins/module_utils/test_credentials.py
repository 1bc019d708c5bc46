# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With a program in place of systemd-creds that encrypts like it as far as this matters: anew each time, bound to its name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import credentials, file_content, file_set
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry

PROGRAM = r"""#!/bin/sh
name=${2#--name=}
case "$1" in
  encrypt) printf '%s:%s:' "$name" "$$"; tr a-z b-za ;;
  decrypt) file=$3; grep -q "^$name:" "$file" || { echo "refused" >&2; exit 1; }; sed 's/^[^:]*:[^:]*://' "$file" | tr b-za a-z ;;
esac
"""
KEY = "5e" * 32


@pytest.fixture(name="path")
def _path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/systemd-creds"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", "%s:%s" % (tmp_path / "bin", os.environ["PATH"]))
    return tmp_path / "db"


def wanted(path: Path, content: bytes = b"", sent: bool = True, secret: bytes = b"hunter") -> Entry:
    entry = Entry(str(path), "file", secret=True, credential="db")
    digest = file_content.keyed(KEY, secret)
    return Entry(**{**entry.__dict__, "content": content}) if sent else Entry(**{**entry.__dict__, "key": KEY, "sha256": digest})


def test_a_new_secret_is_encrypted(path: Path) -> None:
    found = credentials.sealed(wanted(path, b"hunter"), check_mode=False)
    assert found.content != b"hunter"
    path.write_bytes(found.content)
    assert credentials.decrypted("db", str(path)) == b"hunter"
    assert credentials.decrypted("other", str(path)) is None


def test_what_is_right_stays_as_it_is(path: Path) -> None:
    path.write_bytes(credentials.encrypted("db", b"hunter", str(path)))
    before = path.read_bytes()
    for entry in (wanted(path, b"hunter"), wanted(path, sent=False)):
        found = credentials.sealed(entry, check_mode=False)
        assert (found.content, found.key) == (before, "")
        assert file_set.changes([found]) == []


def test_another_secret_is_asked_for_and_encrypted(path: Path) -> None:
    path.write_bytes(credentials.encrypted("db", b"old", str(path)))
    unsent = credentials.sealed(wanted(path, sent=False), check_mode=False)
    assert file_set.lacking(file_set.changes([unsent])) == [unsent.sha256]
    found = credentials.sealed(wanted(path, b"hunter"), check_mode=False)
    path.write_bytes(found.content)
    assert credentials.decrypted("db", str(path)) == b"hunter"


def test_an_open_file_becomes_encrypted(path: Path) -> None:
    path.write_bytes(b"hunter")
    found = credentials.sealed(wanted(path, b"hunter"), check_mode=False)
    assert file_set.changes([found])


def test_check_mode_encrypts_nothing(path: Path) -> None:
    assert credentials.sealed(wanted(path, b"hunter"), check_mode=True).content == b"hunter"


def test_others_are_left_alone(path: Path) -> None:
    for entry in (Entry(str(path), "file", content=b"x"), Entry(str(path), "absent", credential="db")):
        assert credentials.sealed(entry, check_mode=False) is entry


def test_errors_name_the_file_and_not_the_secret(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin/systemd-creds").write_text("#!/bin/sh\necho no TPM >&2\nexit 1\n")
    with pytest.raises(BadInput, match=r"db'\] could not be encrypted as the credential 'db': no TPM") as error:
        credentials.encrypted("db", b"hunter2", str(path))
    assert "hunter2" not in str(error.value)
    (tmp_path / "bin/systemd-creds").write_text("#!/bin/sh\nexec sleep 5\n")
    monkeypatch.setattr(credentials, "SECONDS", 0)
    with pytest.raises(BadInput, match="did not end within 0 s") as error:
        credentials.encrypted("db", b"hunter2", str(path))
    assert error.value.__cause__ is None
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadInput, match=r"has no systemd-creds, which comes with systemd 250"):
        credentials.encrypted("db", b"hunter2", str(path))
