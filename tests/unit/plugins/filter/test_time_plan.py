# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter import time_plan

from tests.unit.plugins.plugin_utils.test_time_plan import SETTINGS


def test_it_makes_the_program_of_the_host() -> None:
    found = time_plan.FilterModule().filters()["time_plan"]({**SETTINGS, "textfile_directory": "/t"})
    assert found["status"]["files"]["/usr/local/sbin/groundwork-time-status"]["content"].startswith("#!/usr/bin/python3")


def test_it_tells_what_is_wrong() -> None:
    with pytest.raises(AnsibleFilterError, match="time_sync_servers"):
        time_plan.time_plan({**SETTINGS, "servers": []})
