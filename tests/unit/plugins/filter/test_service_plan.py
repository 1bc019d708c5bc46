# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter import service_plan


def test_templates_of_the_catalogue_are_found_and_others_stay():
    files = {"/a": {"template": "nginx.conf.j2"}, "/b": {"template": "mine.j2"}}
    found = service_plan.service_plan({"web": {"package": "nginx", "files": files}})["files"]
    assert found["/a"]["template"].endswith("/catalogue/services/templates/nginx.conf.j2")
    assert found["/b"]["template"] == "mine.j2"


def test_the_users_catalogue_wins(tmp_path):
    mine = tmp_path / "services" / "templates" / "nginx.conf.j2"
    mine.parent.mkdir(parents=True)
    mine.write_text("x")
    services = {"web": {"package": "nginx", "files": {"/a": {"template": mine.name}}}}
    assert service_plan.service_plan(services, catalogues=[str(tmp_path)])["files"]["/a"]["template"] == str(mine)


def test_a_refusal_is_an_error_of_the_filter():
    with pytest.raises(AnsibleFilterError, match=r"services\.web\.container"):
        service_plan.service_plan({"web": {"container": {}}})
    assert service_plan.FilterModule().filters() == {"service_plan": service_plan.service_plan}
