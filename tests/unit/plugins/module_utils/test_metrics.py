# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.module_utils import metrics


def test_a_metric_has_its_help_its_kind_and_its_values() -> None:
    found = metrics.family("x_total", "What it is.", [({"name": 'a"\\\n'}, 0.5), ({}, 3)], "counter")
    assert found == ["# HELP x_total What it is.", "# TYPE x_total counter", 'x_total{name="a\\"\\\\\\n"} 0.5', "x_total 3"]


def test_a_metric_without_values_is_not_told() -> None:
    assert metrics.family("x", "y", []) == []


def test_a_help_text_stays_on_its_line() -> None:
    assert metrics.family("x", 'a\nb\\"', [({}, 1)])[0] == '# HELP x a\\nb\\\\"'
