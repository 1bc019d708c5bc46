# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import certificate_status
from ansible_collections.groundwork.fleet.plugins.plugin_utils import authority, revocation
from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_program import plain_program

NOW = datetime.now(UTC).replace(microsecond=0)
ROOT = authority.new_authority("the root", NOW)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "tls"
    folder.mkdir()
    leaf = authority.new_leaf(ROOT, authority.host_subject("web-1", [], []), 90, NOW)
    (folder / "host.crt").write_bytes(leaf.certificate + ROOT.certificate)
    (folder / "web.chain.crt").write_bytes(ROOT.certificate)
    (folder / "ca.crt").write_bytes(ROOT.certificate)
    (folder / "crl.pem").write_bytes(revocation.new_revocation_list(ROOT, {}, NOW + timedelta(days=30), NOW))
    return folder


def test_what_a_service_shows_is_told_and_nothing_else(folder: Path) -> None:
    (found,) = certificate_status.certificates(str(folder))
    assert found == {
        "name": "host",
        "issuer": "the root",
        "begins": int((NOW - authority.CLOCK_SKEW).timestamp()),
        "ends": int((NOW + timedelta(days=90)).timestamp()),
    }


def test_the_program_writes_the_metrics(folder: Path, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text(plain_program("certificate_status"))
    program.chmod(0o755)
    done = subprocess.run([program, "--directory", folder, "--textfile", tmp_path / "x.prom"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    text, ends = (tmp_path / "x.prom").read_text(), int((NOW + timedelta(days=90)).timestamp())
    assert f'groundwork_certificate_not_after_timestamp_seconds{{name="host",issuer="the root"}} {ends}\n' in text
    assert f"groundwork_certificate_list_end_timestamp_seconds {int((NOW + timedelta(days=30)).timestamp())}\n" in text
    shown = subprocess.run([program, "--directory", folder], check=False, capture_output=True, text=True)
    assert shown.stdout == f"host: until {(NOW + timedelta(days=90)):%Y-%m-%d %H:%M} UTC, by the root\n"


def test_what_cannot_be_read_has_ended(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "host.crt").write_text("junk")
    (folder / "crl.pem").write_text("junk")
    assert certificate_status.certificates(str(folder))[0]["ends"] == 0 and certificate_status.list_end(str(folder)) == 0
    assert certificate_status.main(["--directory", str(folder)]) == 0
    assert capsys.readouterr().out == "host: ended 1970-01-01 00:00 UTC, by nobody that can be read\n"


@pytest.mark.parametrize(
    ("words", "code"), [(["--help"], 0), ([], 2), (["--directory"], 2), (["--directory", "/gone"], 2), (["--x", "y"], 2)]
)
def test_wrong_words_are_told(words: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert certificate_status.main(words) == code
    captured = capsys.readouterr()
    assert captured.out + captured.err


def test_labels_are_escaped() -> None:
    text = certificate_status.to_textfile([{"name": "a", "issuer": 'x"\\', "begins": 1, "ends": 2}], None, 3.0)
    assert 'issuer="x\\"\\\\"} 2' in text and "list_end" not in text
