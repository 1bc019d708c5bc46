# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.groundwork.fleet.plugins.action import blue_green

UNITS = {
    colour: {
        "unit": f"orders@{colour}.service",
        "path": f"/x/{colour}",
        "content": "x",
        "port": port,
        "checks": {"port": {"tcp": {"port": port}}},
    }
    for colour, port in (("blue", 8081), ("green", 8082))
}
NGINX = {"nginx": {"path": "/x", "contents": {"blue": "b", "green": "g"}, "unit": "nginx.service"}}


def services(**changes: Any) -> dict[str, Any]:
    return {"orders": {"colours": UNITS, "switch": NGINX, **changes}}


def test_the_check_types_that_are_used_travel_along(called: Any) -> None:
    found = called(blue_green.ActionModule, services=services(checks={"page": {"http": {"url": "http://127.0.0.1/"}}}))["module_args"]
    assert sorted(found["sources"]) == ["http", "tcp"]
    assert found["run"] == "ana@controller"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (services(colours={}), "colours"),
        (services(checks={"page": {"htpp": {}}}), r"services\['orders'\]\.checks\.page"),
        (services(colours={**UNITS, "green": {**UNITS["green"], "checks": {"x": {"tpc": {}}}}}), r"colours\.green\.checks\.x"),
        ("orders", "services is 'orders'"),
    ],
)
def test_what_the_host_would_refuse_is_refused_on_the_controller(called: Any, given: Any, message: str) -> None:
    with pytest.raises(AnsibleActionFail, match=message):
        called(blue_green.ActionModule, services=given)
