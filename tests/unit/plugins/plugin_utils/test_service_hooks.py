# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_hooks

from tests.unit.declared_orders import RELEASE, plan


def hooks(declared, **options):
    return plan({**RELEASE, "hooks": declared}, **options)["hooks"].get("orders", {})


def test_hooks_have_what_makes_a_deployment():
    found = hooks(
        {
            "before_deploy": ["bin/migrate", "{release}", "{version}"],
            "drain": {"argv": ["/bin/d"], "user": "root", "timeout": "30s"},
            "undrain": ["/bin/u"],
        }
    )
    assert found["units"] == ["orders.service"] and found["paths"] == ["/opt/orders/current"]
    release = "/opt/orders/releases/2.4.1"
    assert found["before_deploy"] == {"argv": [release + "/bin/migrate", release, "2.4.1"], "user": "orders", "timeout": 300}
    assert found["drain"] == {"argv": ["/bin/d"], "user": "root", "timeout": 30}


def test_a_package_runs_its_hooks_as_root():
    found = plan({"package": "nginx", "unit": "nginx", "hooks": {"after_deploy": ["/bin/true"]}})["hooks"]["orders"]
    assert found["after_deploy"]["user"] == "root" and found["units"] == ["nginx.service"]


def test_once_per_group_is_for_one_host():
    declared = {"before_deploy": {"argv": ["/bin/m"], "once_per": "group"}, "after_deploy": ["/bin/a"]}
    assert set(hooks(declared)) == {"before_deploy", "after_deploy", "units", "paths"}
    assert "before_deploy" in hooks(declared, once=["orders"])
    assert "before_deploy" not in hooks(declared, once=[]) and "after_deploy" in hooks(declared, once=[])
    assert hooks({"before_deploy": {"argv": ["/bin/m"], "once_per": "group"}}, once=[]) == {}


def test_who_goes_has_no_hooks():
    assert plan({**RELEASE, "hooks": {"after_deploy": ["/bin/a"]}}, state="all")["hooks"] == {}


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ({"before": ["x"]}, "services.orders.hooks"),
        ({"drain": ["x"]}, "services.orders.hooks.undrain"),
        ({"after_deploy": "x y"}, "services.orders.hooks.after_deploy is 'x y'"),
        ({"after_deploy": {"argv": ["x"], "usr": "y"}}, "Did you mean 'user'"),
        ({"after_deploy": {"argv": ["x"], "once_per": "grup"}}, "Did you mean 'group'"),
        ({"after_deploy": {"argv": ["x"], "timeout": "soon"}}, "services.orders.hooks.after_deploy.timeout"),
    ],
)
def test_what_is_wrong_is_named(declared, told):
    with pytest.raises(BadInput) as error:
        hooks(declared)
    assert told in str(error.value)


def test_the_first_host_that_has_the_service_is_the_one():
    migrating = {"hooks": {"before_deploy": {"argv": ["x"], "once_per": "group"}}}
    fleet = {"db": {}, "a": {"shop": migrating, "plain": {}}, "b": {"shop": migrating}, "gone": {"shop": {**migrating, "state": "absent"}}}

    def first(host, *hosts):
        return service_hooks.of_first_hosts({name: lambda name=name: fleet[name] for name in fleet}, hosts, host)

    assert first("a", "db", "gone", "a", "b") == ["shop"]
    assert first("b", "db", "a", "b") == []
    assert first("b", "b") == ["shop"]  # --limit b
    assert first("db", "db", "a") == first("gone", "gone", "a") == []


def test_a_host_whose_declaration_is_wrong_holds_up_no_other():
    def wrong():
        raise BadInput("x")

    services = {"shop": {"hooks": {"drain": {"argv": ["x"], "once_per": "group"}}}}
    assert service_hooks.of_first_hosts({"a": wrong, "b": lambda: services}, ["a", "b"], "b") == ["shop"]


def test_hooks_get_the_secrets_of_their_service_by_where_they_are():
    declared = {**RELEASE, "secrets": {"db": "t0p"}, "hooks": {"before_deploy": ["/bin/m"]}}
    found = plan({**declared, "environment": {"TOKEN": "hidden"}}, encrypted=True, is_secret=lambda text: text == "hidden")
    hook = found["hooks"]["orders"]["before_deploy"]
    base = "/etc/groundwork/credentials/orders/"
    assert hook["credentials"] == {"db": base + "db"} and hook["encrypted"] and hook["environment_file"] == base + "@environment"
    assert "t0p" not in str(found["hooks"]) and "hidden" not in str(found["hooks"])
    # They are on the host before the first hook runs.
    assert {base + "db", base + "@environment"} < set(found["hook_files"]) and found["hook_files"].items() <= found["files"].items()
    assert plan({**RELEASE, "secrets": {"db": "t0p"}})["hook_files"] == {}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, False),
        ({"fleet_services": {"a": {"package": "x"}, "b": None}, "fleet_services_group": None}, False),
        ({"fleet_services_host": {"a": {"hooks": {"drain": ["x"]}}}}, True),
        ({"fleet_services": {"a": {"catalogue": "hooked"}}}, True),
        ({"fleet_services": {"a": {"catalogue": "gone"}}}, False),
        ({"fleet_services": ["a"]}, True),  # what is wrong is told where it is judged
    ],
)
def test_a_host_without_hooks_is_seen_without_merging_its_services(variables, expected):
    assert service_hooks.any_declared(variables, {"hooked": {"hooks": {"drain": ["x"]}}, "plain": {}}) is expected
