# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_rotation, secrets
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_keeper import Age
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_rotation import BY_HAND, BY_NAME, DUE, FRESH, RESUMED, WAITS, Secret
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_rotation_state import ACCEPTING, DEPLOYING, Rotation, State
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2027, 1, 1, tzinfo=UTC)
DB = "secret://file/db"
BACKENDS = secrets.configured(None)


def found(*texts: str, periods: object = None, place: str = "fleet_services.a.secrets.x", host: str = "web-1") -> dict[str, Secret]:
    return secret_rotation.gathered({host: [(place, text) for text in texts]}, periods, BACKENDS)


def days_old(days: float, replaces: bool = True, refusal: str = "") -> Age:
    return Age((NOW - timedelta(days=days)).timestamp(), replaces, refusal)


def decide(one: dict[str, Secret], age: Age, asked: Any = None, unfinished: tuple[str, ...] = (), unreached: tuple[str, ...] = ()) -> Any:
    names = secret_rotation.names_asked(asked, one)
    return secret_rotation.decided(one, dict.fromkeys(one, age), names, dict.fromkeys(unfinished, 0.0), NOW, frozenset(unreached))[0]


def test_all_ways_to_write_a_reference_are_one_secret() -> None:
    every = found(DB, DB + "?generate=password", DB + "?generate=password&rotate_after=90d", DB + "?generate=password&rotate_after=12w")
    assert list(every) == [DB]
    assert every[DB].recipe is not None and every[DB].after == timedelta(weeks=12)  # the shortest counts
    assert every[DB].users == {"web-1": ["fleet_services.a.secrets.x"] * 4}


def test_who_lets_in_is_told_from_who_uses_it() -> None:
    login = DB + "?generate=login&users=a_1,a_2"
    every = found(login, place="postgresql_logins_owners.a.login", host="db-1")
    assert (list(every[DB].users), list(every[DB].acceptors)) == (["db-1"], [])
    every = found(login + "&rotation=accepted", login + "&rotation=next", place="postgresql_logins_owners.a.login", host="db-1")
    assert (list(every), list(every[DB].users), list(every[DB].acceptors)) == ([DB], [], ["db-1"])
    assert every[DB].hosts == {"db-1"} and secret_rotation.obstacle(every[DB], True) == ""


def test_two_recipes_of_one_secret_are_refused() -> None:
    with pytest.raises(BadInput, match="'secret://file/db'; expected the same generate"):
        found(DB + "?generate=password", DB + "?generate=password&length=20")


@pytest.mark.parametrize(
    ("text", "periods", "after"),
    [
        (DB, {"secret://file/*": "90d"}, timedelta(days=90)),
        (DB, {"secret://file/d*": "never", "secret://file/*": "90d"}, None),
        (DB, {"secret://env/*": "90d"}, None),
        (DB + "?rotate_after=36h", {"secret://file/*": "90d"}, timedelta(hours=36)),
        (DB + "?rotate_after=never", {"secret://file/*": "90d"}, None),
    ],
)
def test_the_period_of_a_secret(text: str, periods: object, after: timedelta | None) -> None:
    assert found(text, periods=periods)[DB].after == after


@pytest.mark.parametrize(
    ("periods", "told"),
    [
        (["90d"], "fleet_secret_rotation is ['90d']; expected a mapping"),
        ({"file/*": "90d"}, "a key of fleet_secret_rotation is 'file/*'; expected a reference"),
        ({"secret://file/*": "3 months"}, "is '3 months'; expected a number of days"),
        ({"secret://file/*": 90}, "is 90; expected a number of days"),
        ({"secret://file/*": "0d"}, "is '0d'; expected a number of days"),
    ],
)
def test_wrong_periods(periods: object, told: str) -> None:
    with pytest.raises(BadInput, match=re.escape(told)):
        found(DB, periods=periods)


@given(age=st.floats(0, 400), period=st.integers(1, 400))
def test_a_secret_is_due_at_its_period_and_not_before(age: float, period: int) -> None:
    one = decide(found(DB + "?generate=password&rotate_after=%dd" % period), days_old(age))
    assert one.rotates == (one.due <= NOW.timestamp())
    assert one.state == (DUE if one.rotates else FRESH)
    if abs(age - period) > 0.001:
        assert one.rotates == (age > period)


@given(
    age=st.none() | st.floats(0, 400),
    period=st.none() | st.integers(1, 400),
    replaces=st.booleans(),
    refusal=st.sampled_from(["", "It is sealed."]),
    generate=st.sampled_from(["", "generate=password", "generate=ssh_key", "generate=ssh_key&part=public"]),
    begun=st.booleans(),
    reached=st.booleans(),
)
def test_a_new_version_is_written_only_where_it_can_be(
    age: float | None, period: int | None, replaces: bool, refusal: str, generate: str, begun: bool, reached: bool
) -> None:
    options = "&".join(filter(None, [generate, "rotate_after=%dd" % period if period else ""]))
    known = Age(None if age is None else days_old(age).changed, replaces, refusal)
    one = decide(
        found(DB + ("?" + options if options else "")), known, unfinished=(DB,) if begun else (), unreached=() if reached else ("web-1",)
    )
    if begun:
        assert one.state == RESUMED
    elif one.rotates:
        assert period and age is not None and replaces and generate in ("generate=password", "generate=ssh_key") and not refusal and reached
    elif one.state in (BY_HAND, WAITS):
        assert one.remedy


@pytest.mark.parametrize(
    ("text", "age", "unreached", "told"),
    [
        (DB, days_old(1), (), "does not say how it is made"),
        (DB + "?generate=token", days_old(1, replaces=False), (), "The backend file cannot write a new version"),
        (DB + "?generate=token", days_old(1, refusal="It is sealed."), (), "It is sealed."),
        (DB + "?generate=ssh_key&part=public", days_old(1), (), "Its public half is used too"),
        (DB + "?generate=login&users=a_1,a_2", days_old(1), (), "Nobody accepts the login of the next user"),
        (DB + "?generate=token", days_old(1), ("web-1",), "expected a secret whose hosts can all be reached. Not now: web-1."),
    ],
)
def test_what_was_asked_for_and_cannot_be_is_refused(text: str, age: Age, unreached: tuple[str, ...], told: str) -> None:
    with pytest.raises(BadInput, match=re.escape(told)):
        decide(found(text), age, asked=DB, unreached=unreached)


def test_what_is_due_and_cannot_be_does_not_hold_up_others() -> None:
    one = decide(found(DB + "?rotate_after=1d"), days_old(2))
    assert (one.state, one.rotates) == (BY_HAND, False)
    held = decide(found(DB + "?generate=token&rotate_after=1d"), days_old(2), unreached=("web-1", "other"))
    assert (held.state, held.remedy) == (WAITS, "web-1")


@pytest.mark.parametrize("asked", [DB, "file/db", [DB], DB + "?generate=token", " %s ," % DB])
def test_by_name_whatever_the_age(asked: object) -> None:
    assert decide(found(DB + "?generate=token"), days_old(0), asked=asked).state == BY_NAME


def test_a_name_that_nobody_uses() -> None:
    with pytest.raises(
        BadInput, match=re.escape("rotate is 'secret://file/bd'; expected a reference that a host of the inventory uses. Did you mean")
    ):
        secret_rotation.names_asked("secret://file/bd", [DB])


def test_places_of_uses() -> None:
    variables = {
        "fleet_services": {"a": {"secrets": {"x": DB}}},
        "own": [{"password": "secret://file/own"}],
        "gone": {"state": "absent", "x": "secret://file/gone"},
        "broken": "secret://file/{{ x }}",
        "wrong": "secret://nowhere/x",
        "rotate": "secret://file/asked",
        "rotation_waves": "secret://file/waves",
        "__kept": "secret://file/kept",
        "hostvars": "secret://file/others",
        "plain": "text",
    }

    def render(value: Any) -> Any:
        if "{{" in str(value):
            raise AnsibleError("x is undefined")
        return value

    names = list(secret_rotation.raw_uses(variables, ["fleet"], re.compile("^hostvars$")))
    uses, wrong = secret_rotation.used(variables, names, render, BACKENDS)
    assert uses == [("fleet_services.a.secrets.x", DB), ("own[0].password", "secret://file/own")]
    assert len(wrong) == 1 and wrong[0].startswith("wrong is 'secret://nowhere/x'")


@pytest.mark.parametrize(
    ("place", "role"),
    [
        ("fleet_services.a.secrets.x", "services"),
        ("fleet_services.a.metrics[0].auth", "exporters"),
        ("fleet_services.a.logs.x", "log_shipping"),
        ("fleet_services.a.health.x.http.token", "health"),
        ("log_server_x", "log_server"),
        ("exporters_enabled.node.password", "exporters"),
        ("fleet_admins.ann.password", "users"),
        ("own", "services"),
    ],
)
def test_the_role_that_uses_a_secret(place: str, role: str) -> None:
    assert secret_rotation.role_of(place) == role


def test_roles_in_their_order_and_only_where_the_host_has_them() -> None:
    places = ["monitoring_x", "exporters_x", "own"]
    assert secret_rotation.roles_of(places, []) == ["services", "exporters"]
    assert secret_rotation.roles_of(places, ["monitoring"]) == ["services", "exporters", "monitoring"]
    state = State({DB: Rotation(DEPLOYING, "2027-01-01")})
    one = found(DB, place="monitoring_x")
    assert secret_rotation.hosts_of(one, state, DEPLOYING, {"web-1": []}) == {}
    got = secret_rotation.hosts_of(one, state, DEPLOYING, {"web-1": ["monitoring"]})
    assert got == {"web-1": {"names": [DB], "roles": ["monitoring"]}}
    assert secret_rotation.hosts_of(one, state, ACCEPTING, {"web-1": ["monitoring"]}) == {}


def test_hosts_that_were_not_looked_at_and_stores_that_differ() -> None:
    with pytest.raises(BadInput, match="uses is 'web-2'; expected every host"):
        secret_rotation.unseen({"web-1": {}}, ["web-1", "web-2"])
    secret_rotation.unseen({"web-1": {}}, ["web-1"])
    secret_rotation.one_meaning({"a": {"file": "1"}, "b": {"file": "1", "vault": "2"}})
    with pytest.raises(BadInput, match=r"fleet_secret_backends is 'file'.* between a and b"):
        secret_rotation.one_meaning({"a": {"file": "1"}, "b": {"file": "2"}})
