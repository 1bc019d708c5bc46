# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import firewall_access

ENTRIES = [{"name": "office", "action": "accept", "ports": "22", "addresses": ["192.0.2.0/24"]}]


@pytest.fixture
def connected(monkeypatch):
    def set_to(text):
        monkeypatch.setenv("SSH_CONNECTION", text)
        monkeypatch.setattr(firewall_access, "environment", lambda _pid: {})

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


def test_the_processes_of_this_host_can_be_asked():
    assert firewall_access.parent(os.getpid()) == os.getppid()
    assert "PATH" in firewall_access.environment(os.getpid())


def test_a_process_that_is_gone_says_nothing():
    assert firewall_access.parent(2**30) == 0 and firewall_access.environment(2**30) == {}
