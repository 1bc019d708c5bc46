# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import kernel_sockets


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_the_kernel_lists_who_listens(family: socket.AddressFamily, address: str) -> None:
    with socket.create_server((address, 0), family=family) as server:
        wanted = (address, server.getsockname()[1])
        ends = [kernel_sockets.address_and_port(local) for local, _remote in kernel_sockets.sockets("tcp", "0A")]
        assert wanted in [(str(found), port) for found, port in ends]
        assert wanted not in [(str(found), port) for found, port in map(kernel_sockets.address_and_port, established())]


def established() -> list[str]:
    return [local for local, _remote in kernel_sockets.sockets("tcp", "01")]


def test_connections_to_a_place_and_what_it_has_not_got() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert kernel_sockets.connections("localhost", port) == []
        with socket.create_connection(("127.0.0.1", port)) as stream:
            assert kernel_sockets.connections("localhost", port) == [kernel_sockets.Connection("01", 0)]
            stream.setblocking(False)
            while True:  # nobody reads
                try:
                    stream.send(b"x" * 65536)
                except BlockingIOError:
                    break
            [found] = kernel_sockets.connections("127.0.0.1", port)
            assert found.state == "01" and found.unsent > 0
            assert kernel_sockets.connections("127.0.0.2", port) == []


def test_a_host_without_ipv6_lists_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "udp").write_text("  sl  local_address rem_address   st\n   1: 0100007F:0035 00000000:0000 07 0\n", encoding="ascii")
    monkeypatch.setattr(kernel_sockets, "LISTED", str(tmp_path))
    assert list(kernel_sockets.sockets("udp", "07")) == [("0100007F:0035", "00000000:0000")]
    assert list(kernel_sockets.sockets("udp", "01")) == []
    if sys.byteorder == "little":
        assert tuple(map(str, kernel_sockets.address_and_port("0100007F:0035"))) == ("127.0.0.1", "53")
