# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks import commands, exporters, roles, services
from benchmarks.suite import Options
from tests.integration.remote_calls import Call


def calls(number: int) -> list[Call]:
    return [Call("host-1", "exporters", "x", execution=str(one)) for one in range(number)]


def test_both_arms_play_the_same_role_and_differ_in_the_exporters() -> None:
    lab: Any = SimpleNamespace(fleet=SimpleNamespace(hosts=[SimpleNamespace(name="host-1")]), inventory=Path("hosts.json"))
    one, three = (exporters.arm("x", lab, names) for names in (exporters.THREE[:1], exporters.THREE))
    assert one.command[:-1] == three.command[:-1] and "exporters" in one.command
    assert set(json.loads(three.command[-1])["exporters_enabled"]) == set(exporters.THREE)


def test_a_recorded_figure_stands_in_and_says_so() -> None:
    wall = {exporters.OURS: [4.0], exporters.PING: [2.0]}
    told = {exporters.OURS: calls(3), exporters.ONE: calls(3), exporters.PING: calls(2)}
    found = exporters.section(wall, {name: [1.0] for name in wall}, told)
    assert found.tables[0].rows[3][0].endswith("recorded, not measured here") and found.tables[0].rows[3][1] == "33 s"
    assert found.tables[0].rows[2][:4] == (exporters.PING, "2.00 s", "0.50x", "2")
    assert [one.met for one in found.verdicts] == [None, True] and "--prometheus PATH" in found.text[1]


def test_a_measured_peer_takes_its_place_and_a_further_call_is_a_miss() -> None:
    wall = {exporters.OURS: [4.0], exporters.PING: [2.0], exporters.PEER: [20.0]}
    told = {exporters.OURS: calls(4), exporters.ONE: calls(3), exporters.PING: calls(2), exporters.PEER: calls(40)}
    found = exporters.section(wall, {name: [1.0] for name in wall}, told)
    assert found.tables[0].rows[3][1:4] == ("20.0 s", "5.00x", "40") and len(found.text) == 1
    assert [one.met for one in found.verdicts] == [False, False]
    assert (exporters.hosts_needed(Options(prometheus=Path("x"))), exporters.hosts_needed(Options())) == (2, 1)


def test_the_report_says_how_the_source_of_the_peer_came_here(tmp_path: Path) -> None:
    assert roles.obtained(None) == "" and roles.obtained(tmp_path) == ""
    (tmp_path / "OBTAINED").write_text("From a clone\nof today.\n")
    wall = {exporters.OURS: [4.0], exporters.PING: [2.0], exporters.PEER: [40.0]}
    told = {exporters.OURS: calls(3), exporters.ONE: calls(3), exporters.PING: calls(2), exporters.PEER: calls(40)}
    found = exporters.section(wall, {name: [1.0] for name in wall}, told, roles.obtained(tmp_path))
    assert found.text[1:] == ("From a clone of today.",) and [one.met for one in found.verdicts] == [True, True]


def test_calls_are_counted_with_the_settings_of_the_arm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[commands.Arm] = []

    def record(arm: commands.Arm, peers: bool) -> None:
        ran.append(arm)
        Path(arm.variables["GROUNDWORK_CALLS"]).write_text("")

    monkeypatch.setattr(services, "CACHE", tmp_path)
    monkeypatch.setattr(commands, "run", record)
    assert services.counted(commands.Arm("peer", ("x",), {"ANSIBLE_COLLECTIONS_PATH": "/of/the/peer"})) == []
    assert ran[0].variables["ANSIBLE_COLLECTIONS_PATH"] == "/of/the/peer"
