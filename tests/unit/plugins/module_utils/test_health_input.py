# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a playbook declares becomes checks, or is refused with its name, its value and a remedy."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_expect, health_input
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


def test_an_option_that_expects_takes_matchers() -> None:
    (check,) = parse({"a": {"tcp": {"port": 1, "status": {"between": ["200", 299]}, "open": {"not": "no"}}}})
    words = {one.fact: health_expect.text(one.expectation, str) for one in health_input.expected(check.options)}
    assert words == {"open": "not False", "status": "at least 200 and at most 299"}


def test_warn_has_the_expectations_of_the_type() -> None:
    (check,) = parse({"a": {"tcp": {"port": 1, "status": [200, 204]}, "warn": {"status": 204}}})
    assert [(one.fact, one.expectation.operand) for one in check.warn] == [("status", [204])]


def test_requires_takes_one_or_several() -> None:
    tcp = {"tcp": {"port": 1}}
    checks = parse({"a": tcp, "b": {**tcp, "requires": "a"}, "c": {**tcp, "requires": ["a", "b"]}})
    assert [check.requires for check in checks] == [(), ("a",), ("a", "b")]


def test_a_part_of_the_checks_may_require_others() -> None:
    part = {"a": {"tcp": {"port": 1}, "requires": "elsewhere"}}
    assert health_input.parse(part, TYPES, TYPES.__getitem__, 60, whole=False)[0].requires == ("elsewhere",)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tcp": {"port": 1, "status": {"at_leest": 1}}}, r"checks\.a\.tcp\.status is 'at_leest'.*Did you mean 'at_least'"),
        (
            {"tcp": {"port": 1, "status": {"at_least": 5, "at_most": 3}}},
            r"checks\.a\.tcp\.status is 'at least 5 and at most 3'; expected what `status` can be",
        ),
        ({"tcp": {"port": {"at_least": 5}}}, r"checks\.a\.tcp\.port is \{'at_least': 5\}; expected an integer"),
        ({"tcp": {"port": 1}, "warn": {"port": 2}}, r"checks\.a\.warn is 'port'; expected a known expectation of a tcp check"),
        ({"tcp": {"port": 1}, "warn": {}}, r"checks\.a\.warn is \{\}; expected at least one expectation"),
        ({"tcp": {"port": 1}, "warn": {"status": {"matches": "("}}}, r"checks\.a\.warn\.status\.matches"),
        ({"tcp": {"port": 1}, "warn": {"status": 204}}, r"checks\.a\.warn\.status is '\[200\] and \[204\]'; expected what `status` can be"),
        ({"tcp": {"port": 0}}, r"checks\.a\.tcp\.port is 0; expected a port from 1 to 65535"),
        ({"tcp": {"port": 1, "mode": "644"}}, r"checks\.a\.tcp\.mode is '644'; expected four octal digits"),
        ({"tcp": {"port": 1}, "timeout": 0}, r"checks\.a\.timeout is 0; expected more than 0 seconds"),
        ({"tcp": {"port": 1}, "passes": 0}, r"checks\.a\.passes is 0; expected 1 or more"),
        ({"tcp": {"port": 1}, "retries": -1}, r"checks\.a\.retries is -1; expected 0 or more"),
        ({"tcp": {"port": 1}, "requires": "b"}, r"checks\.a\.requires is 'b'; expected a known check"),
        ({"tcp": {"port": 1}, "requires": "a"}, r"checks\.a\.requires is 'a -> a'; expected checks that do not hang on each other"),
    ],
)
def test_wrong_settings_are_refused_with_their_place(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        parse({"a": settings})


def test_a_circle_is_shown_with_its_path() -> None:
    declared = {name: {"tcp": {"port": 1}, "requires": required} for name, required in (("a", "b"), ("b", "c"), ("c", "b"))}
    with pytest.raises(BadInput, match=r"checks\.b\.requires is 'b -> c -> b'"):
        parse(declared)


@pytest.mark.parametrize(
    ("check", "refused"),
    [
        ({"file": {"path": "/x", "exists": False, "contains": "y"}}, "checks.a.file is 'exists false and content'"),
        ({"file": {"path": "/x", "exists": {"equals": False}, "mode": "0644"}}, "checks.a.file is 'exists false and mode'"),
        ({"package": {"name": "x", "installed": "no", "version": "1"}}, "checks.a.package is 'installed false and version'"),
        ({"tcp": {"port": 1, "open": False}, "warn": {"milliseconds": 5}}, "checks.a.warn is 'open false and milliseconds'"),
        ({"file": {"path": "/x", "exists": False}}, None),
        ({"file": {"path": "/x", "mode": "0644"}}, None),
        ({"unix_socket": {"path": "/x", "open": False, "mode": "0600"}}, None),
        ({"systemd_unit": {"name": "x.service", "state": ["inactive", "failed"]}}, None),
        ({"systemd_unit": {"name": "x.service", "state": "actve"}}, r"checks\.a\.systemd_unit\.state is 'actve'; .*Did you mean 'active'"),
        ({"systemd_unit": {"name": "x.service", "state": {"not": "faild"}}}, r"state is 'faild'; .*Did you mean 'failed'"),
        ({"systemd_unit": {"name": "x.service"}, "warn": {"state": "actve"}}, r"checks\.a\.warn\.state is 'actve'"),
        ({"systemd_unit": {"name": "x.service"}, "retry": 3}, "Did you mean 'retries'"),
        ({"file": {"path": "/x", "type": "fil"}}, r"checks\.a\.file\.type is 'fil'; .*Did you mean 'file'"),
        ({"file": {"path": "x"}}, r"checks\.a\.file\.path is 'x'; expected an absolute path"),
        ({"http": {"url": "http://x/", "tls_version": "TLS1.3"}}, r"tls_version is 'TLS1\.3'; .*Did you mean 'TLSv1\.3'"),
        ({"command": {"argv": ["/x"], "matches": "("}}, r"checks\.a\.command\.matches is '\('; expected a regular expression"),
        ({"disk": {"path": "/", "percent": {"at_least": 5, "at_most": 3}}}, r"checks\.a\.disk\.percent is "),
        (
            {"http": {"url": "http://x/", "milliseconds": 10}, "warn": {"milliseconds": 500}},
            r"checks\.a\.warn\.milliseconds is 'at most 500, where the check wants at most 10'; expected what is stricter than the check",
        ),
        ({"http": {"url": "http://x/", "milliseconds": 500}, "warn": {"milliseconds": 10}}, None),
    ],
)
def test_what_is_not_there_has_nothing_else_to_observe(check: dict[str, Any], refused: str | None) -> None:
    types = health.check_types()
    judge = lambda: health_input.parse({"a": check}, types, lambda name: health.load_type(name, types[name].read_text()), 60)  # noqa: E731
    if refused is None:
        assert len(judge()) == 1
    else:
        with pytest.raises(BadInput, match=refused):
            judge()
