# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter.fleet_health import FilterModule

Render = Callable[..., Any]
OK = {"status": "ok", "type": "tcp"}


def test_in_a_template(render: Render) -> None:
    fleet = {"web-1": {"looked": {"checks": {"ssh": OK}}}, "web-2": {}}
    found = render("fleet | groundwork.fleet.fleet_health(fleet, 'looked', {'checks': {'web-1 / page': ok}})", fleet=fleet, ok=OK)
    assert found == {"web-1": {"checks": {"ssh": OK, "page (from outside)": OK}}, "web-2": {}}


def test_a_refusal_names_the_option() -> None:
    with pytest.raises(AnsibleFilterError, match="outside is 'x'"):
        FilterModule().filters()["fleet_health"]({}, [], "looked", {"checks": {"x": OK}})
