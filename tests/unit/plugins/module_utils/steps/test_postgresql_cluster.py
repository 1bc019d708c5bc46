# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.steps import postgresql_cluster

OLD = {"Database cluster state": "shut down", "Latest checkpoint's NextOID": "24576", "Latest checkpoint location": "0/5000028"}
FRESH = {**OLD, "Latest checkpoint's NextOID": "13645"}
STANDBY = {"role": "standby", "primary": "db-1", "name": "db-2", "wait": 0}


def cluster(run_step: Any, check_mode: bool = False, **replication: Any) -> dict[str, Any]:
    step = run_step(postgresql_cluster, check_mode=check_mode, version="17", replication=replication, ca="/ca.crt")
    answer: dict[str, Any] = step
    return answer


def test_a_fresh_cluster_becomes_a_standby_by_a_base_backup(run_step: Any, postgresql_host: Any) -> None:
    postgresql_host.data.mkdir()
    postgresql_host.found = FRESH
    assert cluster(run_step, **STANDBY)["way"] == "base_backup"
    assert (postgresql_host.data / "standby.signal").exists()
    assert [path.name for path in postgresql_host.data.parent.iterdir() if path.name.startswith("main")] == ["main"]
    command = next(command for command in postgresql_host.ran if "pg_basebackup" in command[0])
    assert "sslmode='verify-full'" in command[command.index("--dbname") + 1]
    assert command[command.index("--slot") + 1] == "groundwork_db_2"


def test_a_standby_stays_as_it_is(run_step: Any, postgresql_host: Any) -> None:
    postgresql_host.data.mkdir()
    (postgresql_host.data / "standby.signal").touch()
    postgresql_host.found = {**OLD, "Database cluster state": "in archive recovery"}
    answer = cluster(run_step, **STANDBY)
    assert (answer["changed"], postgresql_host.ran) == (False, [])


def test_data_of_its_own_is_never_touched_unless_asked(run_step: Any, postgresql_host: Any) -> None:
    postgresql_host.data.mkdir()
    (postgresql_host.data / "PG_VERSION").touch()
    postgresql_host.found = OLD
    answer = cluster(run_step, **STANDBY)
    assert "has data of its own and is declared a standby" in answer["msg"]
    assert (postgresql_host.ran, [path.name for path in postgresql_host.data.iterdir()]) == ([], ["PG_VERSION"])


def test_data_that_may_go_is_kept_beside(run_step: Any, postgresql_host: Any) -> None:
    postgresql_host.data.mkdir()
    (postgresql_host.data / "mine").touch()
    postgresql_host.found = OLD
    answer = cluster(run_step, **STANDBY, rejoin="base_backup")
    assert answer["way"] == "base_backup"
    assert os.path.exists(answer["kept"] + "/mine")


def test_a_base_backup_that_fails_leaves_the_data(run_step: Any, postgresql_host: Any) -> None:
    postgresql_host.data.mkdir()
    (postgresql_host.data / "mine").touch()
    postgresql_host.found, postgresql_host.answers = OLD, {"pg_basebackup": (1, "", "could not connect")}
    answer = cluster(run_step, **STANDBY, rejoin="base_backup")
    assert answer["msg"] == "pg_basebackup failed, the data of this host is as it was: could not connect"
    assert (postgresql_host.data / "mine").exists()


def test_a_former_primary_is_rewound_and_its_fence_goes(run_step: Any, postgresql_host: Any) -> None:
    postgresql_host.data.mkdir()
    postgresql_host.fences.mkdir()
    (postgresql_host.fences / "postgresql-17-main").write_text("db-2 took over", encoding="utf-8")
    postgresql_host.found = OLD
    assert cluster(run_step, **STANDBY, rejoin="rewind")["way"] == "rewind"
    assert (postgresql_host.data / "standby.signal").exists()
    assert ["systemctl", "unmask", "postgresql@17-main.service"] in postgresql_host.ran
    assert not postgresql_host.fences.exists()


def test_a_rewind_that_fails_keeps_the_fence_and_names_the_other_way(run_step: Any, postgresql_host: Any) -> None:
    postgresql_host.data.mkdir()
    postgresql_host.fences.mkdir()
    (postgresql_host.fences / "postgresql-17-main").write_text("db-2 took over", encoding="utf-8")
    postgresql_host.found, postgresql_host.answers = OLD, {"pg_rewind": (1, "", "source and target clusters are from different systems")}
    answer = cluster(run_step, **STANDBY, rejoin="rewind")
    assert "from different systems. Take replication.rejoin: base_backup" in answer["msg"]
    assert len(list(postgresql_host.fences.iterdir())) == 1


def test_a_fenced_primary_is_refused_as_one(run_step: Any, postgresql_host: Any) -> None:
    postgresql_host.fences.mkdir()
    (postgresql_host.fences / "postgresql-17-main").write_text("db-2 took over at noon\n", encoding="utf-8")
    assert "must not run as a primary: db-2 took over at noon" in cluster(run_step, role="primary")["msg"]
    assert "must not run as a primary" in cluster(run_step)["msg"]


def test_a_standby_is_not_promoted_by_a_mere_run(run_step: Any, postgresql_host: Any) -> None:
    postgresql_host.data.mkdir()
    (postgresql_host.data / "standby.signal").touch()
    assert "groundwork.fleet.promote_postgresql" in cluster(run_step, role="primary")["msg"]


def test_a_standby_names_its_primary(run_step: Any, postgresql_host: Any) -> None:
    assert "replication.primary is not set" in cluster(run_step, role="standby", name="x")["msg"]
    assert "replication.name is not set" in cluster(run_step, role="standby", primary="x")["msg"]


def test_a_primary_that_does_not_let_in_is_waited_for_and_told(run_step: Any, postgresql_host: Any) -> None:
    postgresql_host.answers = {"psql": (2, "", 'no pg_hba.conf entry for host "192.0.2.2"')}
    assert 'after 0 s: no pg_hba.conf entry for host "192.0.2.2"' in cluster(run_step, **STANDBY)["msg"]
    postgresql_host.answers = {"psql": (0, "other\n", "")}
    assert "it has no replication slot groundwork_db_2" in cluster(run_step, **STANDBY)["msg"]


def test_check_mode_only_predicts(run_step: Any, postgresql_host: Any) -> None:
    answer = cluster(run_step, check_mode=True, **STANDBY)
    assert (answer["changed"], answer["way"], postgresql_host.ran) == (True, "base_backup", [])
