# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import postgresql
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

CLUSTER = postgresql.Cluster("17", "main", 5432)
FRESH = {"Database cluster state": "shut down", "Latest checkpoint's NextOID": "13645"}


def test_a_cluster_knows_its_places() -> None:
    assert CLUSTER.data == "/var/lib/postgresql/17/main"
    assert CLUSTER.unit == "postgresql@17-main.service"
    assert CLUSTER.program("pg_rewind") == "/usr/lib/postgresql/17/bin/pg_rewind"
    assert CLUSTER.fence == "/var/lib/groundwork/fenced/postgresql-17-main"


@pytest.mark.parametrize(
    ("version", "name", "port", "told"),
    [
        ("17.2", "main", 5432, "version is '17.2'; expected a major version"),
        ("17", "../x", 5432, "cluster is '../x'; expected a name"),
        ("17", "main", 0, "port is 0; expected a port"),
    ],
)
def test_what_is_no_cluster_is_refused(version: str, name: str, port: int, told: str) -> None:
    with pytest.raises(BadInput, match=told.split(";")[0].replace(".", r"\.")):
        postgresql.checked(version, name, port)


@pytest.mark.parametrize(
    ("found", "fresh"),
    [
        ({}, True),
        (FRESH, True),
        ({**FRESH, "Latest checkpoint's NextOID": "16384"}, False),
        ({**FRESH, "Latest checkpoint's NextOID": "24576"}, False),
        ({**FRESH, "Database cluster state": "in production"}, False),
        ({**FRESH, "Database cluster state": "shut down in recovery"}, False),
        ({"Database cluster state": "shut down"}, False),
    ],
)
def test_only_a_cluster_without_anything_made_in_it_is_fresh(found: dict[str, str], fresh: bool) -> None:
    assert postgresql.is_fresh(found) is fresh


def test_control_data_is_read_by_its_words() -> None:
    text = "Database cluster state:               shut down\nTime of latest checkpoint:            Thu Nov 26 07:01:17 2026\n"
    assert postgresql.parsed_control(text) == {
        "Database cluster state": "shut down",
        "Time of latest checkpoint": "Thu Nov 26 07:01:17 2026",
    }


def test_places_in_the_log_are_ordered_by_bytes() -> None:
    assert postgresql.position("0/3000148") == 0x3000148
    assert postgresql.position("1/0") > postgresql.position("0/FFFFFFFF")


def test_names_of_slots_are_as_the_server_takes_them() -> None:
    assert postgresql.slot("DB-2.example.org") == "groundwork_db_2_example_org"


def test_a_connection_quotes_its_values() -> None:
    assert postgresql.keyword("it's\\") == "'it\\'s\\\\'"


def test_a_failure_tells_what_the_server_said_and_not_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []

    def run(command: list[str], text: str = "", seconds: float = 0) -> tuple[int, str, str]:
        given.append((command, text))
        return 3, "", 'psql:<stdin>:2: ERROR:  role "x" does not exist\n'

    monkeypatch.setattr(postgresql, "run", run)
    with pytest.raises(BadInput) as error:
        postgresql.execute(CLUSTER, "ALTER ROLE x PASSWORD 'SCRAM';\n")
    assert str(error.value) == 'PostgreSQL 17/main, database postgres: line 2: ERROR:  role "x" does not exist'
    command, text = given[0]
    assert "SCRAM" not in " ".join(command)
    assert text.startswith("SET log_statement = 'none'")


def test_a_server_runs_where_the_process_of_its_lock_lives(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(postgresql, "SOCKETS", str(tmp_path))
    assert not postgresql.is_running(CLUSTER)
    lock = tmp_path / ".s.PGSQL.5432.lock"
    lock.write_text("1\n/var/lib\n", encoding="ascii")
    assert postgresql.is_running(CLUSTER)
    lock.write_text("4194305\n", encoding="ascii")  # above any pid
    assert not postgresql.is_running(CLUSTER)
