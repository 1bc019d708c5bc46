# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the two tools share: how expectations of a status and of a text are read."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import blackbox, health_fleet, health_probes, kubernetes_probes


@pytest.mark.parametrize(
    ("expectation", "found"),
    [
        (204, [204]),
        ([200, "301"], [200, 301]),
        ({"between": [200, 203]}, [200, 201, 202, 203]),
        ({"any": [200, {"between": [301, 302]}]}, [200, 301, 302]),
        ({"equals": 418}, [418]),
    ],
)
def test_statuses(expectation: Any, found: list[int]) -> None:
    assert health_probes.statuses(expectation) == found


def test_statuses_that_cannot_be_counted() -> None:
    with pytest.raises(health_probes.LeftOut, match="no list of statuses"):
        health_probes.statuses({"not": 500})


@pytest.mark.parametrize(
    ("expectation", "there", "missing"),
    [
        ("a b.c (d)", [r"a b\.c \(d\)"], []),
        ({"contains": ["a", "b?"]}, ["a", r"b\?"], []),
        ({"matches": "^ok$"}, ["(?m:^ok$)"], []),
        ({"equals": "ok"}, [r"\Aok\z"], []),
        ({"not": {"contains": "error"}}, [], ["error"]),
        ({"all": [{"contains": "a"}, {"not": {"not": {"matches": "b"}}}]}, ["a", "(?m:b)"], []),
        ({"contains": "a", "not": "b"}, ["a"], ["b"]),
    ],
)
def test_patterns(expectation: Any, there: list[str], missing: list[str]) -> None:
    assert health_probes.patterns(expectation) == (there, missing)


@pytest.mark.parametrize("expectation", [{"any": ["a", "b"]}, {"not": {"all": ["a", "b"]}}, {"length": 3}, ["a"], True])
def test_patterns_that_cannot_be_said(expectation: Any) -> None:
    with pytest.raises(health_probes.LeftOut):
        health_probes.patterns(expectation)


def test_a_text_is_found_as_it_is() -> None:
    text = r"\.+*?()|[]{}^$ -#&~"
    assert re.fullmatch(health_probes.literally(text), text)
    assert r"\ " not in health_probes.literally(text)


@pytest.mark.parametrize(("checks", "message"), [([], "checks is \\[\\]"), ({"x": 3}, "checks.x is 3")])
def test_what_are_no_checks(checks: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        health_probes.each(checks, {}, "nobody")


def test_a_type_that_the_tool_does_not_know_is_left_out() -> None:
    made, left_out, notes = health_probes.each({"disk": {"retries": 1, "disk": {"path": "/"}}}, {}, "nobody")
    assert (made, left_out, notes) == ({}, {"disk": "nobody has nothing for a check of the type disk"}, {})


@pytest.mark.parametrize("convert", [blackbox.blackbox, kubernetes_probes.kubernetes])
@pytest.mark.parametrize(
    ("check", "message"),
    [
        ({"htpp": {}}, "checks.a is 'htpp'; expected a known check type or setting. Did you mean 'http'?"),
        ({"tcp": {"prot": 1}}, "checks.a.tcp is 'prot'; expected a known option of a tcp check. Did you mean 'port'?"),
        ({"retries": 1}, "expected exactly one check type"),
    ],
)
def test_a_typo_is_refused_as_health_check_does(convert: Any, check: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=re.escape(message)):
        convert({"a": check})


@pytest.mark.parametrize("convert", [blackbox.blackbox, kubernetes_probes.kubernetes])
def test_settings_that_a_tool_cannot_see_are_told(convert: Any) -> None:
    found = convert({"a": {"tcp": {"port": 1}, "stable_for": "5s"}, "b": {"tcp": {"port": 1}, "requires": "elsewhere", "service": "shop"}})
    assert "stable_for" in found["left_out"]["a"]
    assert found["notes"]["b"].endswith("has nothing for requires")


@pytest.mark.parametrize(("address", "port"), [("http://a/", 80), ("https://a/", 443), ("https://[::1]:8443/x", 8443)])
def test_ports(address: str, port: int) -> None:
    assert health_probes.port_of(address) == port


@pytest.mark.parametrize("named", [blackbox.MAKERS, kubernetes_probes.MAKERS, health_fleet.TARGETS])
def test_each_type_that_is_named_is_one_of_ours(named: Mapping[str, Any]) -> None:
    """A type under another name would be left out, and nobody would notice."""
    assert set(named) <= set(health.check_types())


@pytest.mark.parametrize(("name", "option"), health_fleet.TARGETS.items())
def test_what_a_check_looks_at_is_an_option_of_its_type(name: str, option: str) -> None:
    made = health.load_type(name, health.check_types()[name].read_text(encoding="utf-8"))
    assert option in {field.name for field in dataclasses.fields(made.options)}
