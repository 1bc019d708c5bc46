# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import postgresql, scram
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.postgresql_objects import statements

ROLE = {"login": True, "superuser": False, "createdb": False, "createrole": False, "replication": False, "bypassrls": False}
ROLE |= {"connection_limit": -1, "password": "", "member_of": [], "reads_files": False}
DATABASE = {"owner": "orders", "encoding": "UTF8", "public_connect": False, "connect": ["orders"]}


def said(declared: dict[str, Any], found: dict[str, Any] | None = None, extensions: dict[str, Any] | None = None) -> list[str]:
    whole = {"roles": {}, "databases": {}, "slots": [], **declared}
    return [one.shown for one in statements(whole, found or {}, extensions or {})]


def refused(declared: dict[str, Any], found: dict[str, Any] | None = None) -> str:
    with pytest.raises(BadInput) as error:
        said(declared, found)
    return str(error.value)


def test_a_role_is_made_with_no_right_that_is_not_declared() -> None:
    assert said({"roles": {"orders": {"login": True, "connection_limit": 5}}}) == [
        'CREATE ROLE "orders" NOSUPERUSER LOGIN NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 5;'
    ]


def test_a_role_that_is_as_declared_is_left_alone() -> None:
    kept = scram.verifier("pencil")
    assert said({"roles": {"orders": {"login": True, "password": "pencil"}}}, {"roles": {"orders": {**ROLE, "password": kept}}}) == []


def test_rights_that_a_role_has_beyond_its_declaration_go() -> None:
    found = {"roles": {"orders": {**ROLE, "superuser": True, "createdb": True}}}
    assert said({"roles": {"orders": {"login": True}}}, found) == ['ALTER ROLE "orders" NOSUPERUSER NOCREATEDB;']


def test_a_password_is_said_as_a_verifier_and_shown_to_nobody() -> None:
    declared = {"roles": {"orders": {"login": True, "password": "pencil"}}, "databases": {}, "slots": []}
    change = statements(declared, {"roles": {"orders": ROLE}}, {})[0]
    assert change.shown == 'ALTER ROLE "orders" PASSWORD (hidden);'
    assert "pencil" not in change.sql
    assert scram.fits("pencil", change.sql.split("'")[1])


def test_members_are_exactly_the_declared_ones_and_without_any_nobody_is_touched() -> None:
    found = {"roles": {"a": {**ROLE, "member_of": ["old"]}}}
    assert said({"roles": {"a": {"login": True, "member_of": ["new"]}}}, found) == ['GRANT "new" TO "a";', 'REVOKE "old" FROM "a";']
    assert said({"roles": {"a": {"login": True}}}, found) == []


def test_a_database_is_made_for_its_owner_and_closed_to_the_others() -> None:
    declared = {
        "roles": {"orders": {}, "reports": {}},
        "databases": {"orders": {"owner": "orders", "connect": ["reports"], "extensions": ["x"]}},
    }
    assert said(declared)[2:] == [
        'CREATE DATABASE "orders" OWNER "orders" TEMPLATE template0 ENCODING \'UTF8\';',
        'REVOKE CONNECT, TEMPORARY ON DATABASE "orders" FROM PUBLIC;',
        'GRANT CONNECT ON DATABASE "orders" TO "reports";',
        'CREATE EXTENSION "x" CASCADE;',
    ]


def test_a_database_that_is_as_declared_is_left_alone() -> None:
    declared = {"databases": {"orders": {"owner": "orders", "encoding": "utf-8", "extensions": ["x"]}}}
    assert said(declared, {"databases": {"orders": DATABASE}}, {"orders": ["x", "plpgsql"]}) == []


def test_owner_and_rights_follow() -> None:
    found = {"databases": {"orders": {**DATABASE, "owner": "postgres", "connect": ["orders", "old"], "public_connect": True}}}
    assert said({"databases": {"orders": {"owner": "orders", "connect": []}}}, found) == [
        'ALTER DATABASE "orders" OWNER TO "orders";',
        'REVOKE CONNECT, TEMPORARY ON DATABASE "orders" FROM PUBLIC;',
        'REVOKE CONNECT ON DATABASE "orders" FROM "old";',
    ]


def test_an_encoding_cannot_be_changed() -> None:
    text = refused({"databases": {"orders": {"encoding": "LATIN1"}}}, {"databases": {"orders": DATABASE}})
    assert "databases.orders.encoding is 'LATIN1'; expected the encoding of the database on the host, UTF8" in text


def test_a_database_goes_only_where_it_is_said_twice() -> None:
    assert "databases.a.state is 'absent'; expected drop: true with it" in refused({"databases": {"a": {"state": "absent"}}})
    gone = {"databases": {"a": {"state": "absent", "drop": True}}, "roles": {"a": {"state": "absent"}}}
    assert said(gone, {"databases": {"a": DATABASE}, "roles": {"a": ROLE}}) == ['DROP DATABASE "a";', 'DROP ROLE "a";']
    assert said(gone) == []
    assert "expected present" in refused({"databases": {"postgres": {"state": "absent", "drop": True}}})


@pytest.mark.parametrize("name", ["postgres", "pg_monitor", "public"])
def test_names_of_the_server_are_refused(name: str) -> None:
    assert "expected a role of your own" in refused({"roles": {name: {}}})


def test_a_misspelt_key_is_named_with_the_nearest() -> None:
    assert "Did you mean 'connection_limit'?" in refused({"roles": {"a": {"connection_limt": 1}}})
    assert "Did you mean 'owner'?" in refused({"databases": {"a": {"ownr": "b"}}})
    assert "roles.a is []; expected a mapping" in refused({"roles": {"a": []}})


def test_names_are_quoted() -> None:
    assert said({"roles": {'a"; DROP ROLE b; --': {"state": "absent"}}}, {"roles": {'a"; DROP ROLE b; --': ROLE}}) == [
        'DROP ROLE "a""; DROP ROLE b; --";'
    ]
    assert postgresql.literal("it's") == "'it''s'"


def test_slots_come_and_go_with_the_standbys_but_never_one_in_use() -> None:
    found = {"slots": {"groundwork_old": False, "groundwork_used": True, "foreign": False}}
    assert said({"slots": ["groundwork_db_2"]}, found) == [
        "SELECT pg_create_physical_replication_slot('groundwork_db_2', true);",
        "SELECT pg_drop_replication_slot('groundwork_old');",
    ]


def test_the_role_of_standbys_may_read_what_pg_rewind_reads() -> None:
    assert len(said({"roles": {"r": {"login": True, "reads_files": True}}}, {"roles": {"r": ROLE}})) == 4
    assert said({"roles": {"r": {"login": True, "reads_files": True}}}, {"roles": {"r": {**ROLE, "reads_files": True}}}) == []
