# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]


def test_load_is_that_of_one_processor(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (16.0, 8.0, 2.0))
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert run("load")["measured"] == {"minute": 4.0, "five_minutes": 2.0, "fifteen_minutes": 0.5}
    assert "expected five_minutes at most 1, observed 2 (4 processors)" in run("load", five_minutes=1)["message"]
