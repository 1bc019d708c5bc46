# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_drain, log_keeper, log_metrics, log_spool, processes

from tests.unit.plugins.module_utils.test_log_spool import lines, note


@pytest.fixture
def out(tmp_path: Path) -> Path:
    for name in ("out/segments", "out/state", "collect", "metrics"):
        (tmp_path / name).mkdir(parents=True)
    folder = tmp_path / "out"
    for number in range(5):
        path = folder / "segments" / ("17956910%d.log" % number)
        path.write_text(lines(10, first=10 * number))
        os.utime(path, (1000 + number, 1000 + number))
    return folder


def configuration(out: Path, **output: Any) -> dict[str, Any]:
    one = {
        "bound": 1 << 30,
        "share": 0.25,
        "most": 1 << 33,
        "policy": "oldest",
        "lines": 4,
        "address": "",
        "port": 0,
        "clean_end": "always",
        **output,
    }
    return {"state": str(out.parent), "textfile": str(out.parent / "metrics" / "x.prom"), "lines": 3, "inputs": {}, "outputs": {"out": one}}


def names(out: Path) -> list[str]:
    return [os.path.basename(one.path)[8:-4] for one in log_spool.segments(str(out))]


@pytest.mark.parametrize(
    ("size", "again", "unread", "changed", "wanted"),
    [
        (0, 0, 0, 0.0, True),
        (0, None, 0, 0.0, True),
        (1, 0, 0, 0.0, False),
        (0, 1, 0, 0.0, False),
        (0, 0, 1, 0.0, False),
        (0, 0, 0, 99.0, False),
    ],
)
def test_a_sender_is_idle(out: Path, size: int, again: int | None, unread: int, changed: float, wanted: bool) -> None:
    """Where its statistics say so, it has read every segment, and none was written since."""
    assert not log_keeper.is_idle(str(out)), "nothing is told yet"
    for number, path in enumerate(sorted((out / "segments").iterdir())):
        note(out / "state", path, path.stat().st_size - (unread if number == 0 else 0))
        os.utime(path, (1000 + changed, 1000 + changed))
    queues = {"send": size} | ({} if again is None else {"again": again})
    stats = [{"name": name, "origin": "core.queue", "size": number} for name, number in queues.items()]
    path = out / "state" / "stats"
    path.write_text("".join("Thu Nov 26: %s\n" % json.dumps(one) for one in stats))
    os.utime(path, (1010, 1010))
    assert log_keeper.is_idle(str(out)) == wanted
    assert log_keeper.has_nothing_to_send(str(out), {"clean_end": "idle"}) == wanted
    assert not log_keeper.has_nothing_to_send(str(out), {"clean_end": "never"})


def test_what_is_sent_goes_but_for_its_last_lines(out: Path) -> None:
    for number in (0, 1, 4):
        note(out / "state", out / "segments" / ("17956910%d.log" % number), 120 if number != 1 else 110)
    assert log_keeper.remove_sent(str(out), 4, 2000.0) == 1
    assert names(out) == ["1", "2", "3", "4"]
    assert (out / "kept.log").read_text() == lines(4, first=6)
    assert log_keeper.remove_sent(str(out), 4, 1010.0) == 0


@pytest.mark.parametrize(("policy", "left"), [("oldest", ["2", "3", "4"]), ("newest", ["0", "3", "4"])])
def test_what_is_too_much_goes_and_is_counted(out: Path, policy: str, left: list[str]) -> None:
    note(out / "state", out / "segments" / "179569100.log", 60)
    counts = log_metrics.Counts(str(out / "counts.json"))
    lost = log_keeper.drop(str(out), 400, policy, counts)
    assert names(out) == left and lost == (15 if policy == "oldest" else 20)
    assert log_metrics.Counts(str(out / "counts.json")).values == {"dropped": lost}
    assert log_keeper.drop(str(out), 400, policy, counts) == 0


def test_dead_letters_are_bounded_and_stay_counted(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_metrics, "DEAD_LETTER_BYTES", 100)
    told = configuration(out)
    for number in range(1, 4):
        with (out / "dead-letters.log").open("a") as stream:
            stream.write("letter %d\n" % number * 20)
        metrics = log_keeper.look(told, 1e9, lambda _text: None)
        assert ("dead_letters_total", {"output": "out"}, 20.0 * number) in metrics
    assert (out / "dead-letters.log").read_text() == "" and (out / "dead-letters.log.1").read_text() == "letter 3\n" * 20


def test_what_is_written_at_is_never_dropped(out: Path) -> None:
    log_keeper.drop(str(out), 1, "oldest", log_metrics.Counts(str(out / "counts.json")))
    assert names(out) == ["3", "4"]


def test_the_bound_follows_what_is_free(out: Path) -> None:
    assert log_keeper.bound_of(str(out), configuration(out)["outputs"]["out"]) == 1 << 30
    assert 0 < log_keeper.bound_of(str(out), configuration(out, bound=0, most=5000)["outputs"]["out"]) <= 5000


def test_a_bound_larger_than_the_disk_is_refused(out: Path) -> None:
    [problem] = log_keeper.too_large(configuration(out, bound=1 << 60))
    assert problem.startswith("fleet_logs.outputs.out.disk is 1152921504606846976; expected less than the")
    assert list(log_keeper.too_large(configuration(out))) == []


def test_senders_that_nobody_declares_are_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[list[str]] = []

    def answer(command: list[str], _seconds: float) -> tuple[int, str]:
        said.append(command)
        return 0, "groundwork-log-sender-a.service loaded active\ngroundwork-log-sender-b.service loaded active\n"

    monkeypatch.setattr(processes, "answer", answer)
    path = tmp_path / "spool.json"
    known = {"outputs": {"a": {}}, "path": str(path)}
    assert log_keeper.retire(known) == ["groundwork-log-sender-b.service"]
    assert said[1:] == [["systemctl", "disable", "--now", "groundwork-log-sender-b.service"]]
    path.write_text(json.dumps({"outputs": {"b": {}}}))
    said.clear()
    log_keeper.retire(known)
    assert len(said) == 1, "a run has declared it anew since"


def test_commands(out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(processes, "answer", lambda *_command: (1, ""))
    monkeypatch.setenv("SERVICE_RESULT", "success")
    path = str(out.parent / "spool.json")
    Path(path).write_text(json.dumps(configuration(out)))
    assert log_keeper.main(["--help"]) == 0 and log_keeper.main([path, "send"]) == 2 and log_keeper.main([path, "before-send"]) == 2
    for words in (["check"], ["before-collect"], ["after-collect"], ["before-send", "out"], ["stop-send", "out"], ["after-send", "out"]):
        assert log_keeper.main([path, *words]) == 0
    for command in ("before-send", "stop-send", "after-send"):
        (out.parent / "gone" / "state").mkdir(parents=True, exist_ok=True)
        assert log_keeper.main([path, command, "gone"]) == 0, "a sender that is being retired ends without a word of Python"
    assert (out.parent / "gone" / "state" / "running").exists(), "what it had in its hands is sent again where it is declared again"
    assert log_keeper.main([path, "servers"]) == 0 and capsys.readouterr().out.endswith("{}\n")
    assert not (out / "state" / "running").exists() and not (out.parent / "collect" / "running").exists()
    assert log_keeper.main([path, "once"]) == 0 and (out.parent / "metrics" / "x.prom").exists()
    Path(path).write_text(json.dumps(configuration(out, bound=1 << 60)))
    assert log_keeper.main([path, "check"]) == 1 and "fleet_logs.outputs.out.disk" in capsys.readouterr().err


def test_nothing_of_an_engine_goes_once_it_is_chosen_again(tmp_path: Path) -> None:
    told = {"engine": "opentelemetry-collector", "path": str(tmp_path / "spool.json")}
    (tmp_path / "spool.json").write_text(json.dumps({"engine": "opentelemetry-collector"}))
    assert log_keeper.is_chosen(told)
    (tmp_path / "spool.json").write_text(json.dumps({"engine": "rsyslog"}))
    assert not log_keeper.is_chosen(told)
    (tmp_path / "spool.json").unlink()
    assert not log_keeper.is_chosen(told) and log_keeper.is_chosen({})


def test_a_run_proves_that_own_senders_send(out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    told = {**configuration(out, lines=0, proves=True), "engine": "rsyslog"}
    places = log_spool.Places(str(out))
    places.trouble = "HTTP 403: no"
    places.write()
    assert log_drain.unproven(told, 0, lambda _seconds: None) == {"out": "HTTP 403: no"}
    assert log_drain.unproven(configuration(out), 0, lambda _seconds: None) == {}, "what rsyslog sends is proven by its connections"

    def sends(_seconds: float) -> None:
        places.counts["sent"] = places.counts.get("sent", 0.0) + 1
        places.write()

    assert log_drain.unproven(told, 60, sends) == {}, "it sends, though lines wait"
    for one in log_spool.segments(str(out)):
        places.sent[os.path.basename(one.path)] = (one.inode, one.size)
    places.write()
    assert log_drain.unproven(told, 0, lambda _seconds: None) == {}, "nothing waits"
    path = out.parent / "spool.json"
    path.write_text(json.dumps(told))
    monkeypatch.setattr(log_drain, "unproven", lambda _told, _seconds: {"out": "HTTP 403: no"})
    assert log_keeper.main([str(path), "prove", "1"]) == 1
    assert capsys.readouterr().err == "lines wait for output out, and none is sent: HTTP 403: no\n"
