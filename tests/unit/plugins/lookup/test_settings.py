# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import ansible.template
import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader
from ansible_collections.groundwork.fleet.plugins.lookup import settings as plugin
from ansible_collections.groundwork.fleet.plugins.plugin_utils import settings as settings_util
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import trust as trusted

SPEC = """
argument_specs:
  main:
    options:
      web_port: {type: int, default: 80}
      web_url: {type: str, default: "http://{{ inventory_hostname }}:{{ fleet_port }}/"}
      web_hosts: {type: list, elements: str}
"""


@pytest.fixture(name="collection", autouse=True)
def _collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings_util, "COLLECTION", tmp_path)
    monkeypatch.setattr(settings_util, "FLEET_SPEC", tmp_path / "catalogue" / "variables" / "fleet.yml")
    for name, text in {
        "roles/web/meta/argument_specs.yml": SPEC,
        "roles/web/platforms/Debian.yml": "unit: apache2.service\npackage: apache2\n",
        "roles/web/platforms/Debian-13.yml": "unit: httpd.service\n",
        "catalogue/variables/fleet.yml": "fleet_port: {type: int, default: 8080}\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def look_up(*roles: str, **variables: Any) -> list[dict[str, Any]]:
    facts = {"os_family": "Debian", "distribution": "Debian", "distribution_major_version": "13"}
    known = {"inventory_hostname": "web-1", "ansible_facts": facts, **variables}
    loader = DataLoader()
    one = lookup_loader.get("groundwork.fleet.settings", loader=loader, templar=ansible.template.Templar(loader=loader, variables=known))
    assert type(one).__module__ == plugin.__name__
    found: list[dict[str, Any]] = one.run(list(roles), variables=known)
    return found


def test_defaults_are_filled_in_and_rendered_with_the_fleets_defaults() -> None:
    [found] = look_up("web")
    assert (found["port"], found["url"], found["hosts"]) == (80, "http://web-1:8080/", None)


def test_the_inventory_wins_and_types_are_coerced() -> None:
    [found] = look_up("web", web_port="8081", fleet_port="9000", web_hosts="a,b")
    assert (found["port"], found["url"], found["hosts"]) == (8081, "http://web-1:9000/", ["a", "b"])
    assert found["fleet"] == {"port": 9000}


def test_the_more_special_platform_file_wins() -> None:
    assert look_up("web")[0]["platform"] == {"unit": "httpd.service", "package": "apache2"}


@pytest.mark.parametrize(("role", "variables", "part"), [("wbe", {}, "Did you mean 'web'?"), ("web", {"web_port": "eighty"}, "web_port")])
def test_errors_are_those_of_ansible(role: str, variables: dict[str, Any], part: str) -> None:
    with pytest.raises(AnsibleError) as error:
        look_up(role, **variables)
    assert part in str(error.value)


@pytest.fixture(name="inventory")
def _inventory(tmp_path: Path) -> str:
    (tmp_path / ".groundwork/secrets").mkdir(parents=True)
    (tmp_path / ".groundwork/secrets/port").write_text("8443\n")
    (tmp_path / ".groundwork/secrets/host").write_text("db-{{ 1 }}")
    return str(tmp_path)


def test_references_are_resolved_before_types_are_checked(inventory: str) -> None:
    own = {"mine": "secret://file/host", "web_hosts": ["secret://file/host", "{{ mine }}!"]}
    [found] = look_up("web", inventory_dir=inventory, web_port="secret://file/port", **trusted(own))
    assert (found["port"], found["hosts"]) == (8443, ["db-{{ 1 }}", "db-{{ 1 }}!"])


def test_a_reference_of_another_variable_is_continued(inventory: str) -> None:
    (Path(inventory) / ".groundwork/secrets/login").write_text("orders_a:correct horse")
    own = {"login": "secret://file/login", "web_hosts": ["{{ login }}?part=username", "{{ mine }}"], "mine": "{{ login }}?part=password"}
    assert look_up("web", inventory_dir=inventory, **trusted(own))[0]["hosts"] == ["orders_a", "correct horse"]
    own = {"a": "{{ b }}?part=username", "b": "{{ a }}?part=username", "web_hosts": ["{{ missing }}&x"]}
    with pytest.raises(AnsibleError, match="missing"):  # and does not go round and round
        look_up("web", inventory_dir=inventory, **trusted(own))


def test_errors_of_secrets_name_the_variable(inventory: str) -> None:
    with pytest.raises(AnsibleError, match=r"web_hosts\[0\] is 'secret://file/gone'; expected a secret that the backend 'file' has"):
        look_up("web", inventory_dir=inventory, web_hosts=["secret://file/gone"])


def test_a_role_that_is_removed_needs_no_secret(inventory: str, collection: Path) -> None:
    path = collection / "roles/web/meta/argument_specs.yml"
    path.write_text(path.read_text() + "      web_state: {type: str, default: present}\n")
    [found] = look_up("web", inventory_dir=inventory, web_state="absent", web_hosts=["secret://file/gone"])
    assert found["hosts"] == ["secret://file/gone"]


def test_a_task_looks_its_settings_up_once_and_another_task_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    whole = plugin.LookupModule._settings
    monkeypatch.setattr(plugin.LookupModule, "_settings", lambda self, role, known: (asked.append(role), whole(self, role, known))[1])
    loader = DataLoader()
    facts = {"os_family": "Debian", "distribution": "Debian", "distribution_major_version": "13"}

    def ask(known: dict[str, Any]) -> int:
        templar = ansible.template.Templar(loader=loader, variables=known)
        one = lookup_loader.get("groundwork.fleet.settings", loader=loader, templar=templar)
        return int(one.run(["web"], variables=known)[0]["port"])

    task = {"inventory_hostname": "web-1", "ansible_facts": facts}
    assert [ask(task), ask(task)] == [80, 80] and asked == ["web"]
    assert ask({**task, "web_port": 81}) == 81 and ask(task) == 80, "the variables of another task or host"
    assert asked == ["web"] * 3
    # Ansible copies the mapping within a task, and a file adds variables of its own.
    assert ask({**task, "ansible_ssh_host": "x", "template_path": "y", "service": {}}) == 80 and asked == ["web"] * 3
    turn = {**task, "item": 0}
    others = (
        {"item": 1},
        {"ansible_facts": dict(facts)},
        {"fleet_environment": "x"},
        {"service": {}},
        {"template_path": "y", "__found": 1},
    )
    for other in others:
        assert ask(task) + ask(turn) == 160
        before = len(asked)
        ask({**turn, **other})
        assert len(asked) == before + 1, other
