# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A log server's directory for tests."""

from __future__ import annotations

import datetime
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_archive, log_verify

NOON = datetime.datetime(2026, 11, 26, 12, tzinfo=datetime.UTC).timestamp()
DAY = 86400
#: A little later than the certificate of the seals was issued.
NOW = time.time() + 600


def spelled(when: float) -> str:
    return datetime.datetime.fromtimestamp(when, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")


def line(when: float, host: str, program: str, text: str, received: float | None = None, priority: int = 14) -> bytes:
    came = 'received@32473 time="%s" from="192.0.2.1"' % spelled(when if received is None else received)
    return ("<%d>1 %s %s %s - - [%s] %s\n" % (priority, spelled(when), host, program, came, text)).encode()


class Server:
    """The directory, its settings, and what is written into it."""

    def __init__(self, folder: Path, tls: dict[str, str]) -> None:
        self.folder = folder / "logs"
        self.folder.mkdir()
        self.settings: dict[str, Any] = {
            "directory": str(self.folder), "clients": ["web-*"], "keep_days": 30, "keep_size": "99%", "close_every": "daily",
            "file_size": "1m", "reserve": "1k", "group": "root", "tls": tls, "unit": "receiver.service",
        }  # fmt: skip

    def write(self, host: str, program: str, *lines: bytes) -> Path:
        path = self.folder / host / (program + ".log")
        path.parent.mkdir(exist_ok=True)
        with path.open("ab") as stream:
            stream.write(b"".join(lines))
        return path

    def close(self, when: float = NOON, **settings: Any) -> dict[str, Any]:
        return log_archive.run({**self.settings, **settings}, when)


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("tls")
    paths = {"ca": str(folder / "ca.crt"), "certificate": str(folder / "ca.crt"), "key": str(folder / "host.key")}
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=logs", "-days", "9"]
    subprocess.run([*new, "-keyout", paths["key"], "-out", paths["ca"]], check=True, capture_output=True)
    return paths


@pytest.fixture
def server(tmp_path: Path, tls: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr(log_archive, "receiver", lambda unit: 0)
    return Server(tmp_path, tls)


def yesterdays(server: Server, count: int = 3) -> None:
    for number in range(count):
        server.write("web-%d" % number, "nginx", *(line(NOW - DAY + second, "web", "nginx", "line %d" % second) for second in range(5)))


def problems(server: Server, *anchors: tuple[int, str]) -> list[str]:
    return log_verify.verify(server.settings["directory"], server.settings["tls"]["ca"], anchors).problems


def closed(server: Server) -> list[Path]:
    return sorted(server.folder.glob("*/*.gz"), key=lambda path: int(path.name.split(".")[-3]))


def chain_of(server: Server) -> Path:
    [path] = (server.folder / ".groundwork").glob("chain-*")
    return path
