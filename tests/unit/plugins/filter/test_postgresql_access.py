# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter.postgresql_access import FilterModule

postgresql_access = FilterModule().filters()["postgresql_access"]


def test_it_gives_lines() -> None:
    assert "hostssl all all 192.0.2.0/24 scram-sha-256" in postgresql_access([{"address": "192.0.2.0/24"}])
    assert "host replication,postgres standby samenet scram-sha-256" in postgresql_access([], {"db-2": "samenet"}, "standby", ssl=False)


def test_it_refuses_as_a_filter_does() -> None:
    with pytest.raises(AnsibleFilterError, match="method is 'trust'"):
        postgresql_access([{"address": "::/0", "method": "trust"}])
