# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import postgresql
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import postgresql_promotion

OLD = {"Database cluster state": "shut down", "Latest checkpoint's NextOID": "24576", "Latest checkpoint location": "0/5000028"}


def promotion(
    run_step: Any, monkeypatch: pytest.MonkeyPatch, postgresql_host: Any, found: list[dict[str, Any]], **more: Any
) -> tuple[Any, list[str]]:
    said: list[str] = []
    monkeypatch.setattr(postgresql, "answer", lambda _cluster, _query: found[0] if len(found) == 1 else found.pop(0))
    monkeypatch.setattr(postgresql, "execute", lambda _cluster, script: said.append(script) or "t\n")
    postgresql_host.running = bool(found)
    return run_step(postgresql_promotion, version="17", **more), said


def test_a_standby_is_promoted_once_it_has_all(run_step: Any, monkeypatch: pytest.MonkeyPatch, postgresql_host: Any) -> None:
    behind, even = {"recovery": True, "position": "0/1"}, {"recovery": True, "position": "0/9"}
    found = [behind, behind, even, {"recovery": False, "position": "0/A"}]
    answer, said = promotion(run_step, monkeypatch, postgresql_host, found, state="promoted", position="0/9")
    assert answer["changed"]
    assert said[0].startswith("SELECT pg_promote(true")
    assert "INSERT INTO" in said[1]


def test_a_standby_that_lacks_something_is_not_promoted(run_step: Any, monkeypatch: pytest.MonkeyPatch, postgresql_host: Any) -> None:
    found = [{"recovery": True, "position": "0/1"}]
    answer, said = promotion(run_step, monkeypatch, postgresql_host, found, state="promoted", position="0/9", wait=0)
    assert "what lies between would be lost. It was not promoted" in answer["msg"]
    assert said == []


def test_a_promotion_happens_once(run_step: Any, monkeypatch: pytest.MonkeyPatch, postgresql_host: Any) -> None:
    answer, said = promotion(run_step, monkeypatch, postgresql_host, [{"recovery": False, "position": "0/9"}], state="promoted")
    assert (answer["changed"], said) == (False, [])
    answer, _said = promotion(run_step, monkeypatch, postgresql_host, [], state="promoted")
    assert "does not run; a standby is promoted while it runs" in answer["msg"]


def test_a_primary_is_fenced_for_good(run_step: Any, monkeypatch: pytest.MonkeyPatch, postgresql_host: Any) -> None:
    found = [{"recovery": False, "position": "0/9"}]
    answer, _said = promotion(run_step, monkeypatch, postgresql_host, found, state="fenced", successor="db-2")
    assert answer["changed"]
    assert "db-2 took over at" in (postgresql_host.fences / "postgresql-17-main").read_text(encoding="utf-8")
    assert postgresql_host.ran == [["systemctl", "stop", "postgresql@17-main.service"], ["systemctl", "mask", "postgresql@17-main.service"]]
    postgresql_host.found = OLD
    answer, _said = promotion(run_step, monkeypatch, postgresql_host, [], state="fenced", successor="db-2")
    assert (answer["changed"], answer["found"]["clean"], answer["found"]["position"]) == (False, True, "0/5000028")


def test_a_standby_is_not_fenced(run_step: Any, monkeypatch: pytest.MonkeyPatch, postgresql_host: Any) -> None:
    answer, _said = promotion(run_step, monkeypatch, postgresql_host, [{"recovery": True, "position": "0/9"}], state="fenced")
    assert "is a standby; expected the former primary" in answer["msg"]
