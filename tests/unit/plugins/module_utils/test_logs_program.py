# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_canaries, logs_program
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_program import plain_program

from .log_server_files import DAY, NOW, Server, line, server, tls  # noqa: F401  # fixtures


@pytest.fixture
def said(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Any:  # noqa: F811
    """Return what runs the program and tells its exit status, its output and its errors."""
    real = logs_program.processes.answer
    no_journal = (1, "")
    monkeypatch.setattr(
        logs_program.processes, "answer", lambda command, *more: no_journal if "journalctl" in command[0] else real(command, *more)
    )
    path = tmp_path / "logs.json"
    path.write_text(json.dumps(server.settings))
    monkeypatch.setattr(logs_program, "SETTINGS", str(path))

    def run(*words: str) -> tuple[int, str, str]:
        code = logs_program.main(list(words))
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    for number in range(3):
        server.write("web-1", "nginx", line(NOW - 60 + number, "web-1", "nginx", "line %d" % number))
    return run


def test_it_ends_as_grep_does(said: Any) -> None:
    assert said("--grep", "LINE 1", "--ignore-case")[:2] == (0, said("--grep=line 1")[1]) and said("--grep", "nothing")[:2] == (1, "")
    assert said("find", "--count", "--since", "1h")[:2] == (0, "3\n") and said("--count", "--host", "x")[:2] == (1, "0\n")
    assert said("--output", "raw")[1].startswith("<14>1 ") and json.loads(said("--output=json", "--grep", "0$")[1])["message"] == "line 0"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--sinse", "1h"], "Did you mean '--since'?"),
        (["fnd"], "Did you mean 'find'?"),
        (["--count=1"], "--count is '1'; expected no value"),
        (["--grep", "("], "--grep is '('; expected a regular expression"),
        (["--severity", "warn"], "Did you mean 'warning'?"),
        (["--output", "xml"], "--output is 'xml'"),
        (["--since", "1h", "--until", "2h"], "--until is '2h'; expected a moment after --since"),
        (["verify", "--host", "x"], "expected a known option"),
        (["--since"], "--since is None; expected a value"),
        (["--directory", "/nonexistent-logs"], "No such file"),
    ],
)
def test_what_it_does_not_understand_it_says(said: Any, words: list[str], expected: str) -> None:
    code, out, err = said(*words)
    assert code == 2 and not out and expected in err and err.startswith("groundwork-logs: ")


def test_settings_that_cannot_be_read_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert logs_program.main(["--settings", "/nonexistent"]) == 2 and "--settings is '/nonexistent'" in capsys.readouterr().err
    with pytest.raises(BadInput):
        logs_program.settings_of({"settings": "/nonexistent"})


def test_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert logs_program.main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all("--" + name in text for names in logs_program.COMMANDS.values() for name in names) and all(
        name in text for name in logs_program.COMMANDS
    )


def test_an_end_that_was_told_elsewhere_is_compared(said: Any, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:  # noqa: F811
    server.write("web-2", "ssh", line(NOW - 2 * DAY, "web-2", "ssh", "x"))
    code, out, _err = said("archive")
    assert code == 0 and out.startswith("closed=1 removed=0 n=4 head=")
    server.write("other", "groundwork-log-chain", line(NOW, "other", "groundwork-log-chain", out.strip()))
    code, told, _err = said("heads", "--host", "other")
    assert code == 0 and told.endswith(out)
    (tmp_path / "heads").write_text(told)
    assert said("verify", "--anchors", str(tmp_path / "heads"))[0] == 0
    monkeypatch.setattr(sys, "stdin", io.StringIO(told.replace("n=4", "n=9")))
    code, out, _err = said("verify", "--anchors", "-")
    assert code == 1 and "entry 9 was told elsewhere" in out
    assert len(log_canaries.verified(str(server.folder))["problems"]) == 1


def test_that_nothing_is_closed_yet_is_verified_and_told_too(said: Any, server: Server) -> None:  # noqa: F811
    server.write("web-1", "nginx", line(NOW, "web-1", "nginx", "x"))
    shutil.rmtree(server.folder / ".groundwork", ignore_errors=True)
    assert said("verify")[0] == 0
    assert log_canaries.verified(str(server.folder))["problems"] == []
    assert said("archive")[0] == 0 and said("verify")[0] == 0


def test_it_tells_prometheus_of_canaries_and_files(said: Any, server: Server, tmp_path: Path) -> None:  # noqa: F811
    server.write(
        "web-1", "groundwork-heartbeat", line(NOW - 100, "web-1", "groundwork-heartbeat", "a"), line(NOW - 10, "web-1", "x", "b", NOW - 7.5)
    )
    server.write("gone-1", "groundwork-heartbeat", line(NOW - 100, "gone-1", "groundwork-heartbeat", "a"))
    server.write("web-2", "groundwork-heartbeat", line(NOW - 2 * DAY, "web-2", "groundwork-heartbeat", "a"))
    server.close(NOW)
    said("verify")
    assert said("metrics", "--textfile", str(tmp_path / "x.prom"))[0] == 0
    found = dict(one.rsplit(" ", 1) for one in (tmp_path / "x.prom").read_text().splitlines() if not one.startswith("#"))
    assert float(found['groundwork_log_canary_latency_seconds{sender="web-1"}']) == pytest.approx(2.5, abs=0.001)
    assert int(found['groundwork_log_canary_last_seen_timestamp_seconds{sender="web-1"}']) == int(NOW - 10)
    # Of a closed file its name tells when; nobody waits for a host that may not send any more.
    assert abs(int(found['groundwork_log_canary_last_seen_timestamp_seconds{sender="web-2"}']) - (NOW - 2 * DAY)) < 2
    assert not any("gone-1" in name for name in found) and 'groundwork_log_canary_latency_seconds{sender="web-2"}' not in found
    assert found["groundwork_log_archive_problems"] == "0" and found["groundwork_log_archive_files"] == "1"
    assert found["groundwork_log_server_receiving"] == "0"


def test_the_program_in_one_file_runs_by_itself(server: Server, tmp_path: Path) -> None:  # noqa: F811
    server.write("web-1", "nginx", line(NOW, "web-1", "nginx", "x"))
    (tmp_path / "logs.json").write_text(json.dumps(server.settings))
    (tmp_path / "program").write_text(plain_program("logs_program", sys.executable))
    for words, expected in (
        (["--output", "json"], '"message": "x"'),
        (["space"], ""),
        (["archive"], "n="),
        (["verify"], "intact"),
        (["metrics"], "archive"),
    ):
        command = [sys.executable, "-IS", str(tmp_path / "program"), *words, "--settings", str(tmp_path / "logs.json")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0 and expected in done.stdout, (words, done.stderr)
