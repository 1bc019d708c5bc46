# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter import log_plan

from tests.unit.plugins.plugin_utils.test_log_model import ENTRIES
from tests.unit.plugins.plugin_utils.test_log_plan import SETTINGS


def test_it_makes_the_program_of_the_host() -> None:
    found = log_plan.FilterModule().filters()["log_plan"](SETTINGS, ENTRIES)
    assert found["files"]["/usr/local/sbin/groundwork-log-spool"]["content"].startswith("#!/usr/bin/python3")


def test_it_tells_what_is_wrong() -> None:
    with pytest.raises(AnsibleFilterError, match="at least one output"):
        log_plan.log_plan({**SETTINGS, "logs": {}, "servers": []}, ENTRIES)
