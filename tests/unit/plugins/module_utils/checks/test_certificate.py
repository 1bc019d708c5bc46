# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health
from ansible_collections.groundwork.fleet.plugins.module_utils.checks import certificate
from ansible_collections.groundwork.fleet.plugins.plugin_utils import authority

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def pki(tmp_path: Path) -> Path:
    now = datetime.now(UTC)
    for name in ("a", "b"):
        pair = authority.new_authority(name, now)
        (tmp_path / f"{name}-ca.crt").write_bytes(pair.certificate)
        leaf = authority.new_leaf(pair, authority.host_subject("web-1", [], []), 30, now)
        (tmp_path / f"{name}.crt").write_bytes(leaf.certificate)
        (tmp_path / f"{name}.key").write_bytes(leaf.key)
    return tmp_path


@pytest.mark.parametrize(
    ("key", "ca", "name", "serves"),
    [
        ("a.key", "a-ca.crt", "web-1", True),
        ("a.key", "a-ca.crt", "127.0.0.1", True),
        ("a.key", "a-ca.crt", "web-2", False),
        ("b.key", "a-ca.crt", "web-1", False),
        ("a.key", "b-ca.crt", "web-1", False),
        ("gone.key", "a-ca.crt", "web-1", False),
    ],
)
def test_a_certificate_serves_only_with_its_key_its_authority_and_its_names(pki: Path, key: str, ca: str, name: str, serves: bool) -> None:
    options = certificate.Options(certificate=str(pki / "a.crt"), key=str(pki / key), ca=str(pki / ca), name=name)
    seen = certificate.observe(options, health.Deadline(5))
    assert seen.facts["serves"] is serves
    assert seen.facts["days"] == 29, "that is known of a certificate that does not serve, too"


def test_a_file_alone(pki: Path) -> None:
    seen = certificate.observe(certificate.Options(certificate=str(pki / "a.crt")), health.Deadline(5))
    assert seen.facts["serves"] is True
    assert {"web-1", "localhost", "127.0.0.1"} <= set(seen.facts["names"])
    assert seen.facts["issuer"] == "a"
    gone = certificate.observe(certificate.Options(certificate=str(pki / "gone.crt")), health.Deadline(5))
    assert gone.facts == {"serves": False}


def test_a_file_that_has_expired(tmp_path: Path) -> None:
    then = datetime.now(UTC) - timedelta(days=40)
    pair = authority.new_authority("old", then)
    leaf = authority.new_leaf(pair, authority.host_subject("web-1", [], []), 30, then)
    (tmp_path / "old.crt").write_bytes(leaf.certificate)
    seen = certificate.observe(certificate.Options(certificate=str(tmp_path / "old.crt")), health.Deadline(5))
    assert (seen.facts["serves"], seen.note) == (False, "it has expired")
    assert seen.facts["days"] in (-10, -11)


@pytest.fixture
def server(pki: Path, serve: Callable[[Callable[[socket.socket], None]], int]) -> Callable[..., int]:
    """Return what makes a TLS server with the certificate a; with `smtp` it has to be asked for TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki / "a.crt", pki / "a.key")

    def made(smtp: bool = False) -> int:
        def talk(connection: socket.socket) -> None:
            if smtp:
                for answer in (b"220 mail\r\n", b"250-mail\r\n250 STARTTLS\r\n", b"220 go on\r\n"):
                    connection.sendall(answer)
                    if not answer.startswith(b"220 go"):
                        connection.recv(4096)
            with context.wrap_socket(connection, server_side=True) as secured:
                secured.recv(4096)

        return serve(talk)

    return made


@pytest.mark.parametrize("smtp", [False, True])
def test_what_a_server_shows(run: Run, pki: Path, server: Callable[..., int], smtp: bool) -> None:
    options = {"host": "127.0.0.1", "port": server(smtp), "ca": str(pki / "a-ca.crt"), "starttls": "smtp" if smtp else None}
    result = run("certificate", **options, days=20, names="web-1", issuer="a", tls_version="TLSv1.3")
    assert result["status"] == "ok", result["message"]
    assert run("certificate", **options, warn_={"days": 60})["status"] == "warning"


def test_a_certificate_of_another_name(run: Run, pki: Path, server: Callable[..., int]) -> None:
    message = run("certificate", host="127.0.0.1", port=server(), ca=str(pki / "a-ca.crt"), name="shop.example.test")["message"]
    assert "expected serves true, observed false (" in message
    assert "not valid for 'shop.example.test'" in message and "it is for" in message and "web-1" in message


def test_a_certificate_of_another_authority(run: Run, pki: Path, server: Callable[..., int]) -> None:
    message = run("certificate", host="127.0.0.1", port=server(), ca=str(pki / "b-ca.crt"), days=60)["message"]
    assert "expected serves true, observed false; expected days at least 60, observed 29" in message


def test_a_server_that_accepts_and_never_answers(run: Run, listener: socket.socket) -> None:
    message = run("certificate", host="127.0.0.1", port=listener.getsockname()[1], timeout_="400ms")["message"]
    assert "did not answer the TLS greeting within 0.4 s" in message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "either `certificate` or `host`"),
        ({"certificate": "/a", "host": "b"}, "either `certificate` or `host`"),
        ({"certificate": "/a", "key": "/b"}, "Give `ca` with `key`"),
        ({"host": "b", "starttls": "imap"}, "`starttls` is smtp"),
    ],
)
def test_what_is_refused(run: Run, options: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run("certificate", **options)
