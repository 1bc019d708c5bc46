# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role `certificates` asks a certificate for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ansible.template
import yaml
from ansible.parsing.dataloader import DataLoader

ROLE = Path(__file__).resolve().parents[3] / "roles" / "certificates"
TRUSTED = getattr(ansible.template, "trust_as_template", str)


def rendered(text: str, **variables: Any) -> Any:
    return ansible.template.Templar(loader=DataLoader(), variables=variables).template(TRUSTED(text))


def test_the_certificate_names_where_the_fleet_reaches_the_host() -> None:
    text = yaml.safe_load((ROLE / "vars/main.yml").read_text())["__certificates_names"]
    settings = {"names": ["extra"], "fleet": {"address": "192.0.2.5"}}
    names = rendered(text, __certificates_settings=settings, inventory_hostname="web-1", ansible_facts={"fqdn": "web-1.example.org"})
    assert names == ["extra", "192.0.2.5", "web-1", "web-1.example.org"]


def test_an_interface_beside_the_default_is_not_asked_for() -> None:
    spec = yaml.safe_load((ROLE / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    default = spec["certificates_addresses"]["default"]
    facts = {"default_ipv4": {"address": "192.0.2.7"}, "all_ipv4_addresses": ["172.17.0.1", "192.0.2.7"]}
    assert rendered(default, ansible_facts=facts) == ["192.0.2.7"]
    assert rendered(default, ansible_facts={"default_ipv4": {}}) == []
