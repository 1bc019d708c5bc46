# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_types import Limit

from tests.unit.plugins.plugin_utils.test_log_model import parsed


def test_a_pattern_of_ones_own_names_its_groups() -> None:
    parse = {"matches": r"^([0-9]+) (GET|PUT) \((.*)\)$", "fields": ["n", "verb", "rest"]}
    [flow] = parsed({"flows": {"a": {"parse": parse, "select": {"fields": {"verb": "^GET$"}}}}}).flows
    assert (flow.parse, flow.parse_fields) == ("regex", ("n", "verb", "rest")) and flow.parse_matches == parse["matches"]


def test_a_limit_is_per_source() -> None:
    flows = {"files": {"inputs": ["service_shop"], "rate_limit": {"lines": 10}}}
    flows["named"] = {"select": {"services": ["web", "shop"]}, "rate_limit": {"lines": 5, "seconds": 60}}
    files, named = parsed({"flows": flows}).flows
    assert files.limit == Limit(10, 1) and named.limit == Limit(5, 60)


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"flows": {"a": {"parse": {"matches": "^([0-9]+) (.*)$", "fields": ["n"]}}}}, "fleet_logs.flows.a.parse.fields.*has 2 groups"),
        ({"flows": {"a": {"parse": {"matches": "^x$"}}}}, "has 0 groups"),
        ({"flows": {"a": {"parse": {"matches": "(x", "fields": ["n"]}}}}, "fleet_logs.flows.a.parse.matches.*compiles"),
        ({"flows": {"a": {"parse": {"matches": "(x)", "fields": ["n m"]}}}}, "the name of a field"),
        ({"flows": {"a": {"parse": {"matches": "(x)", "field": ["n"]}}}}, "Did you mean 'fields'"),
        ({"flows": {"a": {"parse": {"matches": "(x)", "fields": ["verb"]}, "select": {"fields": {"vreb": "x"}}}}}, "Did you mean 'verb'"),
        ({"flows": {"a": {"rate_limit": {"lines": 10}}}}, "fleet_logs.flows.a.rate_limit.*for journal carries those of many"),
        ({"flows": {"a": {"rate_limit": {"lines": 10}, "select": {"services": ["web*"]}}}}, "without '\\*'"),
        ({"flows": {"a": {"inputs": ["service_shop"], "rate_limit": {"line": 10}}}}, "Did you mean 'lines'"),
        ({"flows": {"a": {"inputs": ["service_shop"], "rate_limit": {"lines": 0}}}}, "fleet_logs.flows.a.rate_limit.lines"),
        ({"flows": {"a": {"inputs": ["service_shop"], "rate_limit": 10}}}, "a mapping"),
    ],
)
def test_what_cannot_be_is_refused_by_name(declared: Any, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parsed(declared)
