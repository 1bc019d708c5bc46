# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import dashboards
from grafana_foundation_sdk.cog import encoder, plugins
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import units

ROOT = Path(dashboards.__file__).resolve().parents[2]
ENTRIES = {path.stem: yaml.safe_load(path.read_text()) for path in sorted((ROOT / "catalogue/dashboards").glob("*.yml"))}
EXPORTERS = {path.stem: yaml.safe_load(path.read_text()) for path in (ROOT / "catalogue/exporters").glob("*.yml")}
UNITS = {value for value in vars(units).values() if isinstance(value, str)}
SMALL = {"title": "Small", "panels": [{"title": "Up", "queries": {"{{host}}": "up"}}]}


def rendered(entry: Any, name: str = "small") -> dict[str, Any]:
    return dashboards.rendered(dashboards.parsed(name, entry))


def lost(given: Any, read: Any, where: str = "") -> list[str]:
    """Return what is not as it was once the SDK has read it and written it again; what it fills in does not count."""
    if isinstance(given, dict) and isinstance(read, dict):
        return [
            line
            for key, value in given.items()
            for line in (lost(value, read[key], f"{where}.{key}") if key in read else [f"{where}.{key}"])
        ]
    if isinstance(given, list) and isinstance(read, list) and len(given) == len(read):
        return [
            line for number, (one, other) in enumerate(zip(given, read, strict=True)) for line in lost(one, other, f"{where}[{number}]")
        ]
    return [] if given == read else [f"{where}: {given!r} became {read!r}"]


@pytest.mark.parametrize("name", ENTRIES)
def test_grafanas_own_library_reads_every_dashboard_and_loses_nothing(name: str) -> None:
    plugins.register_default_plugins()
    document = rendered(ENTRIES[name], name)
    read = json.loads(encoder.JSONEncoder().encode(model.Dashboard.from_json(document)))
    assert lost(document, read) == []
    assert lost({"panels": [{"gridPos": {"z": 1}}]}, read)


@pytest.mark.parametrize("name", ENTRIES)
def test_panels_have_their_own_place_and_a_unit_that_grafana_knows(name: str) -> None:
    document = rendered(ENTRIES[name], name)
    taken: set[tuple[int, int]] = set()
    for panel in document["panels"]:
        place = panel["gridPos"]
        squares = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not squares & taken and place["x"] + place["w"] <= dashboards.COLUMNS
        taken |= squares
        if panel["type"] != "row":
            assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
            assert panel["targets"]
    ids = [panel["id"] for panel in document["panels"]]
    assert len(set(ids)) == len(ids)
    assert document["uid"] == f"groundwork-{name}" and document["tags"][0] == "groundwork"


def test_every_entry_is_short_and_every_exporters_dashboard_exists() -> None:
    assert {"fleet", "host", "service", "postgresql", "nginx", "hardening", "monitoring"} <= set(ENTRIES)
    assert dashboards.wanted(ENTRIES, EXPORTERS, [{"exporter": name} for name in EXPORTERS]) == sorted(ENTRIES)


def test_only_what_runs_has_a_dashboard() -> None:
    found = dashboards.wanted(ENTRIES, EXPORTERS, [{"exporter": "node"}])
    assert "host" in found and "fleet" in found
    assert "nginx" not in found and "postgresql" not in found


def test_a_dashboard_of_an_exporter_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadInput, match=r"catalogue/exporters/x.yml: dashboard is 'ngins'.*Did you mean 'nginx'"):
        dashboards.wanted(ENTRIES, {"x": {"dashboard": "ngins"}}, [])


def test_the_data_source_is_the_one_that_is_named() -> None:
    entry = {**SMALL, "variables": {"host": "label_values(up, host)"}}
    found = dashboards.documents({"small": entry}, {}, [], "theirs")["small"]
    assert found["panels"][0]["targets"][0]["datasource"] == {"type": "prometheus", "uid": "theirs"}
    assert found["templating"]["list"][0]["datasource"]["uid"] == "theirs"


def test_panels_flow_from_left_to_right_and_a_row_begins_a_line() -> None:
    panel = {"title": "x", "queries": {"": "up"}}
    panels = [{**panel, "kind": "stat", "width": 10}, {**panel, "width": 14}, {**panel, "width": 6}, {"row": "More"}, panel]
    places = [one["gridPos"] for one in rendered({"title": "t", "panels": panels})["panels"]]
    assert [(place["x"], place["y"]) for place in places] == [(0, 0), (10, 0), (0, 8), (0, 16), (0, 17)]


def test_low_values_may_be_the_bad_ones() -> None:
    colours = [(step["value"], step["color"]) for step in dashboards.steps_of((0.95, 0.9))]
    assert colours == [(None, "red"), (0.9, "orange"), (0.95, "green")]
    assert [step["color"] for step in dashboards.steps_of((1, 2))] == ["green", "orange", "red"]


def test_a_table_shows_its_columns_and_only_the_last_values() -> None:
    panel = {"title": "x", "kind": "table", "queries": {"": "ALERTS"}, "columns": {"alertname": "Alert", "Value": "How many"}}
    found = rendered({"title": "t", "panels": [panel]})["panels"][0]
    assert found["targets"][0]["format"] == "table" and found["targets"][0]["instant"]
    assert found["transformations"][0]["options"]["include"]["names"] == ["alertname", "Value"]
    assert found["transformations"][1]["options"]["renameByName"]["Value"] == "How many"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ([], "a mapping"),
        ({"title": "x"}, "panels"),
        ({**SMALL, "panel": []}, "Did you mean 'panels'"),
        ({**SMALL, "panels": [1]}, r"panels\[0\] is 1"),
        ({**SMALL, "panels": [{"title": "x", "querys": {}}]}, "Did you mean 'queries'"),
        ({**SMALL, "panels": [{"title": "x"}]}, r"panels\[0\]\.queries"),
        ({**SMALL, "panels": [{"queries": {"": "up"}}]}, r"panels\[0\]\.title"),
        ({**SMALL, "panels": [{"title": "x", "kind": "stats", "queries": {"": "up"}}]}, "Did you mean 'stat'"),
        ({**SMALL, "panels": [{"title": "x", "kind": "table", "queries": {"": "up"}}]}, "columns"),
        ({**SMALL, "panels": [{"title": "x", "kind": "table", "columns": {"a": "A"}, "queries": {"": "up", "b": "up"}}]}, "one query"),
        ({**SMALL, "panels": [{"title": "x", "width": 25, "queries": {"": "up"}}]}, "1 to 24"),
        ({**SMALL, "panels": [{"title": "x", "width": "wide", "queries": {"": "up"}}]}, "whole numbers"),
        ({**SMALL, "panels": [{"title": "x", "thresholds": [1], "queries": {"": "up"}}]}, "two numbers"),
        ({**SMALL, "panels": [{"title": "x", "thresholds": ["a", 1], "queries": {"": "up"}}]}, "two numbers"),
        ({**SMALL, "panels": [{"title": "x", "queries": {"": 'up{host="$hots"}'}}], "variables": {"host": "h"}}, "Did you mean 'host'"),
        ({**SMALL, "panels": [{"row": "x", "title": "y"}]}, "`row` alone"),
    ],
)
def test_an_entry_that_cannot_be_is_refused_by_name(entry: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        dashboards.parsed("small", entry)
    assert "catalogue/dashboards/small.yml" in str(caught.value)


def test_a_name_that_grafana_would_not_take_is_refused() -> None:
    with pytest.raises(BadInput, match="at most 29"):
        dashboards.parsed("Small Board", SMALL)
