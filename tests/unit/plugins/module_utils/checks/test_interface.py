# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]


def test_loopback(run: Run) -> None:
    assert run("interface", name="lo", up=True, mtu={"at_least": 1500})["status"] == "ok"
    assert "expected mtu 1, observed" in run("interface", name="lo", mtu=1)["message"]


def test_addresses(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = '[{"ifname": "lo", "addr_info": [{"local": "127.0.0.1", "prefixlen": 8}, {"local": "::1", "prefixlen": 128}]}]'
    (tmp_path / "ip").write_text("#!/bin/sh\necho '%s'\n" % answer)
    (tmp_path / "ip").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert run("interface", name="lo", addresses="::1/128")["status"] == "ok"
    assert "containing 10.0.0.1/8, observed 127.0.0.1/8, ::1/128" in run("interface", name="lo", addresses="10.0.0.1/8")["message"]


def test_no_interface(run: Run) -> None:
    assert "expected exists true, observed false" in run("interface", name="../../etc")["message"]
