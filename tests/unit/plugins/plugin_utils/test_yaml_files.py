# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.groundwork.fleet.plugins.plugin_utils import yaml_files
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import is_trusted
from ansible_collections.groundwork.fleet.plugins.plugin_utils.yaml_files import yaml_loader


def test_templates_of_the_file_are_rendered(tmp_path: Path) -> None:
    """ansible-core 2.19 and newer leave what nobody vouches for as it is."""
    (tmp_path / "a.yml").write_text("port: '{{ number + 1 }}'\nplain: 1\n")
    loader = DataLoader()
    data = yaml_loader(loader)(tmp_path / "a.yml")
    assert data["plain"] == 1
    assert int(Templar(loader=loader, variables={"number": 79}).template(data["port"])) == 80


def test_a_loader_that_knows_no_trust_is_asked_without_it() -> None:
    class Older:
        def load_from_file(self, file_name: str, cache: str = "all") -> Any:
            return [file_name]

    class Newer(Older):
        def load_from_file(self, file_name: str, cache: str = "all", trusted_as_template: bool = False) -> Any:
            return [file_name, trusted_as_template]

    assert yaml_loader(Older())(Path("/a.yml")) == ["/a.yml"]
    assert yaml_loader(Newer())(Path("/a.yml")) == ["/a.yml", True]


def test_a_file_is_read_once_as_long_as_its_loader_lives(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("port: 1\n")
    loader = DataLoader()
    first = yaml_loader(loader)(path)
    path.write_text("port: 2\n")
    assert yaml_loader(loader)(str(path)) is first
    assert yaml_loader(DataLoader())(path) == {"port": 2}
    assert yaml_loader(loader, trusted=False)(path) is not first


def test_a_file_that_is_no_yaml_is_an_error_of_ansible(tmp_path: Path) -> None:
    (tmp_path / "broken.yml").write_text("a: [")
    with pytest.raises(AnsibleError, match="YAML"):
        yaml_loader(DataLoader())(tmp_path / "broken.yml")


def test_our_own_content_is_read_fast_and_alike() -> None:
    class NotAsked(DataLoader):
        def load_from_file(self, *_given: Any, **_options: Any) -> Any:
            raise AssertionError

    top = yaml_files.COLLECTION
    paths = [*sorted(top.glob("catalogue/*/*.yml")), *top.glob("roles/*/meta/argument_specs.yml"), *top.glob("roles/*/platforms/*.yml")]
    for trusted in (True, False):
        read, slow = yaml_loader(NotAsked(), trusted), yaml_loader(DataLoader(), trusted)
        assert len(paths) > 60 and all(read(path) == slow(path) for path in paths)
        assert read(paths[0]) is read(paths[0])


def test_the_templates_of_our_own_defaults_are_rendered() -> None:
    loader = DataLoader()
    spec = yaml_loader(loader)(yaml_files.COLLECTION / "roles" / "firewall" / "meta" / "argument_specs.yml")
    options = spec["argument_specs"]["main"]["options"].values()
    templates = [one["default"] for one in options if "{{" in str(one.get("default", ""))]
    assert templates, "a default with a template; take another role where firewall has none any more"
    assert all(is_trusted(one) for one in templates if isinstance(one, str))
