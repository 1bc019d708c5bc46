# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.groundwork.fleet.plugins.plugin_utils import catalogue
from ansible_collections.groundwork.fleet.plugins.plugin_utils.inventory_directory import inventory_directory
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_values import SecretValues


@pytest.mark.parametrize(
    ("given", "expected"), [(None, None), ("None", None), ("", None), ("/srv/fleet", "/srv/fleet"), ("None/x", "None/x")]
)
def test_what_inventory_dir_says(given: object, expected: str | None) -> None:
    assert inventory_directory(given) == expected


def test_without_an_inventory_the_word_none_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `-i localhost,` gives to lookups."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "None/.groundwork/catalogue").mkdir(parents=True)
    assert catalogue.directories(None, "None") == [catalogue.SHIPPED]
    variables = {"inventory_dir": "None"}
    assert SecretValues(DataLoader(), Templar(loader=DataLoader(), variables=variables), variables).context.inventory is None
