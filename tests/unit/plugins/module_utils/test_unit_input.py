# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import unit_input
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput


def test_how_long_and_about_what():
    [unit] = unit_input.wanted_units({"a.service": {"state": "started", "stable_for": 2.5, "about": "Service a"}})
    assert (unit.stable_for, unit.about) == (2.5, "Service a")
    [unit] = unit_input.wanted_units({"a.service": None})
    assert (unit.stable_for, unit.about) == (0, "")


@pytest.mark.parametrize("value", ["10s", -1, True, 3601])
def test_seconds_are_a_number(value):
    with pytest.raises(BadInput, match=r"units\['a.service'\]\.stable_for"):
        unit_input.wanted_units({"a.service": {"stable_for": value}})
