# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.scrape import declared_default, enabled, scrape_targets

EXPORTERS: dict[str, Any] = {"node": {"port": 9100}, "redis": {"port": 9121}, "portless": {}}
SERVICES: dict[str, Any] = {"cache": {"package": {"name": "redis"}, "metrics": {"exporter": "redis"}}}


def targets(variables: dict[str, dict[str, Any]], default: object = None) -> list[dict[str, Any]]:
    return scrape_targets(variables, list(variables), SERVICES, EXPORTERS, default)


def problem(variables: dict[str, Any], default: object = None) -> str:
    with pytest.raises(BadInput) as error:
        targets({"web-1": variables}, default)
    return str(error.value)


def test_exporters_of_all_hosts_in_their_order() -> None:
    found = targets({"b": {"exporters_enabled": {"node": {}}}, "a": {"exporters_enabled": ["node"], "fleet_environment": "test"}})
    assert found == [
        {"exporter": "node", "host": "b", "address": "b", "port": 9100, "labels": {"environment": "production"}},
        {"exporter": "node", "host": "a", "address": "a", "port": 9100, "labels": {"environment": "test"}},
    ]


def test_the_groups_may_be_given() -> None:
    groups = {"all": ["x"], "web": ["y"]}
    assert [target["host"] for target in scrape_targets({"x": {}, "y": {}}, groups, {}, EXPORTERS, ["node"])] == ["x"]


@pytest.mark.parametrize(
    ("variables", "address"),
    [({}, "h"), ({"ansible_host": "10.0.0.1"}, "10.0.0.1"), ({"ansible_host": "10.0.0.1", "fleet_address": "h.example"}, "h.example")],
)
def test_the_address(variables: dict[str, Any], address: str) -> None:
    assert targets({"h": variables}, ["node"])[0]["address"] == address


def test_the_default_counts_only_where_nothing_is_set() -> None:
    assert targets({"h": {"exporters_enabled": {}}}, ["node"]) == []
    assert targets({"h": {"exporters_state": "absent"}}, ["node"]) == []
    assert len(targets({"h": {}}, ["node"])) == 1


def test_a_port_and_labels_of_ones_own() -> None:
    found = targets({"h": {"exporters_enabled": {"node": {"port": "9200", "labels": {"rack": 3}}}}})
    assert found[0]["port"] == 9200
    assert found[0]["labels"] == {"rack": "3", "environment": "production"}


def test_a_service_with_an_exporter_and_one_with_metrics_of_its_own() -> None:
    own = {"orders": {"package": {"name": "o"}, "metrics": [{"port": 8080, "path": "/m"}]}, "cache": {"catalogue": "cache"}}
    found = targets({"h": {"fleet_services": own}})
    assert [(one["exporter"], one["port"], one["labels"]["service"]) for one in found] == [
        ("orders", 8080, "orders"),
        ("redis", 9121, "cache"),
    ]
    assert found[0]["path"] == "/m"


def test_an_exporter_that_a_service_wants_too_is_one_target() -> None:
    found = targets({"h": {"exporters_enabled": ["redis"], "fleet_services": {"cache": {"catalogue": "cache"}}}})
    assert len(found) == 1
    assert found[0]["labels"]["service"] == "cache"


def test_errors_name_host_and_exporter() -> None:
    assert "exporters_enabled of web-1 is 'nod'; expected a known exporter. Did you mean 'node'?" in problem({"exporters_enabled": ["nod"]})
    assert "port of portless is None; expected a port" in problem({"exporters_enabled": ["portless"]})
    assert "exporters_enabled of web-1 is 'node'; expected a mapping" in problem({"exporters_enabled": "node"})
    both = {"exporters_enabled": {"node": {}, "redis": {"port": 9100}}}
    assert "The exporter 'node' has it too" in problem(both)
    unknown = {"fleet_services": {"x": {"package": {}, "metrics": {"exporter": "rdis"}}}}
    assert "fleet_services.x.metrics of web-1 is 'rdis'" in problem(unknown)


def test_what_is_switched_off() -> None:
    assert enabled({"a": None, "b": False, "c": {"state": "absent"}, "d": {"x": 1}}) == {"a": {}, "d": {"x": 1}}
    assert enabled(None) == {}


def test_the_declared_default(tmp_path: Path) -> None:
    assert declared_default(tmp_path) is None
    spec = tmp_path / "roles" / "exporters" / "meta" / "argument_specs.yml"
    spec.parent.mkdir(parents=True)
    spec.write_text("argument_specs: {main: {options: {exporters_enabled: {type: dict, default: {node: {}}}}}}")
    assert declared_default(tmp_path) == {"node": {}}
