# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.steps import key_owners


def test_a_key_of_its_owner_is_left_alone(run_step: Any, tmp_path: Any) -> None:
    key = tmp_path / "web.key"
    key.touch()
    if os.geteuid() == 0:
        assert not run_step(key_owners, keys={str(key): {"owner": "root", "group": "root"}})["changed"]


def test_a_key_becomes_its_owners(run_step: Any, tmp_path: Any, monkeypatch: Any) -> None:
    key, given = tmp_path / "web.key", []
    key.touch()
    monkeypatch.setattr(key_owners.os, "chown", lambda path, uid, gid, follow_symlinks: given.append((path, uid, gid, follow_symlinks)))
    answer = run_step(key_owners, keys={str(key): {"owner": "daemon", "group": "daemon"}})
    assert (answer["changed"], given) == (True, [(str(key), 1, 1, False)])
    given.clear()
    assert run_step(key_owners, check_mode=True, keys={str(key): {"owner": "daemon", "group": "daemon"}})["changed"]
    assert given == []


def test_what_is_missing_is_named_and_no_trouble_in_check_mode(run_step: Any, tmp_path: Any) -> None:
    path = str(tmp_path / "web.key")
    assert "web.key is not there" in run_step(key_owners, keys={path: {"owner": "root"}})["msg"]
    assert run_step(key_owners, check_mode=True, keys={path: {"owner": "root"}})["changed"]
    (tmp_path / "web.key").touch()
    assert "nobody-here:root is unknown to this host" in run_step(key_owners, keys={path: {"owner": "nobody-here"}})["msg"]
