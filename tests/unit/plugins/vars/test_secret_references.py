# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What it brings about is in test_secret_tasks.py, where a run has it enabled."""

from __future__ import annotations

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_tasks
from ansible_collections.groundwork.fleet.plugins.vars.secret_references import VarsModule


def test_it_prepares_the_run_and_sets_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[int] = []
    monkeypatch.setattr(secret_tasks, "install", lambda: called.append(1))
    assert VarsModule().get_vars(DataLoader(), "/x", []) == {}
    assert called == [1]
