# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import firewall_access

ENTRIES = [{"name": "office", "action": "accept", "ports": "22", "addresses": ["192.0.2.0/24"]}]


@pytest.fixture
def connected(monkeypatch):
    def set_to(text):
        monkeypatch.setenv("SSH_CONNECTION", text)
        monkeypatch.setattr(firewall_access.session_sandbox, "ancestry", SimpleNamespace(inherited=lambda _name, _process: ""))

    return set_to


@pytest.mark.parametrize("check_mode", [False, True])
def test_who_would_be_locked_out_is_told_why(run_step, connected, check_mode):
    connected("198.51.100.7 50000 198.51.100.1 22")
    answer = run_step(firewall_access, check_mode, entries=ENTRIES)
    assert answer["failed"] and "connected from 198.51.100.7 to port 22: no rule accepts it. Nothing was changed." in answer["msg"]


def test_who_stays_admitted_passes(run_step, connected):
    connected("192.0.2.7 50000 198.51.100.1 22")
    answer = run_step(firewall_access, entries=ENTRIES)
    assert (answer["changed"], answer["known"], answer["address"], answer["port"]) == (False, True, "192.0.2.7", 22)
    assert answer["accepted_by"] == "office"


def test_of_a_connection_that_is_not_known_nothing_is_said(run_step, connected):
    connected("")
    answer = run_step(firewall_access, entries=[])
    assert not answer.get("failed") and answer["known"] is False


def test_a_parent_is_asked_where_sudo_took_it_away(run_step, monkeypatch):
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.setenv("GROUNDWORK_WAITING", "4242")
    told = {("SSH_CONNECTION", 4242): "192.0.2.7 50000 198.51.100.1 22"}
    monkeypatch.setattr(
        firewall_access.session_sandbox, "ancestry", SimpleNamespace(inherited=lambda name, process: told.get((name, process), ""))
    )
    assert run_step(firewall_access, entries=ENTRIES)["accepted_by"] == "office"
