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
    source = (Path(registry.__file__).parent / "memory.py").read_text().replace("/proc/meminfo", str(tmp_path / "meminfo"))
    made = health.load_type("memory", source)
    return dict(made.observe(made.options(), health.Deadline(1)).facts)


def test_what_is_available_counts(tmp_path: Path) -> None:
    assert facts(tmp_path, TEXT) == {"available": 153600, "percent": 15.0}


def test_of_this_host(run: Callable[..., dict[str, Any]]) -> None:
    assert run("memory", percent={"between": [0, 100]}, available={"more_than": "1MiB"})["status"] == "ok"
    assert "expected percent more than 100" in run("memory", percent={"more_than": 100})["message"]
