# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter.first_of_group import FilterModule

first_of_group = FilterModule().filters()["first_of_group"]
SHOP = {"package": "shop", "hooks": {"before_deploy": {"argv": ["migrate"], "once_per": "group"}}}


def test_of_two_hosts_the_first() -> None:
    hostvars = {"a": {"fleet_services": {"shop": {"catalogue": "shop"}}}, "b": {"fleet_services": {"shop": {"catalogue": "shop"}}}}
    assert first_of_group(hostvars, ["a", "b"], "a", {"shop": SHOP}) == ["shop"]
    assert first_of_group(hostvars, ["a", "b"], "b", {"shop": SHOP}) == []


def test_an_error_is_one_of_ansible() -> None:
    with pytest.raises(AnsibleFilterError, match=r"fleet_services\.a"):
        first_of_group({"a": {"fleet_services": {"a": {"hooks": SHOP["hooks"]}}}}, ["a"], "a", {})
