# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter import login_report as plugin

login_report = plugin.FilterModule().filters()["login_report"]


def test_the_report_is_given() -> None:
    assert login_report({"web-1": []}, "json") == '{\n  "web-1": []\n}\n' and login_report({}).startswith("host")


def test_an_error_is_one_of_ansible() -> None:
    with pytest.raises(AnsibleFilterError, match="expected a known format"):
        login_report({}, "xml")
