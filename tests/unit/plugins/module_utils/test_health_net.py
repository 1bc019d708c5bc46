# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections end with their deadline, whatever the other side does; HTTP as servers speak it."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_net
from ansible_collections.groundwork.fleet.plugins.plugin_utils import authority

Serve = Callable[..., int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return what makes a server that reads once, sends these parts with a pause between them and closes; it returns the port."""
    servers: list[socket.socket] = []

    def made(*parts: bytes, pause: float = 0.0, close: bool = True) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def answer() -> None:
            connection, _address = server.accept()
            servers.append(connection)
            connection.recv(65536)
            for part in parts:
                try:
                    connection.sendall(part)
                except OSError:
                    return
                time.sleep(pause)
            if close:
                connection.close()

        threading.Thread(target=answer, daemon=True).start()
        return int(server.getsockname()[1])

    yield made
    for server in servers:
        server.close()


def get(port: int, seconds: float = 5, **options: object) -> health_net.Answer:
    url = "http://127.0.0.1:%d/path?q=1" % port
    return health_net.http(url, health.Deadline(seconds), health_net.Tls(), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("parts", "body"),
    [
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef",), b"abc"),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", b"2;x=y\r\nde\r\n0\r\n\r\n"), b"abcde"),
        ((b"HTTP/1.0 200 OK\r\n\r\n", b"until ", b"the end"), b"until the end"),
        ((b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",), b""),
        ((b"HTT", b"P/1.1 200 OK\r", b"\nContent-Length: 1\r\n\r", b"\nx"), b"x"),
    ],
)
def test_bodies(serve: Serve, parts: tuple[bytes, ...], body: bytes) -> None:
    answer = get(serve(*parts))
    assert answer.body == body
    assert answer.status in (200, 204)


def test_headers(serve: Serve) -> None:
    answer = get(serve(b"HTTP/1.1 301 Moved Permanently\r\nLocation: /x\r\nSet-Cookie: a\r\nset-cookie: b\r\n\r\n"))
    assert (answer.status, answer.reason, answer.tls) == (301, "Moved Permanently", "")
    assert answer.headers == {"location": "/x", "set-cookie": "a, b"}


@pytest.mark.parametrize("answer", [b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 fine\r\n\r\n", b""])
def test_what_is_not_http(serve: Serve, answer: bytes) -> None:
    with pytest.raises(ConnectionError):
        get(serve(answer))


def test_a_body_that_is_cut_off(serve: Serve) -> None:
    with pytest.raises(ConnectionError, match="closed within the answer"):
        get(serve(b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nabc"))


def test_a_server_that_never_answers_is_told_as_such(serve: Serve) -> None:
    started = time.monotonic()
    with pytest.raises(health_net.Silent, match=r"accepted the connection and did not answer within 0\.3 s"):
        get(serve(close=False), seconds=0.3)
    assert time.monotonic() - started < 2


def test_a_server_that_answers_bit_by_bit_ends_with_the_deadline_too(serve: Serve) -> None:
    started = time.monotonic()
    with pytest.raises(health_net.Silent):
        get(serve(*[b"H"] * 50, pause=0.1), seconds=0.4)
    assert time.monotonic() - started < 2


def test_a_line_break_in_a_header_sends_nothing(serve: Serve) -> None:
    with pytest.raises(ValueError, match="line break"):
        get(1, headers={"X": "a\r\nY: b"})


def test_a_secret_is_the_first_line_of_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("s3cret\nmore\n")
    assert health_net.secret(str(tmp_path / "token")) == "s3cret"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert health_net.secret("token") == "s3cret"
    assert health_net.secret(None) == ""


def test_a_stream_gives_what_is_asked_for(serve: Serve) -> None:
    with health_net.connect("127.0.0.1", serve(b"one\r\ntw", b"o\nrest"), health.Deadline(5)) as stream:
        stream.send(b"x")
        assert stream.line() == "one"
        assert stream.line() == "two"
        assert stream.exactly(2) == b"re"
        assert stream.exactly(0) == b"", "and nothing of the rest is lost"
        assert stream.rest() == b"st"
        with pytest.raises(ConnectionError, match="claims to have"):
            stream.exactly(2**40)


def test_a_stream_to_the_path_of_a_socket(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen()
        with health_net.connect(str(tmp_path / "s"), 0, health.Deadline(1)) as stream:
            stream.send(b"x")
        assert server.accept()[0].recv(5) == b"x"


@pytest.fixture
def authorities(tmp_path: Path) -> Path:
    """Return a file with an authority."""
    path = tmp_path / "ca.crt"
    path.write_bytes(authority.new_authority("one", datetime.now(UTC)).certificate)
    return path


def test_checks_that_talk_tls_alike_share_what_it_needs(authorities: Path) -> None:
    tls = health_net.Tls(str(authorities))
    assert tls.context() is health_net.Tls(str(authorities)).context()
    others = [tls.context(("h2",)), tls._replace(verify=False).context(), health_net.Tls().context()]
    assert len({id(one) for one in [tls.context(), *others]}) == 4
    assert [context.verify_mode for context in others] == [ssl.CERT_REQUIRED, ssl.CERT_NONE, ssl.CERT_REQUIRED]
    assert [context.check_hostname for context in others] == [True, False, True]


def test_an_authority_that_was_replaced_is_read_anew(authorities: Path) -> None:
    tls = health_net.Tls(str(authorities))
    before = tls.context()
    fresh = authorities.with_name("fresh")
    fresh.write_bytes(authority.new_authority("two", datetime.now(UTC)).certificate)
    fresh.rename(authorities)
    (subject,) = [dict(part for (part,) in one["subject"]) for one in tls.context().get_ca_certs()]
    assert tls.context() is not before and subject["commonName"] == "two"
    authorities.unlink()
    with pytest.raises(FileNotFoundError):
        tls.context()
