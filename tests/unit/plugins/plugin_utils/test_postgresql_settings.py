# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.postgresql_settings import access, tuned
from hypothesis import given
from hypothesis import strategies as st


def test_a_quarter_of_the_memory_is_the_servers_own() -> None:
    assert tuned(8192) == {
        "max_connections": "100",
        "shared_buffers": "2048MB",
        "effective_cache_size": "6144MB",
        "work_mem": "15728kB",
        "maintenance_work_mem": "512MB",
        "max_wal_size": "4096MB",
        "random_page_cost": "1.1",
    }
    assert tuned(512)["shared_buffers"] == "64MB"
    assert "random_page_cost" not in tuned(8192, storage="disk")
    assert tuned(8192, connections=1000)["work_mem"] == "4096kB"


@given(st.integers(256, 4_000_000), st.integers(1, 10000))
def test_no_setting_asks_for_more_than_there_is(memory: int, connections: int) -> None:
    found = {
        name: int(value.rstrip("kMB")) for name, value in tuned(memory, connections).items() if value[0].isdigit() and "." not in value
    }
    assert found["shared_buffers"] <= memory * 0.4
    assert found["effective_cache_size"] <= memory
    assert found["maintenance_work_mem"] <= 1024
    assert 4096 <= found["work_mem"] <= 262144
    assert 1024 <= found["max_wal_size"] <= 8192


def test_too_little_memory_is_refused() -> None:
    with pytest.raises(BadInput, match=r"memory is 100; expected at least 256 \(MB\)"):
        tuned(100)


def test_rules_stand_in_their_order_between_what_the_host_needs() -> None:
    rules: list[dict[str, Any]] = [
        {"database": ["orders", "Re ports"], "user": "orders", "address": "192.0.2.7/24"},
        {"type": "local", "user": "+staff", "method": "scram-sha-256"},
        {"address": "::/0", "method": "cert", "options": {"clientcert": "verify-full"}},
    ]
    found = access(rules, {"db-2": "192.0.2.9"})
    assert found[0] == "local all postgres peer"
    assert found[2:6] == [
        'hostssl orders,"Re ports" orders 192.0.2.0/24 scram-sha-256',
        "local all +staff scram-sha-256",
        'hostssl all all ::/0 cert clientcert="verify-full"',
        "hostssl replication,postgres replicator 192.0.2.9/32 scram-sha-256",
    ]
    assert access([], {"db-2": "samenet"}, ssl=False)[2] == "host replication,postgres replicator samenet scram-sha-256"


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (
            {"type": "hostsll", "address": "::/0"},
            r"hba\[0\].type is 'hostsll'; expected a known type of a connection. Did you mean 'hostssl'",
        ),
        ({"method": "trust", "address": "::/0"}, r"hba\[0\].method is 'trust'; expected one of scram-sha-256, cert"),
        ({"method": "md5", "address": "::/0"}, "expected one of scram-sha-256"),
        ({"type": "local", "method": "cert"}, "expected one of peer, scram-sha-256, reject for local"),
        ({"type": "local", "address": "192.0.2.1"}, r"hba\[0\].address is '192.0.2.1'; expected nothing for local"),
        ({}, r"hba\[0\].address is None; expected an address"),
        ({"address": "300.1.2.3"}, "expected an address"),
        ({"address": "a b"}, "expected an address"),
        ({"address": "::/0", "user": "a\nhost all all 0.0.0.0/0 trust"}, r"hba\[0\].user"),
        ({"adress": "::/0"}, "Did you mean 'address'"),
    ],
)
def test_a_rule_that_lets_in_the_wrong_ones_is_refused(rule: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        access([rule], {})
