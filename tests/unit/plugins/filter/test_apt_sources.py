# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter.apt_sources import FilterModule


def apt_sources(value):
    return FilterModule().filters()["apt_sources"](value)


def test_nothing_from_nothing():
    assert apt_sources({}) == ""


def test_a_key_that_is_not_there_is_named():
    repository = {"uris": "https://x.example.org", "suites": "./", "key": "/nonexistent/key.asc", "fingerprint": "0" * 40}
    with pytest.raises(AnsibleFilterError, match=r"/nonexistent/key\.asc"):
        apt_sources({"example": repository})


def test_a_list_is_refused():
    with pytest.raises(AnsibleFilterError, match="a mapping from name to repository"):
        apt_sources([])
