# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import re

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import postgresql_roles, scram
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.postgresql_roles import MARK, Role, plan, removal, script

PASSWORD = "correct horse"


def login(name: str, password: str = PASSWORD) -> str:
    return "%s:%s" % (name, password)


def made(name: str, password: str = PASSWORD, **more: object) -> Role:
    known = {
        "login": True,
        "verifier": scram.verifier(password),
        "comment": MARK + "orders",
        "owners": ["orders"],
        "acts_as": ["role=orders"],
    }
    return Role(name, **{**known, **more})  # type: ignore[arg-type]


def roles(*found: Role) -> dict[str, Role]:
    return {one.name: one for one in (Role("postgres", login=True, superuser=True), Role("orders"), *found)}


def test_a_new_owner_and_a_login() -> None:
    changes = plan({"orders": {"orders_a": PASSWORD}}, {})
    assert [(one.name, one.words) for one in changes] == [
        ("orders", "an owner that nobody logs in as"),
        ("orders_a", "may log in, has a new password, is a member of orders, acts as orders"),
    ]
    text = script(changes)
    assert 'CREATE ROLE "orders" NOLOGIN;' in text and 'GRANT "orders" TO "orders_a";' in text and PASSWORD not in text + repr(changes)


def test_what_is_as_declared_changes_nothing() -> None:
    assert plan({"orders": {"orders_a": PASSWORD}}, roles(made("orders_a"))) == []
    assert plan({"orders": {"orders_a": PASSWORD}}, roles(made("orders_a"), made("orders_b", login=False, verifier=""))) == []


@pytest.mark.parametrize(
    ("differs", "words"),
    [
        ({"login": False}, "may log in"),
        ({"verifier": ""}, "has a new password"),
        ({"owners": []}, "is a member of orders"),
        ({"acts_as": ["search_path=x"]}, "acts as orders"),
        ({"comment": ""}, "is marked"),
    ],
)
def test_what_differs_is_mended(differs: dict[str, object], words: str) -> None:
    [change] = plan({"orders": {"orders_a": PASSWORD}}, roles(made("orders_a", **differs)))
    assert (change.name, change.words) == ("orders_a", words)


def test_a_login_that_is_not_declared_any_more_is_locked_and_nobody_elses() -> None:
    [change] = plan({"orders": {"orders_b": PASSWORD}}, roles(made("orders_a"), made("orders_b"), made("ann", comment="")))
    assert (change.name, change.words, change.ends) == ("orders_a", "is locked", True)
    text = script([change])
    out, ends = text.index('ALTER ROLE "orders_a" NOLOGIN;'), text.index("pg_terminate_backend")
    assert out < text.index("COMMIT") < ends < text.index('ALTER ROLE "orders_a" NOLOGIN PASSWORD NULL;')


def test_who_comes_in_does_so_before_another_goes() -> None:
    changes = plan({"orders": {"orders_b": "another"}}, roles(made("orders_a"), made("orders_b", login=False, verifier="")))
    text = script(list(reversed(changes)))
    assert text.index('ALTER ROLE "orders_b" LOGIN;') < text.index('ALTER ROLE "orders_a" NOLOGIN;')


def test_removal_keeps_what_owns_something() -> None:
    found = roles(made("orders_a", owns=True), made("orders_b"), made("ann", comment=""))
    assert [(one.name, one.words) for one in removal(found)] == [("orders_a", "is locked"), ("orders_b", "is dropped")]
    assert [one.name for one in removal(roles(made("orders_a"), made("orders_b")))] == ["orders_a", "orders_b", "orders"]
    assert [one.name for one in removal({**roles(made("orders_a")), "orders": Role("orders", owns=True)})] == ["orders_a"]
    assert removal(roles()) == []


@pytest.mark.parametrize(
    ("owners", "told"),
    [
        ({"or ders": None}, "a name in owners is 'or ders'; expected the name of a role"),
        ({"orders": "hunter2-correct"}, "the options of owners['orders'] is 'no mapping'; expected logins"),
        ({"orders": {"login": "hunter2-correct"}}, "the options of owners['orders'] is ['login']; expected logins"),
        ({"orders": {"logins": "hunter2-correct"}}, "owners['orders'].logins is (hidden); expected logins, a line USER:PASSWORD"),
        ({"orders": {"logins": ""}}, "expected at least one login"),
        (
            {"orders": {"logins": "a:"}},
            "the password of a in owners['orders'].logins is (hidden); expected a password",
        ),
        ({"orders": {"logins": login("a", "hunter2") + "\n" + login("a", "hunter2-b")}}, "is 'a'; expected one password for a login"),
        ({"orders": {"logins": login("orders", "hunter2")}}, "expected a login of one owner, that is no owner itself"),
        ({"a": {"logins": login("x", "hunter2")}, "b": {"logins": login("x", "hunter2")}}, "expected a login of one owner"),
    ],
)
def test_wrong_input_shows_no_password(owners: dict[str, object], told: str) -> None:
    with pytest.raises(BadInput, match=re.escape(told)) as caught:
        postgresql_roles.wanted(owners)
    assert "hunter2" not in str(caught.value)


def test_superusers_and_logins_of_others_are_refused() -> None:
    with pytest.raises(BadInput, match="The login postgres is a superuser"):
        plan({"orders": {"postgres": PASSWORD}}, roles())
    with pytest.raises(BadInput, match="The login orders_a is one of orders; expected one of shop"):
        plan({"shop": {"orders_a": PASSWORD}}, roles(made("orders_a")))


def test_names_and_texts_stay_what_they_are() -> None:
    assert postgresql_roles.quoted('a"b') == '"a""b"' and postgresql_roles.literal("a'b") == "'a''b'"


def test_a_complaint_without_what_it_quotes() -> None:
    text = "psql:<stdin>:3: ERROR:  syntax error\nLINE 1: ALTER ROLE x PASSWORD 'SCRAM-SHA-256$4096:a$b:c';\n"
    assert postgresql_roles.told(text) == "psql:<stdin>:3: ERROR:  syntax error"


def test_what_the_server_answers() -> None:
    row = {"name": "orders_a", "login": True, "superuser": False, "verifier": None, "comment": None, "owners": ["orders"], "acts_as": None}
    found = postgresql_roles.observed(json.dumps([{**row, "owns": False}]))["orders_a"]
    assert found == Role("orders_a", login=True, owners=["orders"]) and found.owner == ""
