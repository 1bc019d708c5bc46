# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from lab import prometheus
from lab.console import LabError
from tools import dashboards

BOARDS = {
    "one": {"panels": [{"row": "x"}, {"title": "Up", "queries": {"a": 'up{host=~"$host"}', "b": "rate(x[$__rate_interval])"}}]},
    "two": {"panels": [{"title": "Down", "queries": {"": "down"}}]},
}


def answering(*empty: str) -> prometheus.Ask:
    """Return a Prometheus that has a series for everything but these."""

    def ask(paths: list[str]) -> list[Any]:
        asked = [parse_qs(urlsplit(path).query)["query"][0] for path in paths]
        return [{"status": "success", "data": {"result": [] if one in empty else [{"value": [0, "1"]}]}} for one in asked]

    return ask


def test_queries_are_asked_for_all_values_of_their_variables() -> None:
    assert [one.expression for one in dashboards.queries(BOARDS)] == ['up{host=~".+"}', "rate(x[5m])", "down"]


def test_a_panel_without_data_is_named_with_its_query() -> None:
    found = dashboards.problems(answering("rate(x[5m])", "down"), BOARDS, {("two", "Down"): "nothing is down"})
    assert found == ["one: Up (b) has no data: rate(x[5m])"]


def test_an_exception_that_is_none_any_more_is_named() -> None:
    found = dashboards.problems(answering(), BOARDS, {("two", "Down"): "nothing is down"})
    assert found == ["two: Down has data: take it out of WITHOUT_DATA"]


def test_exceptions_are_panels_that_there_are() -> None:
    known = {one[:2] for one in dashboards.queries(dashboards.entries())}
    assert set(dashboards.WITHOUT_DATA) <= known and all(dashboards.WITHOUT_DATA.values())


def test_a_query_that_prometheus_refuses_is_an_error() -> None:
    def refusing(paths: list[str]) -> list[Any]:
        return [{"status": "error", "error": "parse error"} for _path in paths]

    with pytest.raises(LabError, match=r"refuses 'up\{': parse error"):
        prometheus.instants(refusing, ["up{"])
