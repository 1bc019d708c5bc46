# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import unit_instances
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

GONE = {"state": "stopped", "enabled": False}


@pytest.fixture
def links(tmp_path: Path) -> str:
    for folder, names in (
        ("multi-user.target.wants", ("orders@1.service", "orders@2.service", "orders.service", "orders-2@1.service")),
        ("timers.target.wants", ("orders@3.timer",)),
        ("other", ("orders@4.service",)),
    ):
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).symlink_to("/gone")
    return str(tmp_path)


def test_instances_that_nobody_names_any_more_stop(links: str) -> None:
    units: dict[str, Any] = {"orders@1.service": {"state": "started"}, "orders@*.service": GONE}
    assert unit_instances.expanded(units, links) == {"orders@1.service": {"state": "started"}, "orders@2.service": GONE}
    assert unit_instances.expanded({"a.service": None}, links) == {"a.service": None}


def test_a_host_without_units_has_none(tmp_path: Path) -> None:
    assert unit_instances.expanded({"orders@*.service": GONE}, str(tmp_path / "gone")) == {}


@pytest.mark.parametrize("options", [None, {"state": "started"}, {"state": "stopped"}, {"state": "stopped", "enabled": True}])
def test_a_pattern_starts_nothing(options: Any, links: str) -> None:
    with pytest.raises(BadInput, match=r"units\['orders@\*\.service'\] is .*; expected state: stopped and enabled: false"):
        unit_instances.expanded({"orders@*.service": options}, links)
