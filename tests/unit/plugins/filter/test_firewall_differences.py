# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.filter import firewall_differences as plugin

firewall_differences = plugin.FilterModule().filters()["firewall_differences"]


def test_a_table_that_is_not_loaded_is_a_difference() -> None:
    assert firewall_differences("", []) == ["the table inet groundwork is not loaded"]
