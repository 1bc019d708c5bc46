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

PASSWD = """root:x:0:0:root:/root:/bin/bash
toor:x:0:0::/root:/bin/sh
daemon:x:1:1::/usr/sbin:/usr/sbin/nologin
sync:x:4:65534::/bin:/bin/sync
app:x:200:200::/srv/app:/bin/sh
ana:x:1000:1000::{home}/ana:/bin/bash
ben:x:1001:1001::{home}/ben:
cleo:x:1001:4242::{home}/none:/bin/zsh
nobody:x:65534:65534::/nonexistent:/bin/sh
+::::::
"""
SHADOW = """root:*:20000:0:99999:7:::
toor:!:20000:0:99999:7:::
daemon:*:20000::::::
app::20000:0:99999:7:::
ana:$y$j9T$salt$hash:20000:0:365:7:::
ben:$1$salt$hash:20000:0:99999:7:::
cleo:abJnggxhB/yWI:20000:0:90:7:::
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "passwd").write_text(PASSWD.format(home=tmp_path))
    (tmp_path / "shadow").write_text(SHADOW)
    groups = ["root:x:0:", "daemon:x:1:", "app:x:200:", "twin:x:200:", "ana:x:1000:", "ben:x:1001:", "nogroup:x:65534:"]
    (tmp_path / "group").write_text("\n".join(groups) + "\n")
    (tmp_path / "login.defs").write_text("# UID_MIN 5\nUID_MIN\t1000\n")
    for name, mode, start in (("ana", 0o750, 0o640), ("ben", 0o755, 0o644)):
        (tmp_path / name).mkdir()
        (tmp_path / name / ".bashrc").touch()
        (tmp_path / name / ".bashrc").chmod(start)
        (tmp_path / name).chmod(mode)
        os.chown(tmp_path / name, {"ana": 1000, "ben": 1001}[name], -1)
    return tmp_path


@pytest.mark.parametrize(
    ("find", "found"),
    [
        ("without_password", "app"),
        ("uid_zero", "root, toor"),
        ("duplicate_ids", "root, toor, ben, cleo, group app, group twin"),
        ("malformed", "+"),
        ("system_account_with_shell", "app"),
        ("weak_hash", "ben, cleo"),
        ("group_missing", "cleo"),
        ("home_missing", "cleo"),
        ("home_open", "ben"),
        ("start_file_open", "ben"),
        ("with_password", "app, ana, ben, cleo"),
        ("password_never_expires", "ben"),
        ("root_password_never_ends", "root, toor"),
    ],
)
def test_accounts_that_are_so_are_named(run: Run, directory: Path, find: str, found: str) -> None:
    answer = run("accounts", find=find, directory=str(directory))
    assert answer["status"] == "failed" and answer["observed"] == {"accounts": found}
    assert run("accounts", find=find, accounts=found.split(", "), directory=str(directory))["status"] == "ok"


def test_no_hash_is_shown(run: Run, directory: Path) -> None:
    assert "$1$" not in str(run("accounts", find="weak_hash", directory=str(directory)))


def test_a_host_without_shadow_and_login_defs(run: Run, directory: Path) -> None:
    for name in ("shadow", "login.defs"):
        (directory / name).unlink()
    assert run("accounts", find="weak_hash", directory=str(directory))["status"] == "ok"
    assert run("accounts", find="home_missing", directory=str(directory))["observed"] == {"accounts": "cleo"}


def test_an_unknown_kind_is_refused(run: Run, directory: Path) -> None:
    assert "expected one of duplicate_ids" in run("accounts", find="strange", directory=str(directory))["message"]
