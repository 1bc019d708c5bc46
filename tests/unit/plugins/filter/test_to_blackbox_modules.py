# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter.to_blackbox_modules import FilterModule

Render = Callable[..., Any]


def test_in_a_template(render: Render) -> None:
    found = render("checks | groundwork.fleet.to_blackbox_modules", checks={"port": {"tcp": {"port": 22}}, "disk": {"disk": {"path": "/"}}})
    assert (list(found["modules"]), list(found["left_out"])) == (["port"], ["disk"])


def test_a_refusal_names_the_place() -> None:
    with pytest.raises(AnsibleFilterError, match=r"checks\.x is 3; expected a mapping"):
        FilterModule().filters()["to_blackbox_modules"]({"x": 3})
