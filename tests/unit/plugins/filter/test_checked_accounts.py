# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter import checked_accounts as plugin

checked_accounts = plugin.FilterModule().filters()["checked_accounts"]


def test_the_decision_is_given() -> None:
    assert checked_accounts({"ana": {"state": "absent"}}) == {"ana": {"state": "absent"}}


def test_an_error_is_one_of_ansible() -> None:
    with pytest.raises(AnsibleFilterError, match=r"at least one public SSH key"):
        checked_accounts({"ana": None})
