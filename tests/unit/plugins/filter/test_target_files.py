# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter.target_files import FilterModule

ALERTS = {
    name: {"groups": [{"name": name, "rules": [{"alert": name, "annotations": {"runbook_url": "x.md"}}]}]} for name in ("node", "redis")
}
TARGET = {"exporter": "node", "address": "192.0.2.1", "port": 9100, "host": "web-1"}


def test_targets_and_the_rules_of_what_runs() -> None:
    found = FilterModule().filters()["target_files"]([TARGET], {"node": {}, "redis": {}}, ALERTS, "https://docs.example")
    assert set(found) == {"targets.json", "rules/node.yml"}
    assert json.loads(found["targets.json"])[0]["targets"] == ["192.0.2.1:9100"]
    assert "https://docs.example/x.md" in found["rules/node.yml"]


def test_refused_input_is_an_error_of_the_filter() -> None:
    with pytest.raises(AnsibleFilterError, match="address"):
        FilterModule().filters()["target_files"]([{**TARGET, "address": ""}], {}, {})
