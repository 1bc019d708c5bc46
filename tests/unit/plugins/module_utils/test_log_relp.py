# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_relp

OPENED = b"1 rsp 28 200 OK\nrelp_version=0\ncommands="


@pytest.fixture(scope="module", name="tls")
def _tls(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a folder with a certificate of an authority of its own, for both ends."""
    folder = tmp_path_factory.mktemp("tls")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = "subjectAltName=DNS:ops-1,IP:127.0.0.1"
    for command in (
        ["req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=lab", "-days", "2"],
        ["req", *key, "-keyout", "host.key", "-out", "host.csr", "-subj", "/CN=common"],
        ["x509", "-req", "-in", "host.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-out", "host.crt", "-extfile", "ext"],
    ):
        (folder / "ext").write_text(names)
        subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True, timeout=60)
    return str(folder)


@pytest.fixture
def serve(tls: str) -> Iterator[Callable[[bytes], int]]:
    """Return what makes a server that answers to the opening of a session with these bytes; the answer is its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{tls}/host.crt", f"{tls}/host.key")
    context.load_verify_locations(f"{tls}/ca.crt")
    context.verify_mode = ssl.CERT_REQUIRED
    servers = []

    def make(answer: bytes) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def talk() -> None:
            with contextlib.suppress(OSError), context.wrap_socket(server.accept()[0], server_side=True) as stream:
                if stream.recv(4096) == log_relp.OPEN and answer:
                    stream.sendall(answer)
                    stream.recv(4096)

        threading.Thread(target=talk, daemon=True).start()
        return int(server.getsockname()[1])

    yield make
    for server in servers:
        server.close()


@pytest.mark.parametrize("name", ["ops-1", "OPS-1", "common", "127.0.0.1"])
def test_a_server_that_opens_a_session_takes_lines(serve: Callable[[bytes], int], tls: str, name: str) -> None:
    assert log_relp.refusal("127.0.0.1", serve(OPENED), name, tls) == ""


def test_a_server_of_another_name_does_not(serve: Callable[[bytes], int], tls: str) -> None:
    assert log_relp.refusal("127.0.0.1", serve(OPENED), "ops-2", tls) == "its certificate is that of ops-1, 127.0.0.1, common, not of ops-2"


@pytest.mark.parametrize("answer", [b"", b"1 rsp 20 500 no such command "])
def test_a_server_that_opens_none_does_not(serve: Callable[[bytes], int], tls: str, answer: bytes) -> None:
    assert log_relp.refusal("127.0.0.1", serve(answer), "ops-1", tls, 0.5) in ("it does not open a session", "The read operation timed out")


def test_what_does_not_answer_or_hangs(tls: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hangs:
        port = hangs.getsockname()[1]
        assert "timed out" in log_relp.refusal("127.0.0.1", port, "ops-1", tls, 0.2)
    assert "refused" in log_relp.refusal("127.0.0.1", port, "ops-1", tls)
    assert "No such file" in log_relp.refusal("127.0.0.1", port, "ops-1", str(tmp_path))


def test_the_offer_is_as_long_as_it_says() -> None:
    head, _space, rest = log_relp.OPEN.partition(b"relp_version")
    assert int(head.split()[2]) == len(b"relp_version" + rest) - 1
