# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_declared, promises, settings

TCP = {"tcp": {"port": 22}}


def checks(declared: dict[str, Any] | None = None, **given: Any) -> health_declared.Checks:
    parts = {"checks": {}, "promises": {}, "gossfiles": [], "maintenance": [], **given}
    return health_declared.host_checks(parts, declared or {}, ["journal", "ssh", "certificate"])


def test_the_default_checks_are_those_of_the_role() -> None:
    variables = yaml.safe_load((settings.COLLECTION / "roles/health/vars/main.yml").read_text())
    assert tuple(re.findall(r"\{'(\w+)': \{'\w+': \{", variables["__health_defaults"])) == promises.DEFAULT_CHECKS


def test_each_check_is_judged() -> None:
    declared = {"a": {"htpp": {}}, "b": {"tcp": {"prot": 1}}, "c": None, "d": 3, "e": {**TCP, "timeout": "soon"}, "f": TCP}
    found = list(health_declared.check_problems(declared, "2m"))
    assert [text.partition(" is ")[0] for text in found] == [
        "health_checks.a",
        "health_checks.b.tcp",
        "health_checks.d",
        "health_checks.e.timeout",
    ]
    assert "Did you mean 'http'?" in found[0] and "Did you mean 'port'?" in found[1]
    [timeout] = health_declared.check_problems({}, "soon")
    assert timeout.startswith("health_timeout is 'soon'")
    [stable] = health_declared.check_problems({"a": {**TCP, "stable_for": "3m"}}, "2m")
    assert "less than the total timeout 120 s" in stable


def test_names_that_are_required_exist() -> None:
    services = {"orders": {"health": [{"tcp": {"port": 80}}, {**TCP, "requires": ["orders tcp", "journal", "jurnal"]}]}}
    found = checks(services, checks={"a": {**TCP, "requires": "orders tcp 2"}, "b": {**TCP, "requires": ["zz"]}, "ssh": None})
    assert [text.split(";")[0] for text in health_declared.requires_problems(found)] == [
        "fleet_services.orders.health[1].requires is 'jurnal'",
        "health_checks.b.requires is 'zz'",
    ]
    [gone] = health_declared.requires_problems(checks(checks={"a": {**TCP, "requires": "ssh"}, "ssh": None}))
    assert "health_checks.a.requires is 'ssh'" in gone


def test_a_circle_is_told_once() -> None:
    [circle] = health_declared.requires_problems(checks(checks={"a": {**TCP, "requires": "b"}, "b": {**TCP, "requires": "a"}}))
    assert "a -> b -> a" in circle


def test_what_files_of_goss_add_is_not_known() -> None:
    given = {"a": {**TCP, "requires": ["goss file /x", "zz"]}}
    [unknown] = health_declared.requires_problems(checks({"o": {"health": {"gossfile": "x"}}}, checks=given))
    assert "'zz'" in unknown
    assert len(list(health_declared.requires_problems(checks(checks=given)))) == 2


def window(**more: Any) -> dict[str, Any]:
    return {"from": "22:00", "until": "23:00", "reason": "backup", **more}


def test_windows_of_maintenance() -> None:
    found = list(health_declared.maintenance_problems([window(), window(until="25:00"), window(rason="x")]))
    assert [text.partition(" is ")[0] for text in found] == ["health_maintenance[1].from", "health_maintenance[2]"]


def test_a_window_for_a_check_that_the_host_has_not() -> None:
    declared = [window(), window(checks=["jour*", "certificat"]), window(until="25:00", checks="zz"), window(checks="orders *")]
    found = list(health_declared.maintenance_warnings(declared, checks()))
    assert [text.split(";")[0] for text in found] == [
        "health_maintenance[1].checks is 'certificat'",
        "health_maintenance[3].checks is 'orders *'",
    ]
    assert "Did you mean 'certificate'?" in found[0]
    assert list(health_declared.maintenance_warnings(declared, checks(gossfiles=["x"]))) == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, None),
        ({"endpoint": {"from": ["web"]}}, None),
        ({"interval": "soon"}, "health_interval is 'soon'"),
        ({"endpoint": {"prot": 1}}, "Did you mean 'port'?"),
        ({"endpoint": {"from": ["wbe"]}}, "health_endpoint.from is 'wbe'"),
    ],
)
def test_interval_and_endpoint(given: dict[str, Any], told: str | None) -> None:
    found = list(health_declared.setting_problems({"interval": "1m", "endpoint": {}, **given}, {"web": ["192.0.2.1"]}))
    assert len(found) == (told is not None)
    assert told is None or told in found[0]
