# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar
from ansible_collections.groundwork.fleet.plugins.lookup import control_plan as plugin

SETTINGS = {"level": "baseline", "controls": {}, "platform": {}, "fleet": {}}
ENTRY = "{title: mine, area: a, level: baseline, rationale: because, observes: [{tcp: {port: 22}}], requires: {units: [x.service]}}"


def look_up(inventory: Path, *terms: Any, **options: Any) -> Any:
    variables = {"inventory_dir": str(inventory), "inventory_hostname": "web-1", "ansible_facts": {"os_family": "Debian"}}
    loader = DataLoader()
    one = lookup_loader.get("groundwork.fleet.control_plan", loader=loader, templar=Templar(loader=loader, variables=variables))
    assert type(one).__module__ == plugin.__name__
    (found,) = one.run(list(terms), variables=variables, **options)
    return found


@pytest.fixture(name="inventory")
def _inventory(tmp_path: Path) -> Path:
    folder = tmp_path / ".groundwork" / "catalogue" / "controls"
    folder.mkdir(parents=True)
    (folder / "mine.yml").write_text(ENTRY)
    return tmp_path


def test_a_control_beside_the_inventory_is_planned(inventory: Path) -> None:
    found = look_up(inventory, SETTINGS)
    assert found["checks"]["mine/1"] == {"tcp": {"port": 22}} and "x.service" in found["asks"]["units"]
    lacking = look_up(inventory, SETTINGS, missing={"programs": [], "paths": [], "units": ["x.service"]})
    assert "mine/1" not in lacking["checks"]


@pytest.mark.parametrize(
    ("terms", "part"),
    [
        ((), "the settings of the role hardening"),
        ((SETTINGS, SETTINGS), "the settings of the role hardening"),
        (({**SETTINGS, "controls": {"mime": True}},), "Did you mean 'mine'?"),
    ],
)
def test_errors_are_those_of_ansible(inventory: Path, terms: tuple[Any, ...], part: str) -> None:
    with pytest.raises(AnsibleError) as error:
        look_up(inventory, *terms)
    assert part in str(error.value)
