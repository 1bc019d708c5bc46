# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import postgresql
from ansible_collections.groundwork.fleet.plugins.module_utils.postgresql import Cluster
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import postgresql_cluster, postgresql_objects, postgresql_promotion

OLD = {"Database cluster state": "shut down", "Latest checkpoint's NextOID": "24576", "Latest checkpoint location": "0/5000028"}
FRESH = {**OLD, "Latest checkpoint's NextOID": "13645"}
STANDBY = {"role": "standby", "primary": "db-1", "name": "db-2", "wait": 0}


class Host:
    """A host whose PostgreSQL is a directory, and which notes what is run."""

    def __init__(self, directory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ran: list[list[str]] = []
        self.data, self.fences = directory / "main", directory / "fences"
        self.found: dict[str, str] = {}
        self.answers: dict[str, tuple[int, str, str]] = {}
        self.running = False
        monkeypatch.setattr(Cluster, "data", property(lambda _self: str(self.data)))
        monkeypatch.setattr(Cluster, "program", lambda _self, name: "/bin/" + name)
        monkeypatch.setattr(postgresql, "FENCES", str(self.fences))
        monkeypatch.setattr(postgresql, "control", lambda _cluster: self.found)
        monkeypatch.setattr(postgresql, "is_running", lambda _cluster: self.running)
        monkeypatch.setattr(postgresql, "run", self.run)
        monkeypatch.setattr(postgresql, "systemctl", lambda _module, *words: self.ran.append(["systemctl", *words]))
        monkeypatch.setattr(postgresql_cluster.shutil, "chown", lambda *_arguments: None)

    def run(self, command: list[str], text: str = "", seconds: float = 0) -> tuple[int, str, str]:
        name = command[0].rpartition("/")[2]
        self.ran.append(command)
        if name == "pg_basebackup" and name not in self.answers:
            os.makedirs(command[command.index("--pgdata") + 1])
        return self.answers.get(name, (0, "groundwork_db_2\n", ""))

    def programs(self) -> list[str]:
        return [command[0].rpartition("/")[2] for command in self.ran]


@pytest.fixture
def host(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(tmp_path, monkeypatch)


def cluster(run_step: Any, check_mode: bool = False, **replication: Any) -> dict[str, Any]:
    step = run_step(postgresql_cluster, check_mode=check_mode, version="17", replication=replication, ca="/ca.crt")
    answer: dict[str, Any] = step
    return answer


def test_a_fresh_cluster_becomes_a_standby_by_a_base_backup(run_step: Any, host: Host) -> None:
    host.data.mkdir()
    host.found = FRESH
    assert cluster(run_step, **STANDBY)["way"] == "base_backup"
    assert (host.data / "standby.signal").exists()
    assert [path.name for path in host.data.parent.iterdir() if path.name.startswith("main")] == ["main"]
    command = next(command for command in host.ran if "pg_basebackup" in command[0])
    assert "sslmode='verify-full'" in command[command.index("--dbname") + 1]
    assert command[command.index("--slot") + 1] == "groundwork_db_2"


def test_a_standby_stays_as_it_is(run_step: Any, host: Host) -> None:
    host.data.mkdir()
    (host.data / "standby.signal").touch()
    host.found = {**OLD, "Database cluster state": "in archive recovery"}
    answer = cluster(run_step, **STANDBY)
    assert (answer["changed"], host.ran) == (False, [])


def test_data_of_its_own_is_never_touched_unless_asked(run_step: Any, host: Host) -> None:
    host.data.mkdir()
    (host.data / "PG_VERSION").touch()
    host.found = OLD
    answer = cluster(run_step, **STANDBY)
    assert "has data of its own and is declared a standby" in answer["msg"]
    assert (host.ran, [path.name for path in host.data.iterdir()]) == ([], ["PG_VERSION"])


def test_data_that_may_go_is_kept_beside(run_step: Any, host: Host) -> None:
    host.data.mkdir()
    (host.data / "mine").touch()
    host.found = OLD
    answer = cluster(run_step, **STANDBY, rejoin="base_backup")
    assert answer["way"] == "base_backup"
    assert os.path.exists(answer["kept"] + "/mine")


def test_a_base_backup_that_fails_leaves_the_data(run_step: Any, host: Host) -> None:
    host.data.mkdir()
    (host.data / "mine").touch()
    host.found, host.answers = OLD, {"pg_basebackup": (1, "", "could not connect")}
    answer = cluster(run_step, **STANDBY, rejoin="base_backup")
    assert answer["msg"] == "pg_basebackup failed, the data of this host is as it was: could not connect"
    assert (host.data / "mine").exists()


def test_a_former_primary_is_rewound_and_its_fence_goes(run_step: Any, host: Host) -> None:
    host.data.mkdir()
    host.fences.mkdir()
    (host.fences / "postgresql-17-main").write_text("db-2 took over", encoding="utf-8")
    host.found = OLD
    assert cluster(run_step, **STANDBY, rejoin="rewind")["way"] == "rewind"
    assert (host.data / "standby.signal").exists()
    assert ["systemctl", "unmask", "postgresql@17-main.service"] in host.ran
    assert list(host.fences.iterdir()) == []


def test_a_rewind_that_fails_keeps_the_fence_and_names_the_other_way(run_step: Any, host: Host) -> None:
    host.data.mkdir()
    host.fences.mkdir()
    (host.fences / "postgresql-17-main").write_text("db-2 took over", encoding="utf-8")
    host.found, host.answers = OLD, {"pg_rewind": (1, "", "source and target clusters are from different systems")}
    answer = cluster(run_step, **STANDBY, rejoin="rewind")
    assert "from different systems. Take replication.rejoin: base_backup" in answer["msg"]
    assert len(list(host.fences.iterdir())) == 1


def test_a_fenced_primary_is_refused_as_one(run_step: Any, host: Host) -> None:
    host.fences.mkdir()
    (host.fences / "postgresql-17-main").write_text("db-2 took over at noon\n", encoding="utf-8")
    assert "must not run as a primary: db-2 took over at noon" in cluster(run_step, role="primary")["msg"]
    assert "must not run as a primary" in cluster(run_step)["msg"]


def test_a_standby_is_not_promoted_by_a_mere_run(run_step: Any, host: Host) -> None:
    host.data.mkdir()
    (host.data / "standby.signal").touch()
    assert "groundwork.fleet.promote_postgresql" in cluster(run_step, role="primary")["msg"]


def test_a_standby_names_its_primary(run_step: Any, host: Host) -> None:
    assert "replication.primary is not set" in cluster(run_step, role="standby", name="x")["msg"]
    assert "replication.name is not set" in cluster(run_step, role="standby", primary="x")["msg"]


def test_a_primary_that_does_not_let_in_is_waited_for_and_told(run_step: Any, host: Host) -> None:
    host.answers = {"psql": (2, "", 'no pg_hba.conf entry for host "192.0.2.2"')}
    assert 'after 0 s: no pg_hba.conf entry for host "192.0.2.2"' in cluster(run_step, **STANDBY)["msg"]
    host.answers = {"psql": (0, "other\n", "")}
    assert "it has no replication slot groundwork_db_2" in cluster(run_step, **STANDBY)["msg"]


def test_check_mode_only_predicts(run_step: Any, host: Host) -> None:
    answer = cluster(run_step, check_mode=True, **STANDBY)
    assert (answer["changed"], answer["way"], host.ran) == (True, "base_backup", [])


def objects(
    run_step: Any, monkeypatch: pytest.MonkeyPatch, found: dict[str, Any], check_mode: bool = False, **more: Any
) -> tuple[Any, list[Any]]:
    ran: list[Any] = []
    monkeypatch.setattr(postgresql, "answer", lambda _cluster, query, database="postgres": found.get(query, found))
    monkeypatch.setattr(postgresql, "execute", lambda _cluster, script, database="postgres": ran.append((database, script)) or "")
    return run_step(postgresql_objects, check_mode=check_mode, version="17", **more), ran


def test_a_primary_gets_roles_databases_and_slots(run_step: Any, monkeypatch: pytest.MonkeyPatch, host: Host) -> None:
    replication = {"role": "primary", "name": "db-1", "members": {"db-1": "a", "db-2": "b"}, "password": "x"}
    answer, ran = objects(run_step, monkeypatch, {"recovery": False}, replication=replication, databases={"orders": None})
    assert [line.split(";")[0][:34] for line in answer["statements"] if "SELECT" in line] == ["SELECT pg_create_physical_replicat"]
    assert any("groundwork_health" in line for line in answer["statements"])
    assert len(ran) == len(answer["statements"])


def test_a_dry_run_says_nothing_to_the_server(run_step: Any, monkeypatch: pytest.MonkeyPatch, host: Host) -> None:
    answer, ran = objects(run_step, monkeypatch, {}, check_mode=True, roles={"orders": {"login": True}})
    assert (answer["changed"], ran) == (True, [])


def test_a_standby_is_asked_whether_it_streams(run_step: Any, monkeypatch: pytest.MonkeyPatch, host: Host) -> None:
    found: dict[str, Any] = {"recovery": True, "status": "streaming"}
    assert not objects(run_step, monkeypatch, found, replication={"role": "standby"})[0]["changed"]
    found["status"] = "starting"
    answer, _ran = objects(run_step, monkeypatch, found, replication={"role": "standby"}, wait=0)
    assert "does not stream from its primary after 0 s" in answer["msg"]
    answer, _ran = objects(run_step, monkeypatch, {"recovery": False}, replication={"role": "standby"})
    assert "is declared a standby and takes writes" in answer["msg"]


def promotion(
    run_step: Any, monkeypatch: pytest.MonkeyPatch, host: Host, found: list[dict[str, Any]], **more: Any
) -> tuple[Any, list[str]]:
    said: list[str] = []
    monkeypatch.setattr(postgresql, "answer", lambda _cluster, _query: found[0] if len(found) == 1 else found.pop(0))
    monkeypatch.setattr(postgresql, "execute", lambda _cluster, script: said.append(script) or "t\n")
    host.running = bool(found)
    return run_step(postgresql_promotion, version="17", **more), said


def test_a_standby_is_promoted_once_it_has_all(run_step: Any, monkeypatch: pytest.MonkeyPatch, host: Host) -> None:
    behind, even = {"recovery": True, "position": "0/1"}, {"recovery": True, "position": "0/9"}
    found = [behind, behind, even, {"recovery": False, "position": "0/A"}]
    answer, said = promotion(run_step, monkeypatch, host, found, state="promoted", position="0/9")
    assert answer["changed"]
    assert said[0].startswith("SELECT pg_promote(true")
    assert "INSERT INTO" in said[1]


def test_a_standby_that_lacks_something_is_not_promoted(run_step: Any, monkeypatch: pytest.MonkeyPatch, host: Host) -> None:
    found = [{"recovery": True, "position": "0/1"}]
    answer, said = promotion(run_step, monkeypatch, host, found, state="promoted", position="0/9", wait=0)
    assert "what lies between would be lost. It was not promoted" in answer["msg"]
    assert said == []


def test_a_promotion_happens_once(run_step: Any, monkeypatch: pytest.MonkeyPatch, host: Host) -> None:
    answer, said = promotion(run_step, monkeypatch, host, [{"recovery": False, "position": "0/9"}], state="promoted")
    assert (answer["changed"], said) == (False, [])
    answer, _said = promotion(run_step, monkeypatch, host, [], state="promoted")
    assert "does not run; a standby is promoted while it runs" in answer["msg"]


def test_a_primary_is_fenced_for_good(run_step: Any, monkeypatch: pytest.MonkeyPatch, host: Host) -> None:
    found = [{"recovery": False, "position": "0/9"}]
    answer, _said = promotion(run_step, monkeypatch, host, found, state="fenced", successor="db-2")
    assert answer["changed"]
    assert "db-2 took over at" in (host.fences / "postgresql-17-main").read_text(encoding="utf-8")
    assert host.ran == [["systemctl", "stop", "postgresql@17-main.service"], ["systemctl", "mask", "postgresql@17-main.service"]]
    host.found = OLD
    answer, _said = promotion(run_step, monkeypatch, host, [], state="fenced", successor="db-2")
    assert (answer["changed"], answer["found"]["clean"], answer["found"]["position"]) == (False, True, "0/5000028")


def test_a_standby_is_not_fenced(run_step: Any, monkeypatch: pytest.MonkeyPatch, host: Host) -> None:
    answer, _said = promotion(run_step, monkeypatch, host, [{"recovery": True, "position": "0/9"}], state="fenced")
    assert "is a standby; expected the former primary" in answer["msg"]
