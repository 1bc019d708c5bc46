# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.layers import kind_of, merge_layers
from hypothesis import given
from hypothesis import strategies as st

KEYS = st.sampled_from(["a", "b", "c"])
SCALARS = st.one_of(st.integers(), st.text(max_size=3), st.booleans(), st.lists(st.integers(), max_size=2))
MAPPINGS = st.recursive(
    st.dictionaries(KEYS, st.one_of(SCALARS, st.none()), max_size=3),
    lambda inner: st.dictionaries(KEYS, st.one_of(SCALARS, st.none(), inner), max_size=3),
    max_leaves=8,
)


def has_null(value: object) -> bool:
    return value is None or (isinstance(value, dict) and any(has_null(one) for one in value.values()))


def test_later_layers_win_at_every_depth() -> None:
    assert merge_layers([{"a": {"x": 1, "y": {"z": 1, "w": 1}}}, {"a": {"y": {"z": 2}}}]) == {"a": {"x": 1, "y": {"z": 2, "w": 1}}}


def test_lists_and_scalars_replace() -> None:
    assert merge_layers([{"a": [1, 2], "b": 1}, {"a": [3], "b": 2}]) == {"a": [3], "b": 2}


def test_a_mapping_replaces_a_scalar_and_the_other_way_round() -> None:
    assert merge_layers([{"a": 1, "b": {"x": 1}}, {"a": {"x": 1}, "b": 1}]) == {"a": {"x": 1}, "b": 1}


def test_null_removes_a_key_at_any_depth() -> None:
    assert merge_layers([{"a": {"x": 1, "y": 2}, "b": 1}, {"a": {"x": None}, "b": None}]) == {"a": {"y": 2}}


def test_null_leaves_no_trace_where_there_was_nothing_to_remove() -> None:
    assert merge_layers([{"a": {"x": None}}, {"b": None}]) == {"a": {}}


def test_a_removed_key_may_come_back() -> None:
    assert merge_layers([{"a": {"x": 1}}, {"a": None}, {"a": {"y": 2}}]) == {"a": {"y": 2}}


def test_a_null_layer_is_skipped() -> None:
    assert merge_layers([None, {"a": 1}, None]) == {"a": 1}


def test_no_layers_give_an_empty_mapping() -> None:
    assert merge_layers([]) == {}


@pytest.mark.parametrize(
    ("layers", "part"),
    [
        ({"a": 1}, "It is a mapping"),
        ("text", "It is a string"),
        (None, "It is nothing (null)"),
        (3, "It is a number"),
        ([{"a": 1}, "text"], "layer 2 is 'text'; expected a mapping. It is a string"),
        ([[1]], "layer 1 is [1]; expected a mapping. It is a list"),
        ([True], "It is a boolean"),
    ],
)
def test_a_wrong_type_is_named(layers: object, part: str) -> None:
    with pytest.raises(BadInput) as error:
        merge_layers(layers)
    assert part in str(error.value)


def test_where_names_the_place() -> None:
    with pytest.raises(BadInput, match=r"^fleet_services: layer 1 is 1"):
        merge_layers([1], "fleet_services")


@given(MAPPINGS, MAPPINGS)
def test_input_is_not_changed_and_shares_no_mapping_with_the_result(one: dict[str, object], two: dict[str, object]) -> None:
    before = copy.deepcopy((one, two))
    merged = merge_layers([one, two])
    for key in list(merged):
        inner = merged[key]
        if isinstance(inner, dict):
            inner["changed"] = True
    assert (one, two) == before


@given(st.lists(MAPPINGS, max_size=4))
def test_no_null_is_left(layers: list[dict[str, object]]) -> None:
    assert not has_null(merge_layers(layers))


@given(MAPPINGS)
def test_merging_again_with_itself_changes_nothing(one: dict[str, object]) -> None:
    merged = merge_layers([one])
    assert merge_layers([merged, merged]) == merged


@given(st.lists(MAPPINGS, min_size=1, max_size=3))
def test_the_last_scalar_wins(layers: list[dict[str, object]]) -> None:
    merged = merge_layers(layers)
    for key, value in layers[-1].items():
        if not isinstance(value, dict) and value is not None:
            assert merged[key] == value


def test_kind_of_an_unknown_type_names_the_type() -> None:
    assert kind_of(object()) == "of the type object"
