# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_plan as plan_util

from tests.unit.declared_orders import plan

STARTED = {"state": "started", "enabled": True}


def test_a_package_is_a_package_and_a_unit():
    found = plan({"package": {"name": "nginx", "version": "1.22.*"}}, name="web")
    assert found["packages"] == {"nginx": "1.22.*"}
    drop_in = "/etc/systemd/system/nginx.service.d/10-groundwork.conf"
    assert found["units"]["nginx.service"] == {
        **STARTED,
        "restart_on": [drop_in],
        "reload_on": [],
        "stable_for": 10,
        "about": "Service web",
    }
    assert found["checks"]["web-1"]["systemd_unit"] == {"name": "nginx.service"}
    assert found["users"] == found["releases"] == {}
    assert found["files"] == {"/etc/groundwork/credentials/web": {"absent": True, "secret": True}}, "it declares no secret"


def test_the_version_of_the_service_is_that_of_its_package():
    assert plan({"package": "nginx", "version": "2"})["packages"] == {"nginx": "2"}


def test_a_service_can_name_further_packages():
    declaration = {"package": {"name": "pg-{version}", "extra": ["pg-client-{version}"]}, "options": {"version": "15"}, "unit": "pg"}
    assert plan(declaration)["packages"] == {"pg-15": None, "pg-client-15": None}


def test_names_can_differ_by_platform():
    declaration = {"package": {"name": {"by_platform": {"Debian": "a", "Debian-12": "b", "RedHat": "c"}}}}
    assert list(plan(declaration)["packages"]) == ["b"]
    with pytest.raises(BadInput, match=r"services\.orders\.package\.name"):
        plan_util.service_plan({"orders": declaration}, ["Suse"])


def test_what_a_package_declares_for_its_unit_is_a_drop_in():
    found = plan({"package": "nginx", "unit": "nginx", "environment": {"A": "b"}})
    assert '[Service]\nEnvironment="A=b"\n' in found["files"]["/etc/systemd/system/nginx.service.d/10-groundwork.conf"]["content"]
