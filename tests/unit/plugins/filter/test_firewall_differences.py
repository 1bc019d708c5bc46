# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.filter import firewall_differences as plugin

firewall_differences = plugin.FilterModule().filters()["firewall_differences"]
RULESET = {"sets": [], "chains": [], "bans": False}
LOADED = "table inet groundwork {\n}\n"


def test_a_table_that_is_not_loaded_is_a_difference() -> None:
    assert firewall_differences({}, RULESET) == ["the table inet groundwork is not loaded"]


def test_what_is_listed_is_held_against_the_reference() -> None:
    commands = {"rules": {"stdout": LOADED}, "bans": {"stdout": ""}, "reference": {"stdout": LOADED}}
    assert firewall_differences(commands, RULESET) == []
    commands["bans"] = {"stdout": "table inet groundwork_bans {\n}\n"}
    assert firewall_differences(commands, RULESET) == ["the table inet groundwork_bans is loaded but not declared"]
