# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter.scrape_targets import FilterModule

EXPORTERS = {"node": {"port": 9100, "exec": "node", "proof": {"node_up": 1}}}

scrape_targets = FilterModule().filters()["scrape_targets"]


def test_targets_of_all_hosts() -> None:
    found = scrape_targets({"a": {}, "b": {}}, {"all": ["a", "b"]}, {}, EXPORTERS, default={"node": {}})
    assert [(target["host"], target["port"]) for target in found] == [("a", 9100), ("b", 9100)]


def test_an_error_is_one_of_ansible() -> None:
    with pytest.raises(AnsibleFilterError, match=r"Did you mean 'node'\?"):
        scrape_targets({"a": {}}, ["a"], None, EXPORTERS, default={"nodes": {}})
