# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import postgresql
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import postgresql_objects


def objects(
    run_step: Any, monkeypatch: pytest.MonkeyPatch, found: dict[str, Any], check_mode: bool = False, **more: Any
) -> tuple[Any, list[Any]]:
    ran: list[Any] = []
    monkeypatch.setattr(postgresql, "answer", lambda _cluster, query, database="postgres": found.get(query, found))
    monkeypatch.setattr(postgresql, "execute", lambda _cluster, script, database="postgres": ran.append((database, script)) or "")
    return run_step(postgresql_objects, check_mode=check_mode, version="17", **more), ran


def test_a_primary_gets_roles_databases_and_slots(run_step: Any, monkeypatch: pytest.MonkeyPatch, postgresql_host: Any) -> None:
    replication = {"role": "primary", "name": "db-1", "members": {"db-1": "a", "db-2": "b"}, "password": "x"}
    answer, ran = objects(run_step, monkeypatch, {"recovery": False}, replication=replication, databases={"orders": None})
    assert [line.split(";")[0][:34] for line in answer["statements"] if "SELECT" in line] == ["SELECT pg_create_physical_replicat"]
    assert any("groundwork_health" in line for line in answer["statements"])
    assert len(ran) == len(answer["statements"])


def test_a_dry_run_says_nothing_to_the_server(run_step: Any, monkeypatch: pytest.MonkeyPatch, postgresql_host: Any) -> None:
    answer, ran = objects(run_step, monkeypatch, {}, check_mode=True, roles={"orders": {"login": True}})
    assert (answer["changed"], ran) == (True, [])


def test_a_standby_is_asked_whether_it_streams(run_step: Any, monkeypatch: pytest.MonkeyPatch, postgresql_host: Any) -> None:
    found: dict[str, Any] = {"recovery": True, "status": "streaming"}
    assert not objects(run_step, monkeypatch, found, replication={"role": "standby"})[0]["changed"]
    found["status"] = "starting"
    answer, _ran = objects(run_step, monkeypatch, found, replication={"role": "standby"}, wait=0)
    assert "does not stream from its primary after 0 s" in answer["msg"]
    answer, _ran = objects(run_step, monkeypatch, {"recovery": False}, replication={"role": "standby"})
    assert "is declared a standby and takes writes" in answer["msg"]
