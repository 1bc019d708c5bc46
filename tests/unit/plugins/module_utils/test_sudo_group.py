# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import sudo_group
from ansible_collections.groundwork.fleet.plugins.module_utils.permissions import Has


def rule(*users: dict[str, Any]) -> dict[str, Any]:
    return {"User_List": list(users)}


def users(policy: dict[str, Any]) -> list[str]:
    return sudo_group.users(policy, {"sudo": ["ana", "root"], "ops": ["ben"]}.get, ["ana", "ben", "cleo"])  # type: ignore[arg-type]


def test_who_has_a_rule() -> None:
    policy = {
        "User_Aliases": {"ADMINS": [{"usergroup": "sudo"}, {"useralias": "MORE"}], "MORE": [{"username": "deploy"}]},
        "User_Specs": [
            rule({"username": "root"}, {"usergroup": "ops"}),
            rule({"useralias": "ADMINS"}),
            rule({"username": "x", "negated": True}),
        ],
    }
    assert users(policy) == ["ana", "ben", "deploy"]
    assert users({"User_Specs": [rule({"username": "ALL"})]}) == ["ana", "ben", "cleo"]
    assert users({"User_Specs": [rule({"userid": 1000})]}) == ["ana", "ben", "cleo"], "what cannot be resolved shuts nobody out"
    assert users({}) == []


def test_sudo_waits_for_a_session_that_has_the_group() -> None:
    first = sudo_group.present("g", ["ana", "ben"], False, [], False, False, {})
    assert (first.make, first.add, first.change, first.pending) == (True, ["ana", "ben"], False, True)
    assert first.remembered == {"group": "g", "made": True, "added": ["ana", "ben"], "before": None}
    second = sudo_group.present("g", ["ana", "ben"], True, ["ana", "ben"], False, True, first.remembered)
    assert (second.make, second.add, second.change, second.pending) == (False, [], True, False)
    assert second.remembered == first.remembered
    assert sudo_group.present("g", [], True, [], True, True, {}).remembered["before"] == sudo_group.AS_PACKAGED
    third = sudo_group.present("g", ["ana", "cleo"], True, ["ana", "ben"], True, False, first.remembered)
    assert (third.add, third.change, third.pending, third.remembered["added"]) == (["cleo"], False, False, ["ana", "ben", "cleo"])


def test_only_what_was_added_is_taken_away() -> None:
    known = {"group": "g", "made": False, "added": ["ana", "gone"], "before": [0o4755, 0, 0]}
    plan = sudo_group.absent(["ana", "ben"], 990, known)
    assert (plan.remove, plan.drop, plan.change) == (["ana"], False, True)
    whole = sudo_group.absent(["ana", "ben"], 990, {**known, "made": True})
    assert (whole.remove, whole.drop) == ([], True)
    assert not sudo_group.absent([], -1, {**known, "made": True, "before": None}).change


def test_each_command_has_one_that_takes_it_back() -> None:
    plan = sudo_group.Plan(make=True, add=["ana"])
    assert sudo_group.commands(plan, "g") == [["groupadd", "--system", "g"], ["gpasswd", "--add", "ana", "g"]]
    assert [one["undo"] for one in sudo_group.effects(plan, "g")] == [["groupdel", "g"], ["gpasswd", "--delete", "ana", "g"]]
    back = sudo_group.Plan(remove=["ana"])
    assert sudo_group.commands(back, "g") == [["gpasswd", "--delete", "ana", "g"]]
    assert [one["undo"] for one in sudo_group.effects(back, "g")] == [["gpasswd", "--add", "ana", "g"]]


def test_a_group_that_comes_back_has_its_members_and_its_number() -> None:
    """Without them sudo, which comes back too, would let nobody in."""
    back = sudo_group.absent(["ben", "ana"], 990, {"made": True, "added": ["ana"], "before": [0o4755, 0, 0]})
    assert sudo_group.commands(back, "g") == [["groupdel", "g"]]
    undone = [one["undo"] for one in reversed(sudo_group.effects(back, "g"))]
    assert undone == [["groupadd", "--system", "--gid", "990", "g"], ["gpasswd", "--add", "ben", "g"], ["gpasswd", "--add", "ana", "g"]]


def test_the_groups_of_the_nearest_process_of_a_user() -> None:
    root, session, other = (
        "Uid:\t0\t0\t0\t0\nGroups:\t0\n",
        "Uid:\t1000\t1000\nGid:\t1000\nGroups:\t27 1000 \n",
        "Uid:\t1000\nGroups:\t99\n",
    )
    sudo = "Uid:\t1000\t0\t0\t0\nGroups:\t0\n"
    assert 27 in sudo_group.session_groups([root, sudo, session, other], 1000)
    assert 99 not in sudo_group.session_groups([root, session, other], 1000)
    assert sudo_group.session_groups([root], 1000) == []


def test_the_diff_names_the_members() -> None:
    assert sudo_group.described("/s", Has(0o4110, 0, 5), "g", ["ben", "ana"]) == "/s 4110 of group g\nmember: ana\nmember: ben\n"
