# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_kinds


def test_each_file_of_the_folder_is_a_kind():
    assert {"package", "release"} <= set(service_kinds.known())
    assert "__init__" not in service_kinds.known()


@pytest.mark.parametrize("name", service_kinds.known())
def test_a_kind_has_its_form(name):
    kind = service_kinds.kind(name)
    assert isinstance(kind.KEYS, tuple) and isinstance(kind.OWN_USER, bool)
    assert {name, *kind.KEYS} <= service_kinds.own_keys()


def test_exactly_one_key_chooses():
    assert service_kinds.chosen({"package": "x", "release": None}, "services.x") == "package"
    with pytest.raises(BadInput, match=r"services\.x is \['package', 'release'\]"):
        service_kinds.chosen({"package": "x", "release": {}}, "services.x")


def test_what_a_kind_lacks_is_none():
    assert service_kinds.optional(service_kinds.kind("program"), "restart_on") is None
