# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter import facet as plugin
from ansible_collections.groundwork.fleet.plugins.plugin_utils.services import FACETS

facet = plugin.FilterModule().filters()["facet"]


def test_items_bear_their_service() -> None:
    assert facet({"a": {"health": {"tcp": {"port": 1}}}}, "health") == [{"tcp": {"port": 1}, "service": "a"}]


def test_an_error_is_one_of_ansible() -> None:
    with pytest.raises(AnsibleFilterError, match=r"Did you mean 'backup'\?"):
        facet({}, "backups")


def test_the_documentation_lists_the_facets() -> None:
    assert yaml.safe_load(plugin.DOCUMENTATION)["options"]["name"]["choices"] == list(FACETS)
