# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter hands over to the decision, and its refusals become errors of a filter."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter.service_checks import FilterModule

service_checks = FilterModule().filters()["service_checks"]


def test_services_and_layers() -> None:
    assert service_checks([{"service": "shop", "tcp": {"port": 80}}], {"ssh": {"tcp": {"port": 22}}}) == {
        "shop tcp": {"tcp": {"port": 80}},
        "ssh": {"tcp": {"port": 22}},
    }


def test_a_refusal_names_the_variable() -> None:
    with pytest.raises(AnsibleFilterError, match="health_services is 'shop'"):
        service_checks("shop")
