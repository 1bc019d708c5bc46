# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_aws, log_batches, log_protocol, log_protocols, log_send, log_spool
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.log_https import Answer, Request
from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_program import plain_program
from hypothesis import given
from hypothesis import strategies as some

BATCH = 7
NOW = 2_000_000_000.0


class Killed(BaseException):
    """kill -9, at a place in the program."""


class Plain(log_protocol.Protocol):
    """Sends texts, a few at once."""

    limits = log_batches.Limits(BATCH, 1000, 50)

    def form(self, line: log_batches.Line) -> log_batches.Piece:
        return log_batches.Piece(line, len(line.text), line.text.decode())

    def request(self, pieces: Any) -> Request:
        return Request("POST", "", {}, "\n".join(piece.made for piece in pieces).encode())

    def secrets(self) -> list[str]:
        return ["S3CRET"]


class Server:
    """Takes lines and answers by a rule: of the texts of a request, its status."""

    def __init__(self, rule: Callable[[list[str]], int] = lambda _texts: 200) -> None:
        self.rule, self.taken, self.asked = rule, Counter[str](), 0
        self.headers: dict[str, str] = {}

    def __call__(self, request: Request) -> Answer:
        self.asked += 1
        texts = request.body.decode().split("\n")
        status = self.rule(texts)
        if status == 0:
            raise ConnectionRefusedError(111, "Connection refused")
        if status == 200:
            self.taken.update(texts)
        return Answer(status, self.headers, b"no S3CRET here")


def write(folder: Path, texts: list[str], each: int = 10, rest: str = "") -> None:
    place = folder / "segments"
    place.mkdir(exist_ok=True)
    for number in range(0, max(1, len(texts)), each):
        name = "%09d.log" % (NOW // 10 - 5 + number // each)
        (place / name).write_text("".join(text + "\n" for text in texts[number : number + each]) + rest)
        os.utime(place / name, (NOW, NOW))


def sender(folder: Path, server: Any, **more: Any) -> tuple[log_send.Sender, list[str]]:
    told: list[str] = []
    kind = more.pop("protocol", None) or Plain({}, "h", [])
    made = log_send.Sender(str(folder), kind, server, told.append, more.pop("pause", lambda _s: None), lambda: NOW)
    made.adopt()
    return made, told


def drained(one: log_send.Sender) -> None:
    for pieces in iter(one.batch, []):
        one.deliver(pieces)


def letters(folder: Path) -> list[Any]:
    path = folder / "dead-letters.log"
    return [json.loads(text) for text in path.read_text().splitlines()] if path.exists() else []


def test_all_is_sent_once_and_noted(tmp_path: Path) -> None:
    texts = ["line %d" % number for number in range(45)]
    write(tmp_path, texts, rest="half")
    server = Server()
    one, told = sender(tmp_path, server)
    drained(one)
    assert server.taken == Counter(texts) and server.asked == 7 and not told
    found = log_spool.segments(str(tmp_path))
    assert [segment.unread for segment in found] == [4] * 5, "half a line is none yet"
    assert log_spool.Places(str(tmp_path)).counts == {"sent": 45.0}
    os.unlink(found[0].path)
    assert not one.batch() and len(log_spool.Places(str(tmp_path)).sent) == 4, "what is gone is forgotten"


@given(
    some.lists(some.integers(0, 400), max_size=6),
    some.sets(some.integers(0, 29), max_size=4),
    some.booleans(),
)
def test_killed_anywhere_nothing_is_lost_and_one_request_doubled(kills: list[int], poison: set[int], same: bool) -> None:
    """kills: after so many steps of the program (a request, an answer, a writing of its notes) it is killed, and started again."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = ["line %d" % number for number in range(30)]
        write(folder, texts, 8)
        bad = {texts[number] for number in poison}
        server = Server(lambda given: 400 if bad & set(given) else 200)
        for kill in [*kills, 10**9]:
            left = [kill % 23 if kill < 10**9 else kill]

            def step(left: list[int] = left) -> None:
                left[0] -= 1
                if left[0] < 0:
                    raise Killed

            def ask(request: Request, step: Any = step) -> Answer:
                step()
                answer = server(request)
                step()
                return answer

            kind = Plain({}, "h", [])
            kind.same = same
            one, _told = sender(folder, ask, protocol=kind)
            write_places = one.places.write

            def noted(step: Any = step, write_places: Any = write_places) -> None:
                step()
                write_places()
                step()

            one.places.write = noted  # type: ignore[method-assign]
            try:
                drained(one)
            except Killed:
                continue
        assert set(server.taken) == set(texts) - bad
        assert all(count <= 1 + len(kills) for count in server.taken.values())
        assert sum(server.taken.values()) - len(server.taken) <= BATCH * len(kills)
        buried = Counter(letter["line"]["message"] for letter in letters(folder))
        assert set(buried) == bad and sum(buried.values()) - len(bad) <= BATCH * len(kills)


def test_a_request_that_must_be_the_same_is_the_same_after_a_kill(tmp_path: Path) -> None:
    write(tmp_path, ["a", "b"], rest="")
    kind = Plain({}, "h", [])
    kind.same = True
    bodies: list[bytes] = []

    def killed(request: Request) -> Answer:
        bodies.append(request.body)
        raise Killed

    one, _told = sender(tmp_path, killed, protocol=kind)
    with pytest.raises(Killed):
        one.deliver(one.batch())
    write(tmp_path, ["a", "b", "c"])  # more has come meanwhile
    with pytest.raises(Killed):
        again, _told = sender(tmp_path, killed, protocol=kind)
        again.deliver(again.batch())
    assert bodies == [b"a\nb"] * 2
    server = Server()
    last, _told = sender(tmp_path, server, protocol=kind)
    drained(last)
    assert server.taken == Counter("abc") and server.asked == 2


def test_lines_are_collected_for_a_while(tmp_path: Path) -> None:
    write(tmp_path, ["a"])  # its segment began 50 s ago
    kind = Plain({}, "h", [])
    kind.seconds = 60.0
    one, _told = sender(tmp_path, Server(), protocol=kind)
    assert not one.batch()
    kind.seconds = 50.0
    assert len(one.batch()) == 1
    kind.seconds = 60.0
    write(tmp_path, ["b" * 30] * 40)
    assert len(one.batch()) == BATCH, "there is more than one request can have"


def test_a_refused_line_is_a_dead_letter_and_the_rest_arrives(tmp_path: Path) -> None:
    texts = ["a", "b", "poison", "c", "x" * 60, "d"]
    write(tmp_path, texts)
    server = Server(lambda given: 400 if "poison" in given else 200)
    one, told = sender(tmp_path, server)
    drained(one)
    assert sorted(server.taken.elements()) == ["a", "b", "c", "d"] and not told
    assert [letter["line"]["message"] for letter in letters(tmp_path)] == ["poison", "x" * 60]
    assert "larger than the 50 bytes" in letters(tmp_path)[1]["refused"] and "[masked]" in letters(tmp_path)[0]["refused"]
    assert os.stat(tmp_path / "dead-letters.log").st_mode & 0o777 == 0o600
    assert one.places.counts == {"sent": 4.0}


@pytest.mark.parametrize("count", [3, 60])
def test_who_refuses_every_line_gets_them_when_it_is_mended(tmp_path: Path, count: int) -> None:
    """Such as a server that has another address for it: no line is a dead letter before one was taken by the same settings."""
    texts = ["line %d" % number for number in range(count)]
    write(tmp_path, texts)
    status = [400]
    server = Server(lambda _texts: status[0])
    one, told = sender(tmp_path, server)
    for _number in range(3):
        one.deliver(one.batch())
    assert not letters(tmp_path) and told == [
        "it takes no lines (it refuses every line: HTTP 400: no [masked] here); they wait until somebody mends it"
    ]
    assert server.asked <= 3 * 2 * BATCH and log_spool.Places(str(tmp_path)).trouble.startswith("it refuses every line")
    status[0] = 200
    drained(one)
    assert server.taken == Counter(texts)
    status[0] = 400
    (tmp_path / "segments" / "200000099.log").write_text("poison\n")
    again, _told = sender(tmp_path, server)
    drained(again)
    assert [letter["line"]["message"] for letter in letters(tmp_path)] == ["poison"], "it is known to take lines"


def test_the_very_first_line_may_be_poison(tmp_path: Path) -> None:
    write(tmp_path, ["poison", "a", "b"])
    server = Server(lambda given: 400 if "poison" in given else 200)
    one, told = sender(tmp_path, server)
    drained(one)
    assert server.taken == Counter("ab") and len(letters(tmp_path)) == 1 and not told
    assert not log_spool.segments(str(tmp_path))[0].unread and one.places.counts == {"sent": 2.0}


def test_a_refused_key_is_no_poison(tmp_path: Path) -> None:
    """It is told once, the lines wait, and go when the key is mended."""
    write(tmp_path, ["a", "b"])
    statuses = [403, 403, 401, 200]
    server = Server(lambda _texts: statuses.pop(0))
    waits: list[float] = []
    one, told = sender(tmp_path, server, pause=waits.append)
    forgotten: list[int] = []
    one.protocol.forget = lambda: forgotten.append(1)  # type: ignore[method-assign]
    drained(one)
    assert server.taken == Counter("ab") and not letters(tmp_path) and len(forgotten) == 3
    assert log_spool.Places(str(tmp_path)).trouble == "", "it is over"
    assert told[0] == "it takes no lines (HTTP 403: no [masked] here); they wait until somebody mends it"
    assert told[-1] == "it takes lines again" and len(told) == 3
    assert one.places.counts["failed"] == 3.0


def test_a_full_disk_does_not_have_it_send_again(tmp_path: Path) -> None:
    """What was sent is noted once there is room; until then nothing more is sent."""
    write(tmp_path, ["a", "b", "poison"])
    server = Server(lambda given: 400 if "poison" in given else 200)
    full = [12]

    def pause(_seconds: float) -> None:
        full[0] -= 1

    one, told = sender(tmp_path, server, pause=pause)
    written, buried = one.places.write, one.bury

    def refusing(real: Any) -> Any:
        def act(*given: Any) -> None:
            if full[0] > 0:
                raise OSError(28, "No space left on device")
            real(*given)
            full[0] = 12

        return act

    one.places.write, one.bury = refusing(written), refusing(buried)  # type: ignore[method-assign]
    drained(one)
    assert server.taken == Counter("ab") and len(letters(tmp_path)) == 1
    assert told == ["what was sent cannot be noted, so nothing more is sent: [Errno 28] No space left on device"]
    assert log_spool.Places(str(tmp_path)).counts["sent"] == 2.0


def test_it_waits_longer_each_time_and_as_long_as_it_is_asked(tmp_path: Path) -> None:
    write(tmp_path, ["a"])
    waits: list[float] = []
    statuses = [0] * 9 + [200]
    server = Server(lambda _texts: statuses.pop(0))
    one, told = sender(tmp_path, server)
    one.wait = waits.append  # type: ignore[method-assign]
    drained(one)
    assert all(log_send.FIRST * 2**number / 2 <= wait <= log_send.FIRST * 2**number for number, wait in enumerate(waits[:6]))
    assert all(wait <= log_send.LONGEST for wait in waits) and "Connection refused" in told[0] and len(told) == 2
    write(tmp_path, ["a", "b"])
    statuses[:], server.headers = [429, 503, 200], {"retry-after": "120"}
    del waits[:]
    drained(one)
    assert waits == [120.0, 120.0]


def test_what_is_missing_is_made_before_the_next_try(tmp_path: Path) -> None:
    write(tmp_path, ["a"])
    keys = log_aws.Provider("", {}, lambda *_any: (404, ""))
    keys.known = log_aws.Keys("A", "S")
    kind = log_protocols.CloudWatch({"region": "r", "group": "g", "stream": "s"}, "h", [], keys)
    asked: list[str] = []
    there: set[str] = set()
    denied = [True]

    def server(request: Request) -> Answer:
        action = request.headers["x-amz-target"].rpartition(".")[2]
        asked.append(action)
        if action == "PutLogEvents" and there == {"CreateLogGroup", "CreateLogStream"}:
            return Answer(200, {}, b"{}")
        if action == "PutLogEvents":
            return Answer(400, {}, b'{"__type": "ResourceNotFoundException", "message": "no group"}')
        if denied[0] and action == "CreateLogStream":
            denied[0] = len(asked) < 5
            return Answer(400, {}, b'{"__type": "AccessDeniedException", "message": "you may not"}')
        there.add(action)
        return Answer(400, {}, b'{"__type": "ResourceAlreadyExistsException"}') if action == "CreateLogGroup" else Answer(200, {}, b"")

    one, told = sender(tmp_path, server, protocol=kind)
    drained(one)
    assert asked == ["PutLogEvents", "CreateLogGroup", "CreateLogStream"] * 3 + ["PutLogEvents"]
    assert "no group; making it: HTTP 400: AccessDeniedException: you may not" in told[0]


def test_without_keys_it_says_where_it_looked(tmp_path: Path) -> None:
    write(tmp_path, ["a"])
    kind = log_protocols.S3({"region": "r", "bucket": "b"}, "h", [], log_aws.Provider("", {}, lambda *_any: (404, "")))
    one, told = sender(tmp_path, Server(), protocol=kind)
    one.pause = lambda _seconds: setattr(one, "stopping", True)
    with pytest.raises(log_send.Stopped):
        one.deliver(one.batch())
    assert log_spool.Places(str(tmp_path)).trouble.endswith("was answered by HTTP 404")
    assert "PUT at 169.254.169.254 was answered by HTTP 404" in told[0]


def test_what_an_rsyslogd_had_sent_is_not_sent_again(tmp_path: Path) -> None:
    write(tmp_path, ["a", "b"])
    [segment] = log_spool.segments(str(tmp_path))
    (tmp_path / "state").mkdir()
    state = tmp_path / "state" / ("imfile-state:%d:0123456789abcdef" % segment.inode)
    state.write_text(json.dumps({"filename": segment.path, "curr_offs": 2}))
    server = Server()
    one, _told = sender(tmp_path, server)
    assert not state.exists(), "a segment of the same inode would count as read"
    drained(one)
    assert server.taken == Counter("b")


def test_protocols_are_made_of_the_configuration() -> None:
    told = {"protocol": "s3", "parameters": {"interval": 9}, "host": "h", "labels": [], "credentials": True}
    assert log_send.made(told, {"CREDENTIALS_DIRECTORY": "/c"}).provider.file == "/c/aws"  # type: ignore[attr-defined]
    assert log_send.made({**told, "protocol": "datadog", "parameters": {"api_key": "k"}}, {}).secrets() == ["k"]
    with pytest.raises(BadInput, match="Did you mean 'loki'"):
        log_send.made({**told, "protocol": "lokki"}, {})


# --- the program -------------------------------------------------------------------------------------------------


def program(tmp_path: Path, **changes: Any) -> list[str]:
    path, configuration = tmp_path / "send", tmp_path / "send.conf"
    path.write_text(plain_program("log_send"))
    folder = tmp_path / "out"
    (folder / "segments").mkdir(parents=True, exist_ok=True)
    told = {"protocol": "loki", "parameters": {"url": "http://127.0.0.1:1", "authorization": "S3CRET"}, "folder": str(folder)}
    told |= {"host": "h", "labels": [], "credentials": False, "tls": {"ca": "system", "certificate": "", "key": ""}, **changes}
    configuration.write_text(json.dumps(told))
    return [sys.executable, "-IS", str(path), str(configuration)]


def test_the_program_judges_its_configuration(tmp_path: Path) -> None:
    def answered(*words: str, **changes: Any) -> tuple[int, str]:
        done = subprocess.run([*program(tmp_path, **changes), *words], capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    assert answered("check") == (0, "")
    assert answered("chek")[0] == 2
    assert answered("check", protocol="lokki")[1].count("Did you mean 'loki'")
    code, said = answered("check", tls={"ca": "/none", "certificate": "", "key": ""})
    assert code == 1 and "the authority /none and the certificate of none: " in said


def test_the_program_ends_when_it_is_told_to(tmp_path: Path) -> None:
    command = program(tmp_path)
    write(tmp_path / "out", ["a"])
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(tmp_path / "notify"))
        told.settimeout(20)
        environment = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")}
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
            assert told.recv(100) == b"READY=1"
            places, end = tmp_path / "out" / "places.json", time.monotonic() + 20
            while '"failed"' not in (places.read_text() if places.exists() else "") and time.monotonic() < end:
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
            said = process.stderr.read() if process.stderr else ""
    assert "ConnectionRefusedError" in said and "S3CRET" not in said
