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
from ansible_collections.groundwork.fleet.plugins.lookup import catalogue as plugin
from ansible_collections.groundwork.fleet.plugins.plugin_utils import catalogue as catalogue_util


@pytest.fixture(name="inventory")
def _inventory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(catalogue_util, "SHIPPED", tmp_path / "shipped")
    for name, text in {
        "shipped/exporters/node.yml": "{port: 9100, exec: 'node {{ listen }} {{ inventory_hostname }}', options: {a: [\"{{ listen }}\"]}}",
        ".groundwork/catalogue/exporters/node.yml": "{port: 9200}",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def look_up(inventory: Path, *terms: str, **options: Any) -> Any:
    variables = {"inventory_dir": str(inventory), "inventory_hostname": "web-1"}
    loader = DataLoader()
    one = lookup_loader.get("groundwork.fleet.catalogue", loader=loader, templar=Templar(loader=loader, variables=variables))
    assert type(one).__module__ == plugin.__name__
    (found,) = one.run(list(terms), variables=variables, **options)
    return found


def test_a_kind_and_an_entry(inventory: Path) -> None:
    assert look_up(inventory, "exporters")["node"]["port"] == 9200
    assert look_up(inventory, "exporters", "node")["port"] == 9200


def test_templates_stay_as_they_are_written(inventory: Path) -> None:
    assert look_up(inventory, "exporters", "node")["exec"] == "node {{ listen }} {{ inventory_hostname }}"


def test_templates_are_rendered_on_demand(inventory: Path) -> None:
    found = look_up(inventory, "exporters", "node", template_vars={"listen": "::1"})
    assert found["exec"] == "node ::1 web-1"
    assert found["options"] == {"a": ["::1"]}


@pytest.mark.parametrize(
    ("terms", "part"),
    [
        (("exporter",), "Did you mean 'exporters'?"),
        (("exporters", "nod"), "Did you mean 'node'?"),
        ((), "expected a kind"),
        (("a", "b", "c"), "a kind"),
    ],
)
def test_errors_are_those_of_ansible(inventory: Path, terms: tuple[str, ...], part: str) -> None:
    with pytest.raises(AnsibleError) as error:
        look_up(inventory, *terms)
    assert part in str(error.value)
