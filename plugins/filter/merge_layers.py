# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merge a list of mappings into one."""

from __future__ import annotations

DOCUMENTATION = r"""
name: merge_layers
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Merge layers of mappings into one
description:
  - Merges a list of mappings, weakest first, into one new mapping.
  - Mappings merge at every depth. Lists and scalars replace what stands below.
  - A key set to null is removed. A layer that is null or undefined is skipped.
positional: _input
options:
  _input:
    description: The layers, weakest first.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
# {'a': {'x': 1, 'y': 3}}
- name: Let the host win over its group, and take away b
  ansible.builtin.debug:
    msg: "{{ [{'a': {'x': 1, 'y': 2}, 'b': 1}, {'a': {'y': 3}, 'b': none}] | groundwork.fleet.merge_layers }}"
"""

RETURN = r"""
_value:
  description: The merged mapping.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import layers as layers_util
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import accept_lazy_markers
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing
from jinja2 import Undefined


@refusing
@accept_lazy_markers
def merge_layers(layers: Any) -> dict[str, Any]:
    """Return the merged mapping of `layers`, those that are undefined left out."""
    if isinstance(layers, (list, tuple)):
        layers = [None if isinstance(layer, Undefined) else layer for layer in layers]
    return layers_util.merge_layers(layers)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"merge_layers": merge_layers}
