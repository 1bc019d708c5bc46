# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def half(number: int, *, rest: bool = False) -> int:
    """Halve it."""
    if number % 2 and not rest:
        raise BadInput(f"number is {number}; expected an even one")
    return number // 2


def test_bad_input_is_an_error_of_filters_and_all_else_is_as_it_was() -> None:
    assert half(4) == 2 and half(5, rest=True) == 2 and half.__doc__ == "Halve it."
    with pytest.raises(AnsibleFilterError, match="number is 3; expected an even one"):
        half(3)
    with pytest.raises(TypeError):
        half("three")
