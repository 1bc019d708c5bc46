# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merge layers of mappings: what stands later wins, null removes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input

_KINDS: tuple[tuple[tuple[type, ...], str], ...] = (
    ((Mapping,), "a mapping"),
    ((list, tuple), "a list"),
    ((str,), "a string"),
    ((bool,), "a boolean"),
    ((int, float), "a number"),
)


def kind_of(value: object) -> str:
    """Return how a user would call the type of `value`: "a mapping", "a list", "a string" …"""
    if value is None:
        return "nothing (null)"
    for types, name in _KINDS:
        if isinstance(value, types):
            return name
    return "of the type %s" % type(value).__name__


def merge_layers(layers: object, where: str = "merge_layers") -> dict[str, Any]:
    """Merge `layers` (a list of mappings, weakest first) into one new mapping.

    Mappings merge at every depth, lists and scalars replace, null removes the key, a null layer is skipped.
    """
    if isinstance(layers, (str, bytes, Mapping)) or not isinstance(layers, Iterable):
        raise bad_input(where, layers, "a list of mappings", "It is %s: write [weakest, …, strongest]." % kind_of(layers))
    merged: dict[str, Any] = {}
    for number, layer in enumerate(layers, start=1):
        if layer is None:
            continue
        if not isinstance(layer, Mapping):
            remedy = "It is %s: give key: value pairs, or null to skip the layer." % kind_of(layer)
            raise bad_input("%s: layer %d" % (where, number), layer, "a mapping", remedy)
        _lay_over(merged, layer)
    return merged


def _lay_over(below: dict[str, Any], above: Mapping[str, Any]) -> None:
    """Lay `above` over `below`, in place; `above` is not touched and shares no mapping with the result."""
    for key in above:
        value = above[key]
        if value is None:
            below.pop(key, None)
        elif isinstance(value, Mapping):
            base = below.get(key)
            if not isinstance(base, dict):
                base = {}
                below[key] = base
            _lay_over(base, value)
        else:
            below[key] = value
