# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run by pytest with testinfra, not by the benchmarks: a test for each check, in the words of testinfra."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

BENCH = json.loads(Path(os.environ["BENCH_INPUTS"]).read_text(encoding="utf-8"))["bench"]


def test_nothing(host: Any) -> None:
    assert host.run("true").rc == 0


@pytest.mark.parametrize("page", BENCH["pages"], ids=str)
def test_page(host: Any, page: dict[str, Any]) -> None:
    answer = host.ansible("uri", f"url={page['url']} return_content=true", check=False)
    assert answer["status"] == 200 and page["text"] in answer["content"]


@pytest.mark.parametrize("port", BENCH["ports"], ids=str)
def test_port(host: Any, port: dict[str, Any]) -> None:
    assert host.addr("127.0.0.1").port(port["port"]).is_reachable


@pytest.mark.parametrize("unit", BENCH["units"], ids=str)
def test_unit(host: Any, unit: dict[str, Any]) -> None:
    assert host.service(unit["name"]).is_running


@pytest.mark.parametrize("file", BENCH["files"], ids=str)
def test_file(host: Any, file: dict[str, Any]) -> None:
    found = host.file(file["path"])
    assert found.exists and found.mode == 0o644 and found.user == "root"
