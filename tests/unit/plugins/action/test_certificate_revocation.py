# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.groundwork.fleet.plugins.action import certificate_revocation
from ansible_collections.groundwork.fleet.plugins.plugin_utils import authority, pki, pki_store, revocation


@pytest.fixture(name="directory")
def _directory(tmp_path: Path) -> Path:
    leaf = pki_store.Leaf("host", authority.host_subject("web-1", [], []), 90)
    pki.issue(tmp_path / "pki", pki_store.Wanted("web-1", (leaf,)), datetime.now(UTC))
    return tmp_path / "pki"


def run(directory: Path, monkeypatch: pytest.MonkeyPatch, check_mode: bool = False, **given: Any) -> dict[str, Any]:
    plugin = certificate_revocation
    action = plugin.ActionModule.__new__(plugin.ActionModule)
    arguments = {"host": "", "serial": "", "reason": "stolen", "directory": str(directory), **given}
    monkeypatch.setattr(plugin.ActionBase, "run", lambda self, tmp=None, task_vars=None: {})
    monkeypatch.setattr(plugin.ActionModule, "validate_argument_spec", lambda self, argument_spec: (None, arguments))
    monkeypatch.setattr(plugin.constants, "DEFAULT_LOCAL_TMP", str(directory.parent))
    action._task = SimpleNamespace(check_mode=check_mode, args={})
    return action.run()


def test_a_host_is_revoked_once(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    foreseen = run(directory, monkeypatch, check_mode=True, host="web-1")
    assert foreseen["changed"] and not (directory / "revoked.json").exists()
    done = run(directory, monkeypatch, host="web-1")
    assert (
        done["changed"] and done["msg"].startswith("host of web-1, serial ") and done["diff"]["after"].startswith("revoked: host of web-1")
    )
    assert revocation.serials(pki_store.Place(directory)) == {int(done["revoked"][0]["serial"], 16)}
    assert run(directory, monkeypatch, host="web-1") == {**run(directory, monkeypatch, host="web-1"), "changed": False, "revoked": []}


def test_who_is_not_known_is_told(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AnsibleActionFail, match="Did you mean 'web-1'"):
        run(directory, monkeypatch, host="web-l")
