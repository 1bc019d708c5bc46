# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter.log_server_plan import FilterModule

from tests.unit.plugins.plugin_utils.test_log_server_plan import SETTINGS


def test_the_plan_brings_the_whole_program() -> None:
    [(name, plan)] = FilterModule().filters().items()
    text = plan(SETTINGS)["files"]["/usr/local/sbin/groundwork-logs"]["content"]
    assert name == "log_server_plan" and text.startswith("#!/usr/bin/python3 -IS\n") and "TEXTS['log_verify']" in text
    compile(text, "groundwork-logs", "exec")


def test_what_is_refused_is_an_error_of_ansible() -> None:
    with pytest.raises(AnsibleFilterError, match="log_server_keep_days is 0"):
        FilterModule().filters()["log_server_plan"]({**SETTINGS, "keep_days": 0})
