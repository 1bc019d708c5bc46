# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.scrape import declared_default, scrape_targets

EXPORTERS: dict[str, Any] = {
    "node": {"port": 9100, "exec": "node", "proof": {"node_up": 1}},
    "redis": {"port": 9121, "exec": "redis", "proof": {"redis_up": 1}},
}
NODE = {"node": {}}
SERVICES: dict[str, Any] = {"cache": {"package": {"name": "redis"}, "metrics": {"exporter": "redis"}}}


def targets(variables: dict[str, dict[str, Any]], default: object = None) -> list[dict[str, Any]]:
    return scrape_targets(variables, list(variables), SERVICES, EXPORTERS, default)


def problem(variables: dict[str, Any], default: object = None) -> str:
    with pytest.raises(BadInput) as error:
        targets({"web-1": variables}, default)
    return str(error.value)


def test_exporters_of_all_hosts_in_their_order() -> None:
    found = targets({"b": {"exporters_enabled": NODE}, "a": {"exporters_enabled": NODE, "fleet_environment": "test"}})
    assert found == [
        {"exporter": "node", "name": "node", "host": "b", "address": "b", "port": 9100, "labels": {"environment": "production"}},
        {"exporter": "node", "name": "node", "host": "a", "address": "a", "port": 9100, "labels": {"environment": "test"}},
    ]


def test_the_groups_may_be_given() -> None:
    groups = {"all": ["x"], "web": ["y"]}
    assert [target["host"] for target in scrape_targets({"x": {}, "y": {}}, groups, {}, EXPORTERS, NODE)] == ["x"]


@pytest.mark.parametrize(
    ("variables", "address"),
    [({}, "h"), ({"ansible_host": "10.0.0.1"}, "10.0.0.1"), ({"ansible_host": "10.0.0.1", "fleet_address": "h.example"}, "h.example")],
)
def test_the_address(variables: dict[str, Any], address: str) -> None:
    assert targets({"h": variables}, NODE)[0]["address"] == address


def test_the_default_counts_only_where_nothing_is_set() -> None:
    assert targets({"h": {"exporters_enabled": {}}}, NODE) == []
    assert targets({"h": {"exporters_state": "absent"}}, NODE) == []
    assert len(targets({"h": {}}, NODE)) == 1


def test_a_port_and_labels_of_ones_own() -> None:
    found = targets({"h": {"exporters_enabled": {"node": {"port": "9200", "labels": {"rack": 3}}}}})
    assert found[0]["port"] == 9200
    assert found[0]["labels"] == {"rack": "3", "environment": "production"}


def test_a_service_with_an_exporter_and_one_with_metrics_of_its_own() -> None:
    own = {"orders": {"package": {"name": "o"}, "metrics": [{"port": 8080, "path": "/m"}]}, "cache": {"catalogue": "cache"}}
    found = targets({"h": {"fleet_services": own}})
    assert [(one["exporter"], one["port"], one["labels"]["service"]) for one in found] == [
        ("redis", 9121, "cache"),
        ("orders", 8080, "orders"),
    ]
    assert found[1]["path"] == "/m"


def test_an_exporter_that_a_service_wants_too_is_one_target() -> None:
    found = targets({"h": {"exporters_enabled": {"redis": {}}, "fleet_services": {"cache": {"catalogue": "cache"}}}})
    assert len(found) == 1
    assert found[0]["labels"]["service"] == "cache"


def test_null_takes_away_what_a_service_asks_for() -> None:
    assert targets({"h": {"exporters_enabled": {"redis": None}, "fleet_services": {"cache": {"catalogue": "cache"}}}}) == []


def test_one_exporter_may_run_twice() -> None:
    found = targets({"h": {"exporters_enabled": {"redis": {}, "second": {"exporter": "redis", "port": 9122}}}})
    assert [(one["exporter"], one["name"], one["port"]) for one in found] == [("redis", "redis", 9121), ("redis", "second", 9122)]


def test_metrics_of_a_service_stay_without_exporters() -> None:
    own = {"orders": {"package": {"name": "o"}, "metrics": {"port": 8080}}}
    assert len(targets({"h": {"exporters_state": "absent", "fleet_services": own}}, NODE)) == 1


def test_errors_name_host_and_exporter() -> None:
    assert "is 'nod'; expected a known exporter. Did you mean 'node'?" in problem({"exporters_enabled": {"nod": {}}})
    assert "exporters_enabled of web-1 is 'node'; expected a mapping" in problem({"exporters_enabled": "node"})
    both = {"exporters_enabled": {"node": {}, "redis": {"port": 9100}}}
    assert "port of the metrics of redis on web-1 is 9100" in problem(both)
    assert "'node' has it too" in problem(both)
    unknown = {"fleet_services": {"x": {"package": {}, "metrics": {"exporter": "rdis"}}}}
    assert "Did you mean 'redis'?" in problem(unknown)
    assert "port of the metrics of x is None" in problem({"fleet_services": {"x": {"package": {}, "metrics": {"path": "/m"}}}})


def test_the_declared_default(tmp_path: Path) -> None:
    assert declared_default(tmp_path) is None
    spec = tmp_path / "roles" / "exporters" / "meta" / "argument_specs.yml"
    spec.parent.mkdir(parents=True)
    spec.write_text("argument_specs: {main: {options: {exporters_enabled: {type: dict, default: {node: {}}}}}}")
    assert declared_default(tmp_path) == {"node": {}}
