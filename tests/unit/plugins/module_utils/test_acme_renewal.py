# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import grp
import json
import os
import pwd
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import acme_renewal

ME, MINE = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
ONE: dict[str, Any] = {
    "name": "web",
    "names": ["www.example.org", "example.org"],
    "challenge": "http",
    "webroot": "/var/www",
    "port": 80,
    "owner": ME,
    "group": MINE,
    "key_mode": "0640",
    "reload": "nginx.service",
    "restart": "",
}


@pytest.fixture(name="run")
def _run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    ran: list[list[str]] = []

    def answer(command: list[str], seconds: float, **options: Any) -> tuple[int, str]:
        ran.append(list(command))
        if command[0] == acme_renewal.CERTBOT:
            live = tmp_path / "state" / "live" / "web"
            live.mkdir(parents=True, exist_ok=True)
            for name in ("privkey", "chain", "fullchain"):
                (live / f"{name}.pem").write_text(name)
        return 0, ""

    monkeypatch.setattr(acme_renewal.processes, "answer", answer)
    monkeypatch.setattr(acme_renewal, "listens", lambda port: False)
    (tmp_path / "tls").mkdir()
    settings = {"home": "/h", "state": str(tmp_path / "state"), "folder": str(tmp_path / "tls"), "trust": "", "certificates": [ONE]}
    (tmp_path / "certificates.json").write_text(json.dumps(settings))
    return ran


@pytest.mark.parametrize(
    ("given", "busy", "expected"),
    [
        ({}, True, "--webroot --webroot-path /var/www"),
        ({}, False, "--standalone --http-01-port 80"),
        ({"webroot": "", "port": 8080}, True, "--standalone --http-01-port 8080"),
        ({"challenge": "dns"}, True, "--preferred-challenges dns"),
    ],
)
def test_the_challenge_is_answered_by_who_can(given: dict[str, Any], busy: bool, expected: str) -> None:
    words = acme_renewal.command({**ONE, **given}, "/h", busy)
    assert expected in " ".join(words) and words[-4:] == ["--domain", "www.example.org", "--domain", "example.org"]
    assert ("/h/hook present" in words) == (given.get("challenge") == "dns")


def test_a_new_certificate_is_put_in_place_and_taken_in_once(run: list[list[str]], tmp_path: Path) -> None:
    assert acme_renewal.main([str(tmp_path / "certificates.json")]) == 0
    assert {path.name: path.read_text() for path in (tmp_path / "tls").iterdir()} == {
        "web.crt": "fullchain",
        "web.chain.crt": "chain",
        "web.key": "privkey",
    }
    assert (tmp_path / "tls" / "web.key").stat().st_mode & 0o777 == 0o640
    assert run[1:] == [[acme_renewal.SYSTEMCTL, "try-reload-or-restart", "nginx.service"]]
    assert acme_renewal.main([str(tmp_path / "certificates.json")]) == 0
    assert len(run) == 3, "what has not changed is not taken in again"


def test_what_fails_is_told_and_the_others_are_tried(
    run: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = json.loads((tmp_path / "certificates.json").read_text())
    settings["certificates"] = [{**ONE, "name": "a"}, {**ONE, "name": "b"}]
    (tmp_path / "certificates.json").write_text(json.dumps(settings))
    monkeypatch.setattr(acme_renewal.processes, "answer", lambda command, seconds, **options: (1, "Some failed:\n  Domain: x\n"))
    assert acme_renewal.main([str(tmp_path / "certificates.json")]) == 1
    told = capsys.readouterr().err
    assert [line.partition(" (")[0] for line in told.splitlines()] == [
        "groundwork-acme: a: certbot says",
        "groundwork-acme: b: certbot says",
    ]
    assert "a: certbot says (exit status 1): Some failed: Domain: x\n" in told


def test_an_owner_that_is_not_there_yet_leaves_the_key_to_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(acme_renewal.os, "fchown", lambda descriptor, user, group: given.append((user, group)))
    acme_renewal.put(str(tmp_path / "x"), b"y", 0o600, "not-yet-there", "root")
    assert given == [(0, 0)] and (tmp_path / "x").read_bytes() == b"y"


def test_a_service_that_is_not_there_is_no_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acme_renewal.processes, "answer", lambda command, seconds: (5, "Unit nginx.service not loaded."))
    assert acme_renewal.taken_in(ONE) == []
    monkeypatch.setattr(acme_renewal.processes, "answer", lambda command, seconds: (1, "Job failed."))
    assert acme_renewal.taken_in(ONE) == ["systemctl try-reload-or-restart nginx.service: Job failed."]


def test_wrong_words_and_files_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x").write_text("{")
    assert [acme_renewal.main(words) for words in (["--help"], [], [str(tmp_path / "x")])] == [0, 2, 1]
    assert "usage" in capsys.readouterr().err
