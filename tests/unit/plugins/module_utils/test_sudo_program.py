# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import sudo_program
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.sudo_program import Person, Program, Seen

PEOPLE = {
    "root": Person(0, ("root",), (0,)),
    "ana": Person(1000, ("ana", "sudo"), (1000, 27)),
    "ben": Person(1001, ("ben",), (1001,)),
    "zabbix": Person(110, ("zabbix",), (115,)),
}
BARE = Seen(Program("root", "root", "4755"), {"sudo": ("ana",)}, {}, ("ana",))
OURS = Program("root", "sudogrp", "4110")
KNOWN = {"group": "sudogrp", "made": True, "members": ["ana"], "program": "root root 4755", "override": ""}
DONE = Seen(OURS, {"sudo": ("ana",), "sudogrp": ("ana",)}, {sudo_program.PROGRAM: OURS}, ("ana",))


def rules(*lists: list[dict[str, Any]]) -> str:
    return json.dumps({"Defaults": [], "User_Specs": [{"User_List": one, "Host_List": [], "Cmnd_Specs": []} for one in lists]})


def commands(plan: sudo_program.Plan) -> list[str]:
    return [" ".join(one["command"]) for one in plan.commands]


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        ([{"username": "ana"}], ("ana",)),
        ([{"usergroup": "sudo"}], ("ana",)),
        ([{"userid": 1001}], ("ben",)),
        ([{"usergid": 115}], ("zabbix",)),
        ([{"username": "ALL"}], ("ana", "ben", "zabbix")),
        ([{"username": "ben", "negated": True}], ()),
        ([{"username": "root"}], ()),
        ([{"netgroup": "admins"}], ()),
    ],
)
def test_who_is_named_by_a_rule(listed: list[dict[str, Any]], found: tuple[str, ...]) -> None:
    assert sudo_program.entitled(rules(listed), PEOPLE) == found


def test_all_rules_count() -> None:
    assert sudo_program.entitled(rules([{"username": "zabbix"}], [{"usergroup": "sudo"}, {"userid": 1001}]), PEOPLE) == (
        "ana",
        "ben",
        "zabbix",
    )


@pytest.mark.parametrize("text", ["", "[]", '{"User_Specs": [{}]}', "cvtsudoers: syntax error"])
def test_rules_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="visudo"):
        sudo_program.entitled(text, PEOPLE)


@pytest.mark.parametrize("given", [{"group": "root"}, {"group": "Sudo"}, {"group": 7}, {"name": "sudogrp"}, {"group": "a", "mode": "4755"}])
def test_a_wrong_group_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        sudo_program.wanted(given)


def test_overrides_are_read() -> None:
    listing = "root crontab 2755 /usr/bin/crontab\nroot sudogrp 4110 /usr/bin/sudo\n"
    assert sudo_program.overrides(listing)["/usr/bin/sudo"] == OURS


def test_members_come_before_the_program_closes() -> None:
    plan = sudo_program.present(BARE, "sudogrp", {})
    assert commands(plan) == [
        "groupadd --system sudogrp",
        "gpasswd --add ana sudogrp",
        "dpkg-statoverride --add root sudogrp 4110 /usr/bin/sudo",
        "chown root:sudogrp /usr/bin/sudo",
        "chmod 4110 /usr/bin/sudo",
    ]
    assert plan.remembered == KNOWN


def test_the_journal_opens_the_program_before_it_takes_members_away() -> None:
    undone = [" ".join(one["undo"]) for one in reversed(sudo_program.effects(sudo_program.present(BARE, "sudogrp", {})))]
    assert undone == [
        "chown root:root /usr/bin/sudo",
        "chmod 4755 /usr/bin/sudo",
        "dpkg-statoverride --remove /usr/bin/sudo",
        "gpasswd --delete ana sudogrp",
        "groupdel sudogrp",
    ]


def test_a_second_run_does_nothing() -> None:
    plan = sudo_program.present(DONE, "sudogrp", KNOWN)
    assert plan.commands == [] and plan.remembered == KNOWN


def test_who_comes_and_goes() -> None:
    plan = sudo_program.present(replace(DONE, entitled=("ben",)), "sudogrp", KNOWN)
    assert commands(plan) == ["gpasswd --add ben sudogrp", "gpasswd --delete ana sudogrp"]
    assert plan.remembered["members"] == ["ben"]


def test_a_member_that_somebody_else_made_stays() -> None:
    plan = sudo_program.present(replace(DONE, groups={"sudogrp": ("ana", "carl")}), "sudogrp", KNOWN)
    assert plan.commands == [] and plan.remembered["members"] == ["ana"]


def test_an_override_of_somebody_else_comes_back() -> None:
    other = Program("root", "root", "4750")
    seen = replace(BARE, program=other, overrides={sudo_program.PROGRAM: other})
    plan = sudo_program.present(seen, "sudogrp", {})
    assert commands(plan)[2:4] == ["dpkg-statoverride --remove /usr/bin/sudo", "dpkg-statoverride --add root sudogrp 4110 /usr/bin/sudo"]
    assert commands(sudo_program.absent(DONE, plan.remembered)) == [
        "dpkg-statoverride --remove /usr/bin/sudo",
        "dpkg-statoverride --add root root 4750 /usr/bin/sudo",
        "chown root:root /usr/bin/sudo",
        "chmod 4750 /usr/bin/sudo",
        "gpasswd --delete ana sudogrp",
        "groupdel sudogrp",
    ]


def test_a_group_that_was_there_stays() -> None:
    seen = replace(BARE, groups={"sudogrp": ()})
    plan = sudo_program.present(seen, "sudogrp", {})
    assert plan.remembered["made"] is False
    assert "groupdel sudogrp" not in commands(sudo_program.absent(DONE, plan.remembered))


def test_what_somebody_changed_since_is_left() -> None:
    changed = replace(DONE, program=Program("root", "wheel", "4750"), overrides={})
    assert commands(sudo_program.absent(changed, KNOWN)) == ["gpasswd --delete ana sudogrp", "groupdel sudogrp"]


def test_nothing_is_remembered_so_nothing_is_put_back() -> None:
    assert sudo_program.absent(DONE, {}).commands == []


def test_a_stranger_is_refused() -> None:
    with pytest.raises(BadInput, match="'ben'"):
        sudo_program.lets_in("ben", DONE)
    for name in ("", "root", "ana"):
        sudo_program.lets_in(name, DONE)


def test_another_group_is_refused_while_one_is_remembered() -> None:
    with pytest.raises(BadInput, match="sudogrp"):
        sudo_program.same("wheel", KNOWN)
    sudo_program.same("", KNOWN)
    sudo_program.same("wheel", {})
