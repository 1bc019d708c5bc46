#!/usr/bin/env python3
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the dashboards for the documentation: every panel's queries, answered by a Prometheus, at the place that Grafana gives it.

`./run pictures [--prometheus ADDRESS] [NAME…]` calls it, by default with that of the lab.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from lab import prometheus
from lab.console import LabError
from tools import dashboards

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "dashboards"
COLUMNS, WIDTH, LINE, DOTS = 24, 13.0, 0.31, 90  # of the grid, inches, inches of one of its lines, dots in an inch
STEP = 5  # seconds
COLOURS = {"green": "#2f8f4e", "orange": "#d9822b", "red": "#c4302b"}
PALETTE = 48  # colours of a picture, which keeps it small
SHOWN = 10  # series or rows of a panel
Series = list[tuple[str, list[float], list[float]]]


class Scale(NamedTuple):
    """How a unit is written: from which value on, divided by what, with which ending."""

    least: float
    divisor: float
    ending: str


def binary(ending: str) -> tuple[Scale, ...]:
    """Return the scales of bytes."""
    return tuple(Scale(1024.0**power, 1024.0**power, f" {name}{ending}") for power, name in ((3, "Gi"), (2, "Mi"), (1, "Ki"))) + (
        Scale(0, 1, f" {ending}"),
    )


SCALES: dict[str, tuple[Scale, ...]] = {
    "percentunit": (Scale(0, 0.01, " %"),),
    "bytes": binary("B"),
    "Bps": binary("B/s"),
    "s": (
        Scale(86400, 86400, " d"),
        Scale(3600, 3600, " h"),
        Scale(60, 60, " min"),
        Scale(0.1, 1, " s"),
        Scale(1e-4, 1e-3, " ms"),
        Scale(0, 1e-6, " µs"),
    ),
    "reqps": (Scale(0, 1, "/s"),),
    "ops": (Scale(0, 1, "/s"),),
    "cps": (Scale(0, 1, "/s"),),
    "short": (Scale(1e6, 1e6, " M"), Scale(1e4, 1e3, " k"), Scale(0, 1, "")),
}


def written(value: float, unit: str) -> str:
    """Return a value with its unit as people read it."""
    if unit == "bool_yes_no":
        return "yes" if value else "no"
    scale = next((one for one in SCALES.get(unit, SCALES["short"]) if abs(value) >= one.least), SCALES["short"][-1])
    number = value / scale.divisor
    digits = f"{number:.3g}" if abs(number) < 1000 else f"{number:.0f}"
    return f"{digits}{scale.ending}" if value else f"0{scale.ending if unit == 'percentunit' else ''}"


def legend(form: str, labels: Mapping[str, str]) -> str:
    """Return the name of a series: the legend with the labels in it."""
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda found: labels.get(found[1], ""), form).strip() or "value"


def colour(value: float, steps: list[dict[str, Any]]) -> str:
    """Return the colour of the threshold that a value has passed."""
    return COLOURS[[step["color"] for step in steps if step["value"] is None or value >= step["value"]][-1]]


class Answers:
    """What Prometheus knows over a span of time that ends at `end`."""

    def __init__(self, ask: prometheus.Ask, end: float, minutes: int) -> None:
        self.ask, self.end, self.start = ask, end, end - minutes * 60

    def now(self, panel: Mapping[str, Any]) -> list[tuple[str, dict[str, str], float]]:
        """Return name, labels and last value of each series of a panel."""
        given = [(one["legendFormat"], dashboards.filled_in(one["expr"])) for one in panel["targets"]]
        found = prometheus.instants(self.ask, [expression for _form, expression in given], self.end)
        return [
            (legend(form, one["metric"]), one["metric"], float(one["value"][1]))
            for (form, _expression), series in zip(given, found, strict=True)
            for one in series
        ]

    def over_time(self, panel: Mapping[str, Any]) -> Series:
        """Return name, times and values of each series of a panel."""
        given = [(one["legendFormat"], dashboards.filled_in(one["expr"])) for one in panel["targets"]]
        found = prometheus.ranges(self.ask, [expression for _form, expression in given], self.start, self.end, STEP)
        return [
            (
                legend(form, one["metric"]),
                [(float(at) - self.end) / 60 for at, _value in one["values"]],
                [float(value) for _at, value in one["values"]],
            )
            for (form, _expression), series in zip(given, found, strict=True)
            for one in series
        ]


def draw_lines(axes: Axes, panel: Mapping[str, Any], series: Series) -> None:
    """Draw a panel of kind timeseries."""
    defaults = panel["fieldConfig"]["defaults"]
    series = sorted(series, key=lambda one: -max(map(abs, one[2]), default=0))[:SHOWN]
    if "stacking" in defaults["custom"] and series:
        length = min(len(times) for _name, times, _values in series)
        axes.stackplot(
            series[0][1][:length], *[values[:length] for _name, _times, values in series], labels=[one[0] for one in series], alpha=0.6
        )
    else:
        for name, times, values in series:
            axes.plot(times, values, linewidth=1.2, label=name)
    low, high = axes.get_ylim()
    axes.set_ylim(
        defaults.get("min", low), max(high, defaults.get("min", low) + 1e-9) if defaults.get("max", 2) != 1 or high > 0.5 else high
    )
    for step in defaults["thresholds"]["steps"]:
        if step["value"] is not None and low < step["value"] < high:
            axes.axhline(step["value"], color=COLOURS[step["color"]], linewidth=0.8, linestyle="--")
    axes.yaxis.set_major_formatter(lambda value, _place: written(value, defaults["unit"]))
    axes.xaxis.set_major_formatter(lambda value, _place: f"{value:g} min")
    axes.tick_params(labelsize=6, length=2)
    axes.grid(color="#e5e5e5", linewidth=0.5)
    axes.spines[["top", "right"]].set_visible(False)
    if series:
        axes.legend(fontsize=5.5, ncols=4, loc="upper left", bbox_to_anchor=(-0.06, -0.09), frameon=False, borderaxespad=0)


def draw_values(axes: Axes, panel: Mapping[str, Any], values: list[tuple[str, dict[str, str], float]]) -> None:
    """Draw a panel of kind stat: the values, large."""
    defaults = panel["fieldConfig"]["defaults"]
    axes.axis("off")
    shown = values[:6]
    for number, (name, _labels, value) in enumerate(shown):
        height = 1 - (number + 0.5) / len(shown)
        size = 20 if len(shown) == 1 else 11 if len(shown) < 4 else 7
        axes.text(0.5, height, written(value, defaults["unit"]), ha="left" if len(shown) > 1 else "center", va="center", fontsize=size,
                  color=colour(value, defaults["thresholds"]["steps"]), transform=axes.transAxes)  # fmt: skip
        if len(shown) > 1:
            axes.text(0.45, height, name, ha="right", va="center", fontsize=7, transform=axes.transAxes)


def draw_bars(axes: Axes, panel: Mapping[str, Any], values: list[tuple[str, dict[str, str], float]]) -> None:
    """Draw a panel of kind gauge or bargauge: a bar for each value."""
    defaults = panel["fieldConfig"]["defaults"]
    shown = values[:SHOWN][::-1]
    most = defaults.get("max") or max([value for _name, _labels, value in shown] + [1e-9]) * 1.15
    colours = [colour(value, defaults["thresholds"]["steps"]) for _name, _labels, value in shown]
    axes.barh(range(len(shown)), [most] * len(shown), color="#eeeeee", height=0.6)
    axes.barh(range(len(shown)), [value for _name, _labels, value in shown], color=colours, height=0.6)
    for number, (_name, _labels, value) in enumerate(shown):
        axes.text(most, number, f" {written(value, defaults['unit'])}", va="center", fontsize=6.5)
    axes.set_yticks(range(len(shown)), [name for name, _labels, _value in shown], fontsize=6.5)
    axes.set_xlim(defaults.get("min", 0), most)
    axes.set_ylim(-0.6, max(len(shown) - 0.4, 2.4))
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def draw_table(axes: Axes, panel: Mapping[str, Any], values: list[tuple[str, dict[str, str], float]]) -> None:
    """Draw a panel of kind table."""
    headings = panel["transformations"][1]["options"]["renameByName"]
    unit = panel["fieldConfig"]["defaults"]["unit"]
    axes.axis("off")
    room = int(panel["gridPos"]["w"] * 9 / len(headings))  # characters
    lines = [list(headings.values())]
    lines += [
        [written(value, unit) if one == "Value" else labels.get(one, "") for one in headings] for _name, labels, value in values[:SHOWN]
    ]
    if len(lines) == 1:
        axes.text(0.5, 0.5, "none", ha="center", fontsize=8, color="#777777", transform=axes.transAxes)
    for row, cells in enumerate(lines):
        for column, text in enumerate(cells):
            place = (column / len(cells), 1 - (row + 0.7) / (SHOWN + 1))
            axes.text(*place, text[:room], fontsize=6.5, weight="bold" if row == 0 else "normal", transform=axes.transAxes)


def draw(document: Mapping[str, Any], answers: Answers) -> Figure:
    """Return the picture of a dashboard."""
    panels = document["panels"]
    lines = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in panels) + 1.6
    figure = Figure(figsize=(WIDTH, lines * LINE), dpi=DOTS, facecolor="white")
    figure.text(0.012, 1 - 0.9 / lines, document["title"], fontsize=14, weight="bold")
    for panel in panels:
        place = panel["gridPos"]
        left, top = place["x"] / COLUMNS, 1 - (place["y"] + 1.4) / lines
        if panel["type"] == "row":
            figure.text(left + 0.012, top - 0.8 / lines, panel["title"], fontsize=10, weight="bold", color="#555555")
            continue
        figure.text(left + 0.012, top - 0.8 / lines, panel["title"], fontsize=8, weight="bold", color="#333333")
        bars = panel["type"] in ("gauge", "bargauge")
        beside = min(0.1, 0.3 * place["w"] / COLUMNS)
        inner = (left + (beside if bars else 0.045), top - (place["h"] - (0.5 if bars else 1.9)) / lines)
        size = (place["w"] / COLUMNS - (beside * 1.6 if bars else 0.06), (place["h"] - (1.7 if bars else 3.2)) / lines)
        if panel["type"] in ("stat", "table"):
            inner, size = (left + 0.015, top - (place["h"] - 0.5) / lines), (place["w"] / COLUMNS - 0.03, (place["h"] - 1.5) / lines)
        axes = figure.add_axes((*inner, *size))
        if panel["type"] == "timeseries":
            draw_lines(axes, panel, answers.over_time(panel))
        else:
            {"stat": draw_values, "gauge": draw_bars, "bargauge": draw_bars, "table": draw_table}[panel["type"]](
                axes, panel, answers.now(panel)
            )
    return figure


def small(figure: Figure) -> bytes:
    """Return a figure as a PNG of few colours."""
    drawn, found = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png")
    Image.open(drawn).convert("RGB").quantize(PALETTE).save(found, format="PNG", optimize=True)
    return found.getvalue()


def main() -> int:
    """Write the pictures."""
    parser = argparse.ArgumentParser(prog="./run pictures", description=__doc__)
    parser.add_argument("name", nargs="*", help="which dashboards (default: all)")
    parser.add_argument("--prometheus", metavar="ADDRESS", help="the Prometheus that is asked (default: that of the lab)")
    parser.add_argument("--at", metavar="SECONDS", type=float, help="the end of the time that is shown, seconds since 1970 (default: now)")
    parser.add_argument("--minutes", type=int, default=8, help="how much time is shown (default: 8)")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT / "collections"))
    from ansible_collections.groundwork.fleet.plugins.plugin_utils import dashboards as rendering

    mpl.rcParams["font.family"] = "DejaVu Sans"
    known = dashboards.entries()
    PICTURES.mkdir(exist_ok=True)
    try:
        answers = Answers(dashboards.source(arguments.prometheus), arguments.at or time.time(), arguments.minutes)
        for name in arguments.name or known:
            picture = small(draw(rendering.rendered(rendering.parsed(name, known[name])), answers))
            (PICTURES / f"{name}.png").write_bytes(picture)
            sys.stdout.write(f"{(PICTURES / name).relative_to(ROOT)}.png: {len(picture)} bytes\n")
    except (LabError, OSError, KeyError) as error:
        sys.stderr.write(f"pictures: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
