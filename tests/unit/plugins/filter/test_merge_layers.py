# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter.merge_layers import FilterModule
from jinja2 import StrictUndefined, Undefined

merge_layers = FilterModule().filters()["merge_layers"]


def test_layers_are_merged() -> None:
    assert merge_layers([{"a": {"x": 1}}, {"a": {"y": 2}}]) == {"a": {"x": 1, "y": 2}}


@pytest.mark.parametrize("undefined", [Undefined, StrictUndefined])
def test_an_undefined_layer_is_skipped(undefined: type[Undefined]) -> None:
    assert merge_layers([{"a": 1}, undefined(name="gone"), None]) == {"a": 1}


def test_an_error_is_one_of_ansible() -> None:
    with pytest.raises(AnsibleFilterError, match="merge_layers is 3; expected a list of mappings"):
        merge_layers(3)
