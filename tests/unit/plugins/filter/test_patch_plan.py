# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter import patch_plan

from ..plugin_utils.test_patch_report import OPENSSL, status


def test_the_plan() -> None:
    decide = patch_plan.FilterModule().filters()["patch_plan"]
    assert decide(status(pending=[OPENSSL])) == {"work": ["1 upgrade"], "reboot": False, "restarts": {}}


def test_wrong_input() -> None:
    with pytest.raises(AnsibleFilterError, match="patch_reboot is 'sometimes'"):
        patch_plan.patch_plan(status(), "all", "sometimes")
