# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter.exporter_plan import FilterModule

ENTRIES = {"node": {"port": 9100, "exec": "node", "proof": {"up": 1}, "install": {"package": {"Debian": "node"}}}}
PLATFORM = {"unit_directory": "/u", "web_config_flag": "--web", "stunnel": {"package": "s", "program": "s"}}
FACTS = {"os_family": "Debian"}


def settings(**given: object) -> dict[str, object]:
    return {"enabled": {}, "services": [], "platform": PLATFORM, "fleet": {"tls_directory": "/tls", "address": "x"}, **given}


def test_it_gives_the_plan() -> None:
    decided = FilterModule().filters()["exporter_plan"](ENTRIES, settings(enabled={"node": None}), FACTS)
    assert decided["packages"] == {} and decided["targets"] == []


def test_refused_input_is_an_error_of_the_filter() -> None:
    with pytest.raises(AnsibleFilterError, match="Did you mean 'node'"):
        FilterModule().filters()["exporter_plan"](ENTRIES, settings(enabled={"nod": {}}), FACTS)


def test_a_password_becomes_a_bcrypt_hash_that_stays() -> None:
    way = {"authentication": "both", "basic_auth": {"prometheus": "correct horse"}, "enabled": {"node": {}}}
    first, second = (FilterModule().filters()["exporter_plan"](ENTRIES, settings(**way), FACTS) for _run in range(2))
    file = first["files"]["/etc/groundwork/exporters/node.yml"]
    assert "prometheus: $2b$10$" in file["content"] and "correct horse" not in file["content"] and file["secret"] is True
    assert file == second["files"]["/etc/groundwork/exporters/node.yml"]
