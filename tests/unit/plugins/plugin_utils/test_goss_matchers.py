# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a matcher of goss means is what our expectation says, and what has no counterpart is never half taken."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_expect
from ansible_collections.groundwork.fleet.plugins.plugin_utils import goss_matchers
from ansible_collections.groundwork.fleet.plugins.plugin_utils.goss_matchers import LeftOut


def holds(expectation: Any, observed: Any) -> bool:
    def same(value: Any, _where: str) -> Any:
        return value

    parsed = health_expect.parse(expectation, "here", health_expect.Coercion(same, same, "Any"), health.equal)
    return health_expect.holds(parsed, observed)


@pytest.mark.parametrize(
    ("wanted", "well", "ill"),
    [
        ("root", "root", "toor"),
        (644, "644", "0644"),
        ({"have-prefix": "a."}, "a.b", "ab"),
        ({"have-suffix": "w\n"}, "cow\n", "cow"),
        ({"match-regexp": "^a.c$"}, "abc", "xabc"),
        ({"match-regexp": "^b$"}, "b", "a\nb"),
        ({"contain-substring": "b"}, "abc", "ac"),
        ({"not": "a"}, "b", "a"),
        ({"and": [{"have-prefix": "a"}, {"have-suffix": "c"}]}, "abc", "ab"),
        ({"or": ["a", {"have-len": 2}]}, "xy", "xyz"),
        ({"equal": "a"}, "a", "b"),
    ],
)
def test_a_text(wanted: Any, well: str, ill: str) -> None:
    expectation = goss_matchers.text(wanted)
    assert holds(expectation, well)
    assert not holds(expectation, ill)


@pytest.mark.parametrize(
    ("wanted", "well", "ill"),
    [(42, 42, 43), ({"gt": 10}, 11, 10), ({"ge": 10}, 10, 9), ({"lt": 10}, 9, 10), ({"le": 10}, 10, 11), ({"not": {"lt": 3}}, 3, 2)],
)
def test_a_number(wanted: Any, well: int, ill: int) -> None:
    expectation = goss_matchers.single(wanted)
    assert holds(expectation, well)
    assert not holds(expectation, ill)


@pytest.mark.parametrize(
    ("wanted", "well", "ill"),
    [
        (["a", "b"], ["c", "b", "a"], ["a", "c"]),
        ({"contain-element": {"have-prefix": "172.17"}}, ["10.0.0.1", "172.17.0.2/16"], ["10.172.17.1"]),
        ({"contain-elements": ["a", {"not": "b"}]}, ["a"], ["b"]),
        ({"consist-of": ["a", "b"]}, ["b", "a"], ["a", "b", "c"]),
        ({"equal": ["a", "b"]}, ["a", "b"], ["b", "a"]),
        ({"have-len": 1}, ["a"], ["a", "b"]),
        ({"not": ["a"]}, ["b"], ["a"]),
    ],
)
def test_a_list(wanted: Any, well: list[str], ill: list[str]) -> None:
    expectation = goss_matchers.elements(wanted)
    assert holds(expectation, well)
    assert not holds(expectation, ill)


@pytest.mark.parametrize(
    ("wanted", "well", "ill"),
    [
        (["foo", "/^m.*w$/", "!wtf", "!/^ERROR:/"], "foo bar\nmoo cow\n", "foo bar\nmoo cow\nERROR: x"),
        (["\\!x"], "a !x", "a x"),
        (["/a.b/"], "axb", "a\nb"),
        (["a b"], "x a b", "a\nb"),
        ("cool", "cool", "cooler"),
        ({"and": [{"contain-element": {"have-prefix": "moo"}}, {"have-len": 15}]}, "foo bar\nmoo cow", "moo cow"),
        ([{"not": "x"}], "y", "x"),
    ],
)
def test_a_text_by_lines(wanted: Any, well: str, ill: str) -> None:
    expectation = goss_matchers.lines(wanted)
    assert holds(expectation, well)
    assert not holds(expectation, ill)


@pytest.mark.parametrize(
    ("pattern", "made"),
    [
        ("^a$", r"\Aa\Z"),
        (r"\^a\$", r"\^a\$"),
        ("[^$]", "[^$]"),
        ("[]a]$", r"[]a]\Z"),
        ("[[:alpha:][:digit:]_]+", "[A-Za-z0-9_]+"),
        ("(?<name>x)", "(?P<name>x)"),
        (r"x\z", r"x\Z"),
        ("(?m)^a$", "(?m)^a$"),
        ("(?i)A", "(?i)A"),
    ],
)
def test_expressions(pattern: str, made: str) -> None:
    assert goss_matchers.python_regex(pattern, anchors=True) == made


def test_the_anchors_of_a_line() -> None:
    assert goss_matchers.python_regex("^a$", anchors=False) == "^a$"


@pytest.mark.parametrize("pattern", [r"\pL", r"\Qa\E", r"[[:^alpha:]]", "[[:nothing:]]", "(?U)a", r"\x{10FFFF}", "a(", r"[\p{Greek}]"])
def test_expressions_that_python_does_not_know(pattern: str) -> None:
    with pytest.raises(LeftOut):
        goss_matchers.python_regex(pattern, anchors=True)


@pytest.mark.parametrize(
    ("how", "wanted"),
    [
        (goss_matchers.single, ["a"]),
        (goss_matchers.single, None),
        (goss_matchers.single, {"semver-constraint": ">1"}),
        (goss_matchers.single, {"gjson": {"a": 1}}),
        (goss_matchers.single, {"gt": 1, "lt": 2}),
        (goss_matchers.elements, "a"),
        (goss_matchers.elements, []),
        (goss_matchers.elements, {"consist-of": ["a", {"have-prefix": "b"}]}),
        (goss_matchers.elements, {"consist-of": ["a", "a"]}),
        (goss_matchers.lines, []),
        (goss_matchers.lines, [None]),
    ],
)
def test_what_has_no_counterpart(how: Any, wanted: Any) -> None:
    with pytest.raises(LeftOut):
        how(wanted)
