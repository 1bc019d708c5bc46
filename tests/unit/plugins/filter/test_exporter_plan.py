# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter.exporter_plan import FilterModule

ENTRIES = {"node": {"port": 9100, "exec": "node", "proof": {"up": 1}, "install": {"package": {"Debian": "node"}}}}
PLATFORM = {"unit_directory": "/u", "web_config_flag": "--web", "stunnel": {"package": "s", "program": "s"}}
HOST = ("0.0.0.0", "/tls", PLATFORM, {"os_family": "Debian"})


def test_it_gives_the_plan() -> None:
    decided = FilterModule().filters()["exporter_plan"](ENTRIES, {"node": None}, None, *HOST)
    assert decided["packages"] == {} and decided["targets"] == []


def test_refused_input_is_an_error_of_the_filter() -> None:
    with pytest.raises(AnsibleFilterError, match="Did you mean 'node'"):
        FilterModule().filters()["exporter_plan"](ENTRIES, {"nod": {}}, [], *HOST)
