# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter.outside_checks import FilterModule

Render = Callable[..., Any]
CHECK = {"tcp": {"host": "192.0.2.7", "port": 443}}
FLEET = {"web-1": {"fleet_services": {"shop": {"package": {"name": "shop"}, "health": [CHECK]}}}}


def test_in_a_template(render: Render) -> None:
    expression = "fleet | groundwork.fleet.outside_checks(['web-1'], {}%s)"
    assert render(expression % "", fleet=FLEET) == {}
    assert render(expression % ", every=true", fleet=FLEET) == {"web-1 / shop tcp": CHECK}


def test_a_refusal_names_the_place() -> None:
    fleet = {"web-1": {"fleet_services": {"shop": {"package": {"name": "shop"}, "health": [{**CHECK, "from": "mars"}]}}}}
    with pytest.raises(AnsibleFilterError, match=r"health_services\.from is 'mars'"):
        FilterModule().filters()["outside_checks"](fleet, ["web-1"], {})
