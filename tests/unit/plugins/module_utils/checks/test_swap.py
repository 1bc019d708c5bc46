# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import checks as registry
from ansible_collections.groundwork.fleet.plugins.module_utils import health

TEXT = "MemTotal: 1000 kB\nMemFree: 5 kB\nMemAvailable: 150 kB\nSwapTotal: 200 kB\nSwapFree: 50 kB\n"


def facts(tmp_path: Path, text: str) -> dict[str, Any]:
    (tmp_path / "meminfo").write_text(text)
    source = (Path(registry.__file__).parent / "swap.py").read_text().replace("/proc/meminfo", str(tmp_path / "meminfo"))
    made = health.load_type("swap", source)
    return dict(made.observe(made.options(), health.Deadline(1)).facts)


def test_what_is_used(tmp_path: Path) -> None:
    assert facts(tmp_path, TEXT) == {"total": 204800, "percent": 75.0}


def test_without_swap_none_is_used(tmp_path: Path) -> None:
    assert facts(tmp_path, TEXT.replace("200", "0").replace("50 kB\n", "0 kB\n"))["percent"] == 0.0


def test_of_this_host(run: Callable[..., dict[str, Any]]) -> None:
    assert run("swap", percent=100)["status"] == "ok"
    assert "expected total at least 1024.0 TiB" in run("swap", total="1024TiB")["message"]
