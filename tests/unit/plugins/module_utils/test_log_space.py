# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_space
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput


@pytest.mark.parametrize(
    ("text", "expected"), [("1", 1), ("4k", 4096), ("1.5m", 1572864), ("2G", 2 << 30), ("1tb", 1 << 40), ("5%", 50), ("0.5 %", 5)]
)
def test_sizes(text: str, expected: int) -> None:
    assert log_space.size(text, "x", 1000) == expected


@pytest.mark.parametrize("text", ["", "0", "-1", "5x", "100%", "0%", "1e3", "1,5g"])
def test_what_is_no_size_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadInput, match="log_server_reserve is"):
        log_space.size(text, "log_server_reserve", 1000)


def test_a_share_has_to_be_one_of_something() -> None:
    with pytest.raises(BadInput, match=r"expected a size such as 512m or 2g\."):
        log_space.size("5%", "log_server_file_size")


def status(free: int, files: int = 10**6) -> os.statvfs_result:
    return os.statvfs_result((1, 1, 1000, free, free, 10**6 if files else 0, files, files, 0, 255))


def test_the_receiver_is_stopped_while_there_is_no_room(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    free = [500, 90, 90, 500, 90]
    killed: list[Any] = []
    pauses: list[float] = []
    monkeypatch.setattr(log_space.os, "statvfs", lambda _path: status(free[len(pauses)]))
    monkeypatch.setattr(log_space.processes, "answer", lambda command, seconds: (killed.append(command), (0, ""))[1])
    log_space.watch({"directory": "/logs", "reserve": "10%", "unit": "receiver.service"}, 5, pauses.append)
    assert killed == [["/usr/bin/systemctl", "kill", "--kill-who=main", "receiver.service"]] * 3
    assert pauses == [log_space.PAUSE, 1.0, 1.0, log_space.PAUSE, 1.0]
    assert capsys.readouterr().err.count("The receiver is stopped") == 2


@pytest.mark.parametrize(("free", "files", "low"), [(126, 10**6, False), (124, 10**6, True), (500, 10, True), (500, 0, False)])
def test_it_starts_again_when_there_is_some_more_than_the_reserve(
    monkeypatch: pytest.MonkeyPatch, free: int, files: int, low: bool
) -> None:
    monkeypatch.setattr(log_space.os, "statvfs", lambda _path: status(free, files))
    assert bool(log_space.is_low("/logs", "10%", log_space.AGAIN)) == low
