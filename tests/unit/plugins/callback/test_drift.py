# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible import constants, context
from ansible.utils.context_objects import CLIArgs
from ansible_collections.groundwork.fleet.plugins.callback import drift as plugin
from ansible_collections.groundwork.fleet.plugins.plugin_utils import drift


def result(values: dict[str, Any], role: str = "") -> Any:
    named = SimpleNamespace(get_name=lambda: role) if role else None
    task = SimpleNamespace(name="Do it", action="ansible.builtin.debug", _role=named)
    return SimpleNamespace(_host=SimpleNamespace(get_name=lambda: "web-1"), _task=task, _result=values)


def callback(monkeypatch: pytest.MonkeyPatch, folder: Path, check: bool) -> Any:
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(folder))
    monkeypatch.setattr(context, "CLIARGS", CLIArgs({"check": check}))
    return plugin.CallbackModule()


def test_what_a_run_in_check_mode_would_change_is_kept_for_the_next_play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = callback(monkeypatch, tmp_path, True)
    one.v2_playbook_on_play_start(None)
    assert drift.read(str(tmp_path), True) == drift.Record()
    one.v2_runner_on_ok(result({"changed": True}, "groundwork.fleet.users"))
    one.v2_runner_on_failed(result({"msg": "ignored"}), ignore_errors=True)
    one.v2_runner_on_unreachable(result({"msg": "no route"}))
    one.v2_playbook_on_play_start(None)
    kept = drift.read(str(tmp_path), True)
    assert kept.hosts == {"web-1": {"users": [drift.Difference("Do it", 1)]}} and kept.problems == {"web-1": "Do it: no route"}


def test_a_run_that_changes_hosts_is_not_listened_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = callback(monkeypatch, tmp_path, False)
    one.v2_runner_on_ok(result({"changed": True}))
    one.v2_playbook_on_play_start(None)
    assert not list(tmp_path.iterdir()) and not one.record.hosts
