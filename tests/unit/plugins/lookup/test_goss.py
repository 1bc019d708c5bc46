# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar
from ansible_collections.groundwork.fleet.plugins.lookup import goss as plugin


def look_up(*terms: str, variables: dict[str, Any] | None = None, **options: Any) -> Any:
    loader = DataLoader()
    one = lookup_loader.get("groundwork.fleet.goss", loader=loader, templar=Templar(loader=loader, variables={}))
    assert type(one).__module__ == plugin.__name__
    (found,) = one.run(list(terms), variables=variables or {}, **options)
    return found


@pytest.fixture(name="warned")
def _warned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(plugin, "Display", lambda: SimpleNamespace(warning=found.append))
    return found


def test_the_checks_of_files(tmp_path: Path, warned: list[str]) -> None:
    path = tmp_path / "goss.yaml"
    path.write_text("port: {'tcp:{{ .Vars.port }}': {listening: true}}\n")
    assert list(look_up(str(path), values={"port": 80})) == ["goss port tcp:80"]
    assert warned == []


def test_what_could_not_be_taken_is_told_once(tmp_path: Path, warned: list[str]) -> None:
    path = tmp_path / "goss.yaml"
    path.write_text("file: {/a: {exists: true, md5: '00'}}\naddr: {'udp://192.0.2.1:53': {reachable: true}}\n")
    assert list(look_up(str(path))) == ["goss file /a"]
    (told,) = warned
    assert told.splitlines()[1] == "- file /a: md5: there is nothing for this attribute"
    assert told.splitlines()[2].startswith("- addr udp://192.0.2.1:53: only tcp://")
    with pytest.raises(AnsibleError, match="file /a: md5"):
        look_up(str(path), strict=True)


def test_where_a_relative_path_is_looked_for(tmp_path: Path, warned: list[str]) -> None:
    inventory, playbooks = tmp_path / "inventory", tmp_path / "playbooks"
    places = [inventory / ".groundwork" / "g.yaml", inventory / "g.yaml", playbooks / "g.yaml"]
    for port, path in enumerate(places, 1):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("port: {'tcp:%d': {listening: true}}\n" % port)
    variables = {"inventory_dir": str(inventory), "playbook_dir": str(playbooks), "ansible_search_path": [str(playbooks)]}
    for port, path in enumerate(places, 1):
        assert list(look_up("g.yaml", variables=variables)) == ["goss port tcp:%d" % port]
        path.unlink()
    with pytest.raises(AnsibleError, match=r"gossfile is 'g\.yaml'; expected a goss file that is there") as caught:
        look_up("g.yaml", variables=variables)
    assert all(str(path) in str(caught.value) for path in places)
    assert warned == []


def test_an_inventory_without_a_folder_is_no_place(warned: list[str]) -> None:
    with pytest.raises(AnsibleError, match="Searched: ") as caught:
        look_up("g.yaml", variables={"inventory_dir": "None", "playbook_dir": "/p"})
    assert "Searched: /p/files/g.yaml, /p/g.yaml." in str(caught.value)


def test_a_file_that_is_missing(warned: list[str]) -> None:
    with pytest.raises(AnsibleError, match="expected a goss file that can be read"):
        look_up("/nowhere/goss.yaml")
