# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's program: its command line, what it runs and what it leaves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_program
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

TYPES = health.check_types()
CHECKS: dict[str, Any] = {
    "root": {"file": {"path": "/"}},
    "web page": {"file": {"path": "/nowhere"}, "requires": "root"},
    "web file": {"file": {"path": "/etc"}, "warn": {"mode": "0000"}},
}


def load(name: str) -> health.CheckType:
    return health.load_type(name, TYPES[name].read_text())


@pytest.fixture
def declared(tmp_path: Path) -> Path:
    path = tmp_path / "health.json"
    path.write_text(json.dumps({"timeout": "20s", "checks": CHECKS}))
    return path


def run(declared: Path, *words: str) -> tuple[int, str]:
    return health_program.run(["--declaration", str(declared), *words], list(TYPES), load)


def test_the_exit_status_is_that_of_the_worst_check(declared: Path) -> None:
    assert run(declared)[0] == 2
    assert run(declared, "--only=web file")[0] == 1
    assert run(declared, "--only", "root")[0] == 0


def test_it_prints_what_is_asked_for(declared: Path) -> None:
    assert run(declared, "--format=nagios")[1].startswith("HEALTH CRITICAL - 1 of 3 checks passed, 1 failed, 1 with a warning: web page")
    assert json.loads(run(declared, "--format", "json")[1])["status"] == "failed"
    assert "groundwork_health_check_ok" in run(declared, "--format", "textfile")[1]
    assert run(declared, "--list") == (0, "root\nweb page\nweb file\n")
    assert "--declaration" in run(declared, "--help")[1]


def test_what_a_chosen_check_requires_runs_too(declared: Path) -> None:
    assert list(json.loads(run(declared, "--only", "web p*", "--format=json")[1])["checks"]) == ["root", "web page"]


def test_it_leaves_the_files(declared: Path, tmp_path: Path) -> None:
    run(declared, "--json", str(tmp_path / "out.json"), "--textfile", str(tmp_path / "out.prom"))
    assert json.loads((tmp_path / "out.json").read_text())["checks"]["root"]["status"] == "ok"
    assert 'check="web page"' in (tmp_path / "out.prom").read_text()
    assert (tmp_path / "out.prom").stat().st_mode & 0o777 == 0o644
    assert sorted(path.name for path in tmp_path.iterdir()) == ["health.json", "out.json", "out.prom"]


@pytest.fixture
def unreadable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An ordinary user's view: the declaration is root's, the report is everybody's."""

    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(health_program, "_declared", refuse)
    monkeypatch.setattr(health_program, "REPORT", str(tmp_path / "report.json"))
    return tmp_path / "report.json"


def test_who_may_not_read_the_checks_gets_the_last_report(declared: Path, unreadable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as as_root:
        as_root.setattr(health_program, "_declared", lambda path: {"checks": CHECKS, "oldest": 240.0})
        run(declared, "--json", str(unreadable))
    report = json.loads(unreadable.read_text())
    assert report["oldest"] == 240.0
    monkeypatch.setattr(health_program.time, "time", lambda: report["time"] + 12)
    code, text = health_program.run(["--format=nagios"], list(TYPES), load)
    assert (code, text.split(" | ")[0].rpartition(": web page, web file ")[2]) == (2, "(the last report, 12 s old)")
    assert text.startswith("HEALTH CRITICAL - 1 of 3 checks passed")
    assert health_program.run(["--only=root"], list(TYPES), load)[0] == 0
    assert health_program.run(["--list"], list(TYPES), load) == (0, "root\nweb page\nweb file\n")
    assert json.loads(health_program.run(["--format=json"], list(TYPES), load)[1])["time"] == report["time"]
    with pytest.raises(BadInput, match=r"--declaration is .*Permission denied"):
        run(declared)
    monkeypatch.setattr(health_program.time, "time", lambda: report["time"] + 241)
    with pytest.raises(BadInput, match="the last report is '241 s old'; expected at most 240 s"):
        health_program.run([], list(TYPES), load)


@pytest.mark.parametrize("content", [None, "{", "[]", '{"time": 1}'])
def test_a_report_that_is_none(unreadable: Path, content: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    if content is not None:
        unreadable.write_text(content)
    assert health_program.main([], list(TYPES), load) == 3
    assert capsys.readouterr().out.startswith("HEALTH UNKNOWN - /etc/groundwork/health.json may be read by root only, and the last report")


def test_a_maintenance_window_counts(declared: Path) -> None:
    always = [{"from": "00:00", "until": "12:00", "reason": "x"}, {"from": "12:00", "until": "00:00", "reason": "x"}]
    declared.write_text(json.dumps({"checks": CHECKS, "maintenance": always}))
    code, text = run(declared)
    assert code == 1
    assert "(maintenance: x, until" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--fromat=json"], "Did you mean '--format'"),
        (["--format=jsn"], "Did you mean 'json'"),
        (["--only"], "--only is None; expected a value"),
        (["--only=nobody"], "--only is 'nobody'; expected names of checks"),
        (["format"], "is 'format'"),
        (["--timeout=soon"], "timeout is 'soon'"),
    ],
)
def test_a_wrong_command_line_is_refused(declared: Path, words: list[str], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        run(declared, *words)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "expected a JSON file with checks"),
        ("[]", "expected a mapping with `checks`"),
        ('{"cheks": {}}', "Did you mean 'checks'"),
        ('{"checks": {"a": {"fil": {}}}}', "Did you mean 'file'"),
    ],
)
def test_a_wrong_declaration_is_unknown_and_runs_nothing(
    declared: Path, text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    declared.write_text(text)
    assert health_program.main(["--declaration", str(declared)], list(TYPES), load) == 3
    out = capsys.readouterr().out
    assert out.startswith("HEALTH UNKNOWN - ") and message in out
