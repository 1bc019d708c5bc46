# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Against a name server of our own on loopback, which says what the test wants."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]
NAME = b"\xc0\x0c"  # the name that was asked for


def record(kind: int, data: bytes) -> bytes:
    return NAME + kind.to_bytes(2, "big") + b"\0\x01\0\0\0\x05" + len(data).to_bytes(2, "big") + data


RECORDS = {
    1: [record(1, bytes([192, 0, 2, 1])), record(1, bytes([192, 0, 2, 2]))],
    28: [record(28, bytes.fromhex("20010db8000000000000000000000001"))],
    15: [record(15, b"\0\x0a\x04mail" + NAME)],
    16: [record(16, b"\x05v=sp \x02f1")],
    33: [record(33, b"\0\x01\0\x02\0\x50\x03srv" + NAME)],
    5: [record(5, b"\x05other" + NAME)],
}


@pytest.fixture
def server() -> Iterator[int]:
    """Answer questions for example.test, NXDOMAIN for none.test, wrongly first and then nothing for silent.test."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))

        def answer() -> None:
            while True:
                try:
                    question, address = listening.recvfrom(512)
                except OSError:
                    return
                kind = int.from_bytes(question[-4:-2], "big")
                found = RECORDS.get(kind, []) if b"example" in question else []
                code = b"\x83" if b"none" in question else b"\x80"
                number = b"xx" if b"silent" in question else question[:2]
                head = number + b"\x81" + code + b"\0\x01" + len(found).to_bytes(2, "big") + b"\0\0\0\0"
                listening.sendto(head + question[12:] + b"".join(found), address)

        threading.Thread(target=answer, daemon=True).start()
        yield listening.getsockname()[1]


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("A", "192.0.2.2"), ("AAAA", "2001:db8::1"), ("MX", "10 mail.example.test"), ("TXT", "v=sp f1"),
        ("SRV", "1 2 80 srv.example.test"), ("CNAME", "other.example.test"),
    ],
)  # fmt: skip
def test_records(run: Run, server: int, kind: str, answer: str) -> None:
    assert run("dns", name="example.test", server="127.0.0.1", port=server, type=kind, answers=answer)["status"] == "ok"
    assert "containing nothing" in run("dns", name="example.test", server="127.0.0.1", port=server, type=kind, answers="nothing")["message"]


def test_names_that_do_not_exist(run: Run, server: int) -> None:
    result = run("dns", name="none.test", server="127.0.0.1", port=server)
    assert "expected code NOERROR, observed NXDOMAIN" in result["message"]
    assert run("dns", name="none.test", server="127.0.0.1", port=server, code="NXDOMAIN", count=0)["status"] == "ok"


def test_a_server_that_never_answers(run: Run, server: int) -> None:
    """An answer to another question is none."""
    started = time.monotonic()
    message = run("dns", name="silent.test", server="127.0.0.1", port=server, timeout_="700ms")["message"]
    assert "server 127.0.0.1 does not answer within 0.7 s" in message
    assert time.monotonic() - started < 3


def test_nobody_there(run: Run, closed_port: int) -> None:
    assert "Connection refused" in run("dns", name="example.test", server="127.0.0.1", port=closed_port)["message"]


def test_an_unknown_type_is_refused(run: Run) -> None:
    with pytest.raises(ValueError, match="`type` is one of A, AAAA"):
        run("dns", name="x", type="HINFO")
