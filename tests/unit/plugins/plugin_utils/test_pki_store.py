# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import multiprocessing
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import authority, pki_store

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def wanted(host: str = "web-1") -> pki_store.Wanted:
    return pki_store.Wanted(authority.host_subject(host, [], ["192.0.2.7"]), 90, "test authority")


def tree(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_the_first_run_makes_everything_private(tmp_path: Path) -> None:
    issued = pki_store.issue(tmp_path / "a" / "pki", wanted(), NOW)
    assert issued.authority_created and issued.reason == "there is none yet"
    assert issued.key == tmp_path / "a" / "pki" / "hosts" / "web-1" / "host.key"
    for path in [tmp_path / "a", *(tmp_path / "a").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert (tmp_path / "a" / "pki" / ".gitignore").read_text() == "*\n"


def test_the_second_run_changes_nothing(tmp_path: Path) -> None:
    pki_store.issue(tmp_path, wanted(), NOW)
    before = tree(tmp_path)
    issued = pki_store.issue(tmp_path, wanted(), NOW)
    assert issued.reason is None and not issued.authority_created
    assert tree(tmp_path) == before


def test_an_open_key_is_closed(tmp_path: Path) -> None:
    issued = pki_store.issue(tmp_path, wanted(), NOW)
    issued.key.chmod(0o644)
    pki_store.issue(tmp_path, wanted(), NOW)
    assert stat.S_IMODE(issued.key.stat().st_mode) == 0o600


@pytest.mark.parametrize(("host", "name"), [("a/../b", "a%2F..%2Fb"), ("..", "%2E%2E"), (".", "%2E"), ("web-1.x", "web-1.x")])
def test_any_inventory_name_is_a_safe_path(host: str, name: str) -> None:
    assert pki_store.host_directory(Path("/p"), host) == Path("/p/hosts") / name


@pytest.mark.parametrize("lost", ["ca.key", "ca.crt"])
def test_a_lost_half_of_the_authority_is_never_replaced(tmp_path: Path, lost: str) -> None:
    pki_store.issue(tmp_path, wanted(), NOW)
    (tmp_path / lost).unlink()
    for attempt in (lambda: pki_store.issue(tmp_path, wanted(), NOW), lambda: pki_store.foresee(tmp_path, tmp_path, wanted(), NOW)):
        with pytest.raises(BadInput, match=f"{lost} is gone. Restore"):
            attempt()


def test_an_expired_authority_is_told(tmp_path: Path) -> None:
    pki_store.issue(tmp_path, wanted(), NOW)
    with pytest.raises(BadInput, match="it expired on 2036"):
        pki_store.issue(tmp_path, wanted(), NOW + timedelta(days=3700))


def test_an_interrupted_first_run_starts_again(tmp_path: Path) -> None:
    (tmp_path / "ca.key").write_bytes(b"half")
    assert pki_store.issue(tmp_path, wanted(), NOW).authority_created


def test_foreseeing_touches_nothing_and_answers_the_same(tmp_path: Path) -> None:
    scratch, directory = tmp_path / "scratch", tmp_path / "pki"
    scratch.mkdir()
    fresh = pki_store.foresee(directory, scratch, wanted(), NOW)
    assert fresh.reason == "there is none yet" and fresh.authority_created and fresh.certificate.parent == scratch
    assert not directory.exists()
    pki_store.issue(directory, wanted(), NOW)
    before = tree(directory)
    known = pki_store.foresee(directory, scratch, wanted(), NOW)
    assert known.reason is None and known.certificate.is_relative_to(directory)
    other = pki_store.foresee(directory, scratch, wanted("web-2"), NOW)
    assert other.reason == "there is none yet" and not other.authority_created
    assert other.authority_certificate.read_bytes() == before["ca.crt"]
    assert tree(directory) == before


def _issue(directory: str, host: str) -> None:
    pki_store.issue(Path(directory), wanted(host), NOW)


def test_forks_that_race_agree_on_one_authority(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_issue, args=(str(tmp_path), f"web-{number}")) for number in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    for number in range(6):
        pair = pki_store.read_pair(tmp_path / "hosts" / f"web-{number}", "host")
        assert authority.reason_to_issue(pair, (tmp_path / "ca.crt").read_bytes(), wanted(f"web-{number}").subject, 90, NOW) is None
