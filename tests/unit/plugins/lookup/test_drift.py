# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible import constants
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar
from ansible_collections.groundwork.fleet.plugins.plugin_utils import drift


def look_up(*hosts: str, **options: Any) -> Any:
    loader = DataLoader()
    one = lookup_loader.get("groundwork.fleet.drift", loader=loader, templar=Templar(loader=loader, variables={}))
    (found,) = one.run(list(hosts), variables={"ansible_check_mode": True}, **options)
    return found


def test_what_was_kept_is_given_by_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    record = drift.Record()
    record.take("web-1", "groundwork.fleet.users", "Users", {"changed": True})
    (tmp_path / drift.FILE).write_text(record.text())
    found = look_up("web-1", "db-1", there=["web-1"])
    assert found["results"]["web-1"]["checks"]["users"]["status"] == "failed" and "checks" not in found["results"]["db-1"]
    assert 'groundwork_drift_differences{role="users"} 1\n' in found["metrics"]["web-1"]


def test_without_the_callback_it_says_how_to_enable_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    with pytest.raises(AnsibleLookupError, match="Add it to callbacks_enabled"):
        look_up("web-1")
