# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grammar of expectations: what holds, how it reads, what is refused, and that a contradiction is one."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health
from ansible_collections.groundwork.fleet.plugins.module_utils import health_expect as grammar
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from hypothesis import given
from hypothesis import strategies as st


def parse(value: Any, kind: str = "Any", relation: health.Relation = health.equal) -> grammar.Expectation:
    coercion = grammar.Coercion(lambda given, _where: given, lambda given, _where: given, kind)
    return grammar.parse(value, "checks.a.it", coercion, relation)


@pytest.mark.parametrize(
    ("expectation", "good", "bad"),
    [
        (5, 5, 6),
        ({"equals": "a"}, "a", "b"),
        ({"equals": 1}, 1, True),
        ({"not": 5}, 6, 5),
        ({"not": {"at_least": 5}}, 4, 5),
        ({"any": [1, {"at_least": 10}]}, 12, 5),
        ({"all": [{"at_least": 1}, {"not": 3}]}, 2, 3),
        ({"at_least": 5}, 5, 4),
        ({"at_most": 5}, 5, 6),
        ({"more_than": 5}, 6, 5),
        ({"less_than": 5}, 4, 5),
        ({"between": [1, 3]}, 3, 4),
        ({"at_least": 1, "at_most": 3}, 2, 4),
        ({"older_than": "1h"}, 3601, 3600),
        ({"newer_than": "7d"}, 3600, 604800),
        ({"at_least": "1GiB"}, 1073741824, 1073741823),
        ({"at_most": "80%"}, 80, 80.5),
        ({"at_least": 5}, "5.5", "many"),
        ({"at_least": 0}, 0, True),
        ({"matches": "^b"}, "a\nb", "ab"),
        ({"contains": "b"}, "abc", "ac"),
        ({"contains": ["a", "b"]}, ["a", "b", "c"], ["a", "c"]),
        ({"contains": "a"}, {"a": 1}, 5),
        ({"length": 2}, "ab", "abc"),
        ({"length": {"at_least": 2}}, [1, 2], 5),
    ],
)
def test_matchers(expectation: Any, good: object, bad: object) -> None:
    parsed = parse(expectation)
    assert grammar.holds(parsed, good)
    assert not grammar.holds(parsed, bad)


def test_a_plain_value_means_what_its_option_means_wherever_it_stands() -> None:
    parsed = parse({"any": ["a", {"not": "b"}]}, "str", health.contains)
    assert grammar.holds(parsed, "xbax")
    assert not grammar.holds(parsed, "xbx")


@pytest.mark.parametrize(
    ("expectation", "words"),
    [
        ({"at_least": "10GiB"}, "at least 10GiB"),
        ({"between": [1, 2]}, "at least 1 and at most 2"),
        ({"any": [1, {"matches": "x"}]}, "1 or matching x"),
        ({"not": {"contains": "x"}}, "not containing x"),
        ({"length": {"more_than": 3}}, "of length more than 3"),
    ],
)
def test_words(expectation: Any, words: str) -> None:
    assert grammar.text(parse(expectation), str) == words


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        ({}, "int", r"checks\.a\.it is \{\}; expected at least one matcher"),
        ({"at_lest": 5}, "int", r"checks\.a\.it is 'at_lest'; expected a known matcher\. Did you mean 'at_least'\?"),
        ({"at_least": "much"}, "int", r"checks\.a\.it\.at_least is 'much'; expected a number"),
        ({"at_least": True}, "int", r"expected a number"),
        ({"at_least": 5}, "str", r"checks\.a\.it\.at_least is 5; expected no comparison of numbers"),
        ({"matches": "a("}, "str", r"checks\.a\.it\.matches is 'a\('; expected a regular expression\. It does not compile: missing \)"),
        ({"matches": "a"}, "int", r"expected a matcher of numbers"),
        ({"between": 5}, "int", r"checks\.a\.it\.between is 5; expected two numbers"),
        ({"any": []}, "int", r"checks\.a\.it\.any is \[\]; expected a list with at least one"),
        ({"any": [1, {"all": [{"less": 5}]}]}, "int", r"checks\.a\.it\.any\[1\]\.all\[0\] is 'less'"),
    ],
)
def test_what_is_refused(value: Any, kind: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        parse(value, kind)


@pytest.mark.parametrize(
    ("value", "number"),
    [(5, 5), (2.5, 2.5), ("10", 10), ("500ms", 0.5), ("1h", 3600), ("2kB", 2000), ("1 MiB", 1048576), ("80%", 80), ("-1", -1)],
)
def test_quantities(value: Any, number: float) -> None:
    assert grammar.quantity(value, "it") == number


@pytest.mark.parametrize(
    "expectation",
    [
        {"at_least": 5, "at_most": 3},
        {"more_than": 5, "at_most": 5},
        {"between": [3, 1]},
        {"equals": 5, "at_least": 6},
        {"equals": "abc", "matches": "^b"},
        {"not": {"at_least": 5}, "more_than": 4, "at_least": 5},
        {"all": [{"equals": 1}, {"equals": 2}]},
        {"any": [{"at_least": 5}, {"equals": 4}], "at_most": 3},
        {"contains": "a", "not": {"contains": "a"}},
        {"length": {"at_least": 3, "at_most": 2}},
        {"length": {"less_than": 0}},
    ],
)
def test_contradictions(expectation: Any) -> None:
    assert grammar.contradictory(parse(expectation))


@pytest.mark.parametrize(
    "expectation",
    [
        {"at_least": 3, "at_most": 3},
        {"any": [{"at_least": 5}, {"equals": 3}], "at_most": 3},
        {"not": {"between": [1, 2]}},
        {"matches": "a"},
    ],
)
def test_what_can_be(expectation: Any) -> None:
    assert not grammar.contradictory(parse(expectation))


def test_relations_of_options_contradict_each_other_too() -> None:
    low, high = parse(5, "int", health.at_least), parse(3, "int", health.at_most)
    assert grammar.contradictory(grammar.Expectation("all", [low, high]))
    assert not grammar.contradictory(grammar.Expectation("all", [high, parse(3, "int", health.at_least)]))
    assert grammar.contradictory(grammar.Expectation("all", [parse([1, 2], "int", health.one_of), low]))


@pytest.mark.parametrize(
    ("expectation", "ends"),
    [
        ({"at_least": 5}, (5, None)),
        ({"between": [1, 3], "at_most": 2}, (1, 2)),
        ({"not": {"more_than": 3}}, (None, 3)),
        ({"any": [{"at_least": 5}, 3]}, None),
        (5, None),
    ],
)
def test_bounds(expectation: Any, ends: object) -> None:
    assert grammar.bounds(parse(expectation)) == ends


NUMBERS = st.integers(-3, 3)
LEAVES = st.one_of(
    st.builds(lambda name, number: {name: number}, st.sampled_from(["at_least", "at_most", "more_than", "less_than", "equals"]), NUMBERS),
    NUMBERS,
)
EXPECTATIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda value: {"not": value}, inner),
        st.builds(lambda name, values: {name: values}, st.sampled_from(["any", "all"]), st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=6,
)
#: Every number that a fence at a whole number can tell from its neighbours.
SAMPLES = [number / 2 for number in range(-8, 9)]


@given(EXPECTATIONS)
def test_a_contradiction_is_found_where_no_number_is_as_expected(expectation: Any) -> None:
    parsed = parse(expectation)
    possible = any(grammar.holds(parsed, sample) for sample in SAMPLES)
    if possible:
        assert not grammar.contradictory(parsed), "what can be is never refused"
    elif "not" not in str(expectation):
        assert grammar.contradictory(parsed), "a range that is empty is found"


@given(EXPECTATIONS, st.sampled_from(SAMPLES))
def test_a_negation_turns_the_answer_round(expectation: Any, sample: float) -> None:
    parsed = parse(expectation)
    assert grammar.holds(grammar.Expectation("not", parsed), sample) is not grammar.holds(parsed, sample)


@given(EXPECTATIONS, st.sampled_from(SAMPLES))
def test_bounds_are_what_holds(expectation: Any, sample: float) -> None:
    ends = grammar.bounds(parse(expectation))
    if ends is not None and grammar.holds(parse(expectation), sample):
        low, high = ends
        assert (low is None or sample >= low) and (high is None or sample <= high)


@pytest.mark.parametrize(
    ("wanted", "observed", "holds"),
    [
        ({"element": "b"}, ["a", "b"], True),
        ({"element": "b"}, ["a", "bc"], False),
        ({"element": {"matches": "^b"}}, ["a", "bc"], True),
        ({"element": {"contains": "o b"}}, "foo bar\nmoo cow", True),
        ({"element": {"matches": r"\Am.*w\Z"}}, "foo bar\nmoo cow\n", True),
        ({"element": {"matches": r"r.m"}}, "foo bar\nmoo cow", False),
        ({"not": {"element": {"contains": "x"}}}, "", True),
        ({"element": "b"}, 3, False),
    ],
)
def test_an_element_is_one_of_a_list_or_a_line_of_a_text(wanted: Any, observed: Any, holds: bool) -> None:
    item = lambda value, _where: value  # noqa: E731
    found = grammar.parse(wanted, "here", grammar.Coercion(item, item, "str"), health.equal)
    assert grammar.holds(found, observed) is holds
    assert "with a part" in grammar.text(found, str)
