# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from typing import Any

Run = Callable[..., dict[str, Any]]


def test_an_account(run: Run) -> None:
    me = pwd.getpwuid(os.getuid())
    result = run("user", name=me.pw_name, uid=me.pw_uid, home=me.pw_dir, shell={"matches": "/"}, groups={"length": {"at_least": 1}})
    assert result["status"] == "ok", result["message"]
    assert "expected uid 1, observed" in run("user", name="root", uid=1)["message"]
    assert "expected groups containing nobodys, observed" in run("user", name="root", groups="nobodys")["message"]


def test_no_account(run: Run) -> None:
    assert "expected exists true, observed false" in run("user", name="nobody-here", uid=1)["message"]
    assert run("user", name="nobody-here", exists=False)["status"] == "ok"
