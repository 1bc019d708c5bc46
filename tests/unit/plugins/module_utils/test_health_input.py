# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a playbook declares becomes checks, or is refused with its name, its value and a remedy."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_input
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput


@dataclasses.dataclass
class Options:
    port: int = health.option("the port")
    host: str = health.option("the host", "127.0.0.1")
    open: bool = health.option("whether it is open", True, expects=health.equal)
    status: Sequence[int] = health.option("accepted", [200], expects=health.one_of)
    limit: float = health.option("a duration", 1.0)
    mode: str | None = health.option("the mode", None)


TYPES = {name: health.CheckType(name, Options, lambda _options, _deadline: health.Observation({})) for name in ("tcp", "http")}


def parse(declared: Any, total: float = 60) -> list[health.Check]:
    return health_input.parse(declared, TYPES, TYPES.__getitem__, total)


def test_defaults_are_filled_in() -> None:
    (check,) = parse({"ssh": {"tcp": {"port": 22}}})
    assert (check.name, check.type.name, check.retries, check.delay, check.timeout, check.stable_for) == ("ssh", "tcp", 0, 1.0, 10.0, 0.0)
    assert check.options == Options(port=22)


def test_what_templates_make_of_types_is_coerced() -> None:
    options = parse({"a": {"tcp": {"port": "22", "open": "no", "status": 204, "limit": "500ms", "mode": None}}})[0].options
    assert (options.port, options.open, options.status, options.limit, options.mode) == (22, False, [204], 0.5, None)


def test_defaults_of_lists_are_not_shared() -> None:
    first, second = parse({"a": {"tcp": {"port": 1}}, "b": {"tcp": {"port": 2}}})
    assert first.options.status is not second.options.status


@pytest.mark.parametrize(
    ("value", "expected"), [(3, 3.0), (2.5, 2.5), ("10", 10.0), ("500ms", 0.5), ("10s", 10.0), ("2m", 120.0), ("1 h", 3600.0)]
)
def test_durations(value: object, expected: float) -> None:
    assert health_input.seconds(value, "delay") == expected


@pytest.mark.parametrize("value", ["soon", "-1", "1d", True, None, [], "1s2"])
def test_what_is_no_duration_is_refused(value: object) -> None:
    with pytest.raises(BadInput, match=r"delay is .*expected seconds or a duration"):
        health_input.seconds(value, "delay")


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ([], r"checks is \[\]; expected a mapping"),
        ({"a": []}, r"checks\.a is \[\]"),
        ({"a": {}}, r"checks\.a is \[\]; expected exactly one check type.*http, tcp"),
        ({"a": {"tcp": {"port": 1}, "http": {"port": 1}}}, r"exactly one check type"),
        ({"a": {"tpc": {}}}, r"Did you mean 'tcp'\?"),
        ({"a": {"tcp": {"port": 1}, "retry": 3}}, r"Did you mean 'retries'\?"),
        ({"a": {"tcp": {"prot": 1}}}, r"checks\.a\.tcp is 'prot'.*Did you mean 'port'\?"),
        ({"a": {"tcp": {"host": "h"}}}, r"checks\.a\.tcp\.port is None; expected a value\. Add port: the port"),
        ({"a": {"tcp": {"port": None}}}, r"checks\.a\.tcp\.port is None"),
        ({"a": {"tcp": 22}}, r"checks\.a\.tcp is 22; expected a mapping of options"),
        ({"a": {"tcp": {"port": "ssh"}}}, r"checks\.a\.tcp\.port is 'ssh'; expected an integer"),
        ({"a": {"tcp": {"port": True}}}, r"expected an integer"),
        ({"a": {"tcp": {"port": 1, "open": 2}}}, r"expected true or false"),
        ({"a": {"tcp": {"port": 1, "mode": 420}}}, r"checks\.a\.tcp\.mode is 420; expected a string\. Quote it"),
        ({"a": {"tcp": {"port": 1}, "delay": "soon"}}, r"checks\.a\.delay"),
        ({"a": {"tcp": {"port": 1}, "retries": "many"}}, r"checks\.a\.retries"),
        ({"a": {"tcp": {"port": 1}, "stable_for": "2m"}}, r"checks\.a\.stable_for is '2m'; expected less than the total timeout 60 s"),
    ],
)
def test_wrong_input_is_refused_with_a_remedy(declared: object, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        parse(declared)
