# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import dashboards as rendering
from PIL import Image

from tools import dashboard_pictures as pictures
from tools import dashboards


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (0.725, "percentunit", "72.5 %"),
        (0.0, "percentunit", "0 %"),
        (25 * 2**30, "bytes", "25 GiB"),
        (1536.0, "Bps", "1.5 KiB/s"),
        (7776000.0, "s", "90 d"),
        (-0.0000025, "s", "-2.5 µs"),
        (0.0, "s", "0"),
        (5260.0, "short", "5260"),
        (12600.0, "short", "12.6 k"),
        (1.0, "bool_yes_no", "yes"),
        (1.12, "reqps", "1.12/s"),
    ],
)
def test_values_are_written_as_people_read_them(value: float, unit: str, told: str) -> None:
    assert pictures.written(value, unit) == told


def test_a_legend_has_the_labels_in_it() -> None:
    assert pictures.legend("{{host}} {{ mode }} x", {"host": "web-1", "mode": "user"}) == "web-1 user x"
    assert pictures.legend("{{host}}", {}) == "value"


def test_colours_follow_the_thresholds_in_both_directions() -> None:
    high, low = rendering.steps_of((0.8, 0.9)), rendering.steps_of((0.95, 0.9))
    assert [pictures.colour(value, high) for value in (0.1, 0.85, 1.0)] == [pictures.COLOURS[one] for one in ("green", "orange", "red")]
    assert [pictures.colour(value, low) for value in (0.1, 0.92, 1.0)] == [pictures.COLOURS[one] for one in ("red", "orange", "green")]


def test_every_dashboard_of_the_catalogue_is_drawn_and_has_its_picture() -> None:
    labels = {"host": "web-1", "alertname": "x", "service": "shop"}

    def ask(paths: list[str]) -> list[Any]:
        asked = [parse_qs(urlsplit(path).query) for path in paths]
        ranges = [
            {"metric": labels, "values": [[float(one["start"][0]), "1"], [float(one["end"][0]), "2"]]} if "end" in one else None
            for one in asked
        ]
        return [{"status": "success", "data": {"result": [one or {"metric": labels, "value": [0, "0.5"]}]}} for one in ranges]

    answers = pictures.Answers(ask, 1e9, 8)
    for name, entry in dashboards.entries().items():
        document = rendering.rendered(rendering.parsed(name, entry))
        assert len(pictures.draw(document, answers).axes) == sum(panel["type"] != "row" for panel in document["panels"])
        path = pictures.PICTURES / f"{name}.png"
        assert Image.open(path).size[0] == pytest.approx(pictures.WIDTH * pictures.DOTS) and path.stat().st_size < 100_000
        assert f"dashboards/{name}.png" in (pictures.ROOT / "docs" / "dashboards.md").read_text(encoding="utf-8")
