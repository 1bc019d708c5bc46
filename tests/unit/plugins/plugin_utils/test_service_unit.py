# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_unit


@pytest.mark.parametrize(
    ("preset", "line", "there"),
    [
        ("strict", ("ProtectSystem", "strict"), True),
        ("relaxed", ("ProtectSystem", "full"), True),
        ("relaxed", ("ProtectSystem", "strict"), False),
    ],
)
def test_presets(preset, line, there):
    assert (line in service_unit.sandbox(service_unit.PRESETS[preset], [], [])) is there


def test_only_a_low_port_keeps_a_capability():
    assert ("CapabilityBoundingSet", "") in service_unit.sandbox(service_unit.PRESETS["strict"], [1024], [])
    assert ("CapabilityBoundingSet", "CAP_NET_BIND_SERVICE") in service_unit.sandbox(service_unit.PRESETS["strict"], [8080, 443], [])
    assert service_unit.sandbox(service_unit.PRESETS["none"], [443], ["/x"]) == []


def test_what_is_laid_out_is_a_unit():
    text = service_unit.laid_out({"Unit": [("Description", "x ")], "Service": [("User", "a"), ("Group", "b")]})
    assert text.endswith("[Unit]\nDescription=x\n\n[Service]\nUser=a\nGroup=b\n")


def test_a_value_of_two_lines_is_refused():
    with pytest.raises(BadInput, match="User="):
        service_unit.laid_out({"Service": [("User", "a\nExecStart=b")]})


def test_null_takes_a_directive_out():
    assert service_unit.overridden([("A", "1"), ("B", "2")], {"A": None, "C": [True, "x"]}) == [("B", "2"), ("C", "yes"), ("C", "x")]
