# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dashboards: from an entry of catalogue/dashboards to the document that Grafana reads. Decides, touches nothing.

The document's form is that of the classic dashboard (schema 36, Grafana 9 and newer); the tests read it with grafana-foundation-sdk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name

#: The uid of the data source that the role monitoring provisions.
DATA_SOURCE = "groundwork-prometheus"
TAG = "groundwork"
SCHEMA = 36
COLUMNS = 24  # of Grafana's grid
KEYS = ("title", "description", "tags", "variables", "panels", "refresh", "since")
PANEL_KEYS = (
    "title",
    "description",
    "kind",
    "queries",
    "unit",
    "width",
    "height",
    "minimum",
    "maximum",
    "thresholds",
    "columns",
    "stacked",
    "row",
)
#: Kind of a panel to its width and height, unless it says otherwise.
KINDS = {"timeseries": (12, 8), "stat": (4, 4), "gauge": (6, 6), "bargauge": (12, 8), "table": (12, 8)}
#: Kinds that show the last value only, so ask for that only.
INSTANT = ("stat", "gauge", "bargauge", "table")
COLOURS = ("green", "orange", "red")
UID_LIMIT = 40  # characters, of Grafana
EXAMPLE = "See catalogue/dashboards/nginx.yml."


@dataclass(frozen=True)
class Panel:
    """One panel. queries: legend to PromQL. columns: label to heading, of a table.

    thresholds: where it turns orange and where red; the lower one may be the worse.
    """

    title: str
    queries: Mapping[str, str]
    kind: str = "timeseries"
    description: str = ""
    unit: str = "short"
    width: int = 12
    height: int = 8
    minimum: float | None = None
    maximum: float | None = None
    thresholds: tuple[float, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    stacked: bool = False


@dataclass(frozen=True)
class Dashboard:
    """One dashboard. variables: name to the label_values() that fills it; each allows several and all. panels: a text begins a row."""

    name: str
    title: str
    description: str
    tags: tuple[str, ...]
    variables: Mapping[str, str]
    panels: tuple[Panel | str, ...]
    refresh: str = "30s"
    since: str = "3h"

    @property
    def uid(self) -> str:
        """What identifies it in Grafana."""
        return f"{TAG}-{self.name}"


def _known(where: str, kind: str, given: Mapping[str, Any], keys: Iterable[str]) -> None:
    for key in given:
        if key not in keys:
            raise unknown_name(kind, where, str(key), keys)


def parsed_panel(where: str, given: Any) -> Panel | str:
    """Return one panel of an entry, or the title of a row. Raises BadInput."""
    if not isinstance(given, Mapping):
        raise bad_input(where, given, "a mapping", EXAMPLE)
    _known(where, "key of a panel", given, PANEL_KEYS)
    if "row" in given:
        if len(given) > 1:
            raise bad_input(where, sorted(map(str, given)), "`row` alone", "Panels that follow stand in the row.")
        return str(given["row"])
    kind = str(given.get("kind", "timeseries"))
    if kind not in KINDS:
        raise unknown_name("kind of panel", f"{where}.kind", kind, KINDS)
    queries = given.get("queries")
    if not isinstance(queries, Mapping) or not queries or not all(isinstance(one, str) and one for one in queries.values()):
        raise bad_input(f"{where}.queries", queries, "a mapping from legend to query", EXAMPLE)
    if not given.get("title"):
        raise bad_input(f"{where}.title", given.get("title"), "a text", EXAMPLE)
    columns = given.get("columns") or {}
    if (kind == "table") != bool(columns):
        raise bad_input(f"{where}.columns", columns, "a mapping from label to heading for a table, nothing for others", EXAMPLE)
    if kind == "table" and len(queries) > 1:
        raise bad_input(f"{where}.queries", list(queries), "one query for a table", "Make a table of each.")
    thresholds = given.get("thresholds") or ()
    if len(thresholds) not in (0, 2) or not all(isinstance(one, (int, float)) for one in thresholds):
        raise bad_input(f"{where}.thresholds", thresholds, "two numbers: where it turns orange and where red", "Write [0.8, 0.9].")
    width, height = (given.get(key, usual) for key, usual in zip(("width", "height"), KINDS[kind], strict=True))
    if not isinstance(width, int) or not isinstance(height, int) or not 1 <= width <= COLUMNS or height < 1:
        expected = f"whole numbers, 1 to {COLUMNS} and a height of at least 1"
        raise bad_input(f"{where}.width, height", [width, height], expected, "Leave them out for the usual size.")
    return Panel(
        title=str(given["title"]),
        queries={str(legend): one.strip() for legend, one in queries.items()},
        kind=kind,
        description=str(given.get("description", "")),
        unit=str(given.get("unit", "short")),
        width=width,
        height=height,
        minimum=given.get("minimum"),
        maximum=given.get("maximum"),
        thresholds=tuple(float(one) for one in thresholds),
        columns={str(label): str(heading) for label, heading in columns.items()},
        stacked=bool(given.get("stacked", False)),
    )


def parsed(name: str, entry: Any) -> Dashboard:
    """Return the dashboard that an entry of the catalogue describes. Raises BadInput."""
    where = f"catalogue/dashboards/{name}.yml"
    if not isinstance(entry, Mapping):
        raise bad_input(where, entry, "a mapping", EXAMPLE)
    if not re.fullmatch("[a-z0-9_-]+", name) or len(f"{TAG}-{name}") > UID_LIMIT:
        limit = UID_LIMIT - len(TAG) - 1
        raise bad_input(where, name, f"a name of at most {limit} small letters, digits, - and _", "Rename the file.")
    _known(where, "key of a dashboard", entry, KEYS)
    for key in ("title", "panels"):
        if not entry.get(key):
            raise bad_input(f"{where}: {key}", entry.get(key), "a value", EXAMPLE)
    panels = tuple(parsed_panel(f"{where}: panels[{number}]", one) for number, one in enumerate(entry["panels"]))
    variables = {str(key): str(value) for key, value in (entry.get("variables") or {}).items()}
    found = Dashboard(
        name=name,
        title=str(entry["title"]),
        description=str(entry.get("description", "")),
        tags=tuple(str(tag) for tag in entry.get("tags") or ()),
        variables=variables,
        panels=panels,
        refresh=str(entry.get("refresh", "30s")),
        since=str(entry.get("since", "3h")),
    )
    for number, panel in enumerate(panels):
        for query in panel.queries.values() if isinstance(panel, Panel) else ():
            for used in re.findall(r"\$(\w+)", query):
                if used not in variables and not used.startswith("__"):
                    raise unknown_name("variable of the dashboard", f"{where}: panels[{number}].queries: ${used}", used, variables)
    return found


def steps_of(thresholds: tuple[float, ...]) -> list[dict[str, Any]]:
    """Return Grafana's steps, from the lowest value on. Where the second number is the lower one, low values are the bad ones."""
    if not thresholds:
        return [{"color": COLOURS[0], "value": None}]
    warning, critical = thresholds
    if critical < warning:
        return [{"color": "red", "value": None}, {"color": "orange", "value": critical}, {"color": "green", "value": warning}]
    return [{"color": "green", "value": None}, {"color": "orange", "value": warning}, {"color": "red", "value": critical}]


def field_config(panel: Panel) -> dict[str, Any]:
    """Return the units, limits and colours of a panel."""
    defaults: dict[str, Any] = {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps_of(panel.thresholds)}}
    for key, value in (("min", panel.minimum), ("max", panel.maximum)):
        if value is not None:
            defaults[key] = value
    if panel.kind == "timeseries":
        lines: dict[str, Any] = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 30 if panel.stacked else 10, "showPoints": "never"}
        if panel.stacked:
            lines["stacking"] = {"mode": "normal", "group": "A"}
        if panel.thresholds:
            lines["thresholdsStyle"] = {"mode": "dashed"}
        defaults["custom"] = lines
    else:
        defaults["color"] = {"mode": "thresholds"}
    return {"defaults": defaults, "overrides": []}


def options_of(panel: Panel) -> dict[str, Any]:
    """Return the options of the panel's kind."""
    reduced = {"calcs": ["lastNotNull"], "fields": "", "values": False}
    if panel.kind == "timeseries":
        legend = {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []}
        return {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}
    if panel.kind == "stat":
        return {"reduceOptions": reduced, "colorMode": "value", "graphMode": "none", "justifyMode": "auto", "textMode": "auto"}
    if panel.kind == "gauge":
        return {"reduceOptions": reduced, "showThresholdLabels": False, "showThresholdMarkers": True}
    if panel.kind == "bargauge":
        return {"reduceOptions": reduced, "displayMode": "basic", "orientation": "horizontal", "showUnfilled": True}
    return {"showHeader": True, "cellHeight": "sm"}


def rendered_panel(panel: Panel, number: int, x: int, y: int, source: Mapping[str, str]) -> dict[str, Any]:
    """Return a panel as Grafana reads it. number: its id on the dashboard."""
    instant = panel.kind in INSTANT
    targets = []
    for place, (legend, query) in enumerate(panel.queries.items()):
        target: dict[str, Any] = {
            "refId": chr(ord("A") + place),
            "datasource": dict(source),
            "expr": query,
            "legendFormat": legend,
            "editorMode": "code",
        }
        target.update({"instant": instant, "range": not instant, "format": "table" if panel.kind == "table" else "time_series"})
        targets.append(target)
    found: dict[str, Any] = {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "datasource": dict(source),
        "gridPos": {"x": x, "y": y, "w": panel.width, "h": panel.height},
        "targets": targets,
        "fieldConfig": field_config(panel),
        "options": options_of(panel),
    }
    if panel.description:
        found["description"] = panel.description
    if panel.columns:
        # Grafana calls the value of the only query `Value`, and shows each label besides.
        order = {label: place for place, label in enumerate(panel.columns)}
        only = {"id": "filterFieldsByName", "options": {"include": {"names": list(panel.columns)}}}
        named = {"id": "organize", "options": {"indexByName": order, "renameByName": dict(panel.columns)}}
        found["transformations"] = [only, named]
    return found


def rendered_panels(panels: Iterable[Panel | str], source: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return all panels, laid out from left to right and from top to bottom as they fit."""
    found: list[dict[str, Any]] = []
    x = y = highest = 0
    for number, panel in enumerate(panels, 1):
        if isinstance(panel, str):
            x, y, highest = 0, y + highest, 0
            place = {"x": 0, "y": y, "w": COLUMNS, "h": 1}
            found.append({"id": number, "type": "row", "title": panel, "collapsed": False, "gridPos": place, "panels": []})
            y += 1
            continue
        if x + panel.width > COLUMNS:
            x, y, highest = 0, y + highest, 0
        found.append(rendered_panel(panel, number, x, y, source))
        x, highest = x + panel.width, max(highest, panel.height)
    return found


def rendered_variable(name: str, query: str, source: Mapping[str, str]) -> dict[str, Any]:
    """Return a variable of the dashboard: a choice of several values, at first all of them."""
    return {
        "name": name,
        "label": name.capitalize(),
        "type": "query",
        "datasource": dict(source),
        "query": {"query": query, "refId": name},
        "refresh": 2,  # as often as the time range changes
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".+",  # what has no such label is not meant
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def rendered(dashboard: Dashboard, data_source: str = DATA_SOURCE) -> dict[str, Any]:
    """Return the document that Grafana reads. data_source: the uid of the Prometheus that is asked."""
    source = {"type": "prometheus", "uid": data_source}
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": [TAG, *dashboard.tags],
        "schemaVersion": SCHEMA,
        "editable": False,
        "graphTooltip": 1,
        "refresh": dashboard.refresh,
        "time": {"from": f"now-{dashboard.since}", "to": "now"},
        "timezone": "browser",
        "templating": {"list": [rendered_variable(name, query, source) for name, query in dashboard.variables.items()]},
        "annotations": {"list": []},
        "panels": rendered_panels(dashboard.panels, source),
    }


def wanted(dashboards: Mapping[str, Any], exporters: Mapping[str, Any], targets: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the names of the dashboards that show something here: of those that exporters name only where one of these runs."""
    running = {str(target.get("exporter")) for target in targets}
    named: dict[str, bool] = {}
    for exporter in exporters:
        name = str((exporters[exporter] or {}).get("dashboard") or "")
        if name:
            if name not in dashboards:
                raise unknown_name("dashboard", f"catalogue/exporters/{exporter}.yml: dashboard", name, dashboards)
            named[name] = named.get(name, False) or exporter in running
    return sorted(name for name in dashboards if named.get(name, True))


def documents(
    dashboards: Mapping[str, Any], exporters: Mapping[str, Any], targets: Iterable[Mapping[str, Any]], data_source: str = DATA_SOURCE
) -> dict[str, dict[str, Any]]:
    """Return name to document of every dashboard that shows something here. Raises BadInput."""
    return {name: rendered(parsed(name, dashboards[name]), data_source) for name in wanted(dashboards, exporters, targets)}
