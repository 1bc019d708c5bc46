# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import ansible.template
import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import settings

SPEC = {"web_port": {"type": "int", "default": 80}, "web_hosts": {"type": "dict", "default": {}}, "web_key": {"type": "str"}}


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def test_the_inventory_wins_over_the_default_and_types_are_coerced() -> None:
    given = settings.given_values(SPEC, {"web_port": "8080", "other": 1}, lambda value: value)
    assert settings.coerced(SPEC, given) == {"web_port": 8080, "web_hosts": {}, "web_key": None}


def test_defaults_are_rendered() -> None:
    assert settings.given_values(SPEC, {}, lambda value: f"<{value}>")["web_port"] == "<80>"


@pytest.mark.parametrize(
    ("variables", "open_ports", "answers"), [({}, [22], 22), ({"ansible_port": 22}, [22], 22), ({"ansible_port": "2222"}, [22, 2222], 2222)]
)
def test_the_port_of_the_connection_is_that_of_ssh_by_default(variables: dict[str, Any], open_ports: list[int], answers: int) -> None:
    def value_of(role: str, name: str) -> Any:
        trust = getattr(ansible.template, "trust_as_template", str)
        templar = ansible.template.Templar(loader=DataLoader(), variables=variables)
        spec = {name: settings.role_spec(role, load)[name]}
        return settings.coerced(spec, settings.given_values(spec, {}, lambda value: templar.template(trust(value))))[name]

    assert (value_of("firewall", "firewall_ssh_ports"), value_of("health", "health_ssh_port")) == (open_ports, answers)


def test_a_value_that_does_not_fit_is_named() -> None:
    with pytest.raises(BadInput, match="web_port"):
        settings.coerced(SPEC, {"web_port": "eighty"})


def test_an_unknown_role_names_the_nearest() -> None:
    with pytest.raises(BadInput, match="certificates"):
        settings.role_directory("certificate")


def test_platform_files_go_from_general_to_special() -> None:
    facts = {"os_family": "Debian", "distribution": "Debian", "distribution_major_version": "13"}
    assert settings.platform_names(facts) == ["Debian", "Debian-13"]
    assert settings.platform_names({"os_family": "RedHat", "distribution": "Rocky", "distribution_major_version": "9"}) == [
        "RedHat", "Rocky", "Rocky-9",
    ]  # fmt: skip


def test_a_platform_without_a_file_is_refused_by_name() -> None:
    facts = {"os_family": "Suse", "distribution": "SLES", "distribution_version": "15.5", "distribution_major_version": "15"}
    with pytest.raises(BadInput, match=r"SLES 15.5.*Debian"):
        settings.platform_values("certificates", facts, load)
    with pytest.raises(BadInput, match="Gather facts"):
        settings.platform_values("certificates", {}, load)
