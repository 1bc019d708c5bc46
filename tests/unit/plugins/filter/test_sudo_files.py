# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.filter import sudo_files as plugin
from ansible_collections.groundwork.fleet.plugins.plugin_utils import users_sudo

sudo_files = plugin.FilterModule().filters()["sudo_files"]


def test_the_drop_ins_of_present_and_former_accounts() -> None:
    files = sudo_files({"ana": {"state": "present", "sudo_rules": [users_sudo.EVERYTHING]}}, ["ben"])
    assert sorted(files) == ["/etc/sudoers.d/groundwork-ana", "/etc/sudoers.d/groundwork-ben"]
    assert sudo_files({}) == {}
