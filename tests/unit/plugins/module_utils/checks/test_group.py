# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Run = Callable[..., dict[str, Any]]


def test_a_group(run: Run) -> None:
    assert run("group", name="root", gid=0)["status"] == "ok"
    assert "expected gid 1, observed 0" in run("group", name="root", gid=1)["message"]
    assert "expected members containing nobody-here" in run("group", name="root", members="nobody-here")["message"]


def test_no_group(run: Run) -> None:
    assert run("group", name="nobodys")["status"] == "failed"
    assert run("group", name="nobodys", exists=False)["status"] == "ok"
