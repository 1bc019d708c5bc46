# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter.declared_services import FilterModule

declared_services = FilterModule().filters()["declared_services"]


def test_services_of_a_host() -> None:
    declared = {"fleet_services": {"a": {"catalogue": "web"}}, "fleet_services_host": {"a": {"user": "x"}}}
    catalogue = {"web": {"package": {"name": "nginx"}}}
    assert declared_services(declared, catalogue) == {"a": {"catalogue": "web", "package": {"name": "nginx"}, "user": "x"}}


def test_an_error_is_one_of_ansible() -> None:
    with pytest.raises(AnsibleFilterError, match="exactly one of container, package, program and release"):
        declared_services({"fleet_services": {"a": {}}})
