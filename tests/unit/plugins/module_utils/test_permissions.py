# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import permissions
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.permissions import Has


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({"etc/passwd": {"mode": "0644"}}, "absolute path or pattern"),
        ({"/etc/*/x": {"mode": "0644"}}, "absolute path or pattern"),
        ({"/etc/../x": {"mode": "0644"}}, "absolute path or pattern"),
        ({"/etc/": {"mode": "0644"}}, "absolute path or pattern"),
        ({"/etc/x": "0644"}, "a mapping of mode, owner, group"),
        ({"/etc/x": {"mod": "0644"}}, "Did you mean 'mode'"),
        ({"/etc/x": {"mode": 644}}, "an octal number in quotes"),
        ({"/etc/x": {"mode": "0694"}}, "an octal number in quotes"),
    ],
)
def test_what_no_path_can_have_is_refused(declared: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        permissions.wanted(declared)


def test_what_may_be_declared() -> None:
    assert permissions.wanted({"/etc/x": {"mode": "640", "group": "adm"}, "/etc/y": None, "/z": {"owner": 0}}) == [
        permissions.Wanted("/etc/x", 0o640, "", "adm"),
        permissions.Wanted("/z", None, "", ""),
    ]


def test_patterns_mean_what_they_mean_in_a_shell() -> None:
    names = ["b", "a", ".hidden", "a[1]"]
    assert permissions.matches("/x/*", names) == ["a", "a[1]", "b"]
    assert permissions.matches("/x/.*", names) == [".hidden"]
    assert permissions.matches("/x/a", names) == ["a"] and permissions.matches("/x/c", names) == []


def test_bits_are_only_taken() -> None:
    plan = permissions.plan(
        {"/a": Has(0o640, 0, 4), "/b": Has(0o640, -1, -1), "/c": Has(-1, 0, -1)},
        {"/a": Has(0o604, 0, 0), "/b": Has(0o600, 7, 7), "/c": Has(0o777, 7, 7)},
        {},
    )
    assert plan.change == {"/a": Has(0o600, 0, 4), "/c": Has(0o777, 0, 7)}
    assert plan.remembered == {"/a": [[0o604, 0, 0], [0o600, 0, 4]], "/c": [[0o777, 7, 7], [0o777, 0, 7]]}


KNOWN = {"/a": [[0o755, 0, 0], [0o700, 0, 0]]}


def test_a_second_run_changes_nothing_and_remembers_the_same() -> None:
    plan = permissions.plan({"/a": Has(0o700, -1, -1)}, {"/a": Has(0o700, 0, 0)}, KNOWN)
    assert plan.change == {} and plan.remembered == KNOWN


def test_what_an_upgrade_gave_back_is_taken_again() -> None:
    plan = permissions.plan({"/a": Has(0o700, -1, -1)}, {"/a": Has(0o755, 0, 0)}, KNOWN)
    assert plan.change == {"/a": Has(0o700, 0, 0)} and plan.remembered == KNOWN


def test_a_wider_declaration_gives_back_what_was_there_but_not_what_somebody_else_took() -> None:
    wider = {"/a": Has(0o750, -1, -1)}
    assert permissions.plan(wider, {"/a": Has(0o700, 0, 0)}, KNOWN).change == {"/a": Has(0o750, 0, 0)}
    assert permissions.plan(wider, {"/a": Has(0o500, 0, 0)}, KNOWN).change == {}


def test_what_is_not_declared_any_more_is_given_back_unless_somebody_else_changed_it() -> None:
    plan = permissions.plan({}, {"/a": Has(0o700, 0, 0)}, KNOWN)
    assert plan.change == {"/a": Has(0o755, 0, 0)} and plan.remembered == {}
    assert permissions.plan({}, {"/a": Has(0o711, 0, 0)}, KNOWN).change == {}
    assert permissions.plan({}, {}, KNOWN) == permissions.Plan({}, {})


def test_undone_from_the_end_the_owner_comes_before_the_bits() -> None:
    found = permissions.effects({"/a": Has(0o640, 0, 4)}, {"/a": Has(0o4755, 0, 0)})
    assert [one["undo"] for one in reversed(found)] == [["chown", "0:0", "--", "/a"], ["chmod", "4755", "--", "/a"]]
    assert len(permissions.effects({"/a": Has(0o640, 0, 0)}, {"/a": Has(0o4755, 0, 0)})) == 1


def test_what_belongs_to_somebody_is_given_back_in_their_name() -> None:
    found = permissions.effects({"/home/ana/.bashrc": Has(0o640, 1000, 1001)}, {"/home/ana/.bashrc": Has(0o644, 1000, 1001)})
    name = ["setpriv", "--reuid=1000", "--regid=1001", "--clear-groups", "--"]
    assert [one["undo"] for one in found] == [[*name, "chmod", "0644", "--", "/home/ana/.bashrc"]]


def test_homes_are_those_of_people() -> None:
    accounts = [
        SimpleNamespace(pw_uid=uid, pw_shell=shell, pw_dir=home)
        for uid, shell, home in (
            (0, "/bin/bash", "/root"),
            (1000, "/bin/bash", "/home/ana/"),
            (1001, "/usr/sbin/nologin", "/home/ben"),
            (1002, "/bin/sh", "/"),
            (1003, "/bin/sh", "/var/www"),
            (65534, "/bin/sh", "/nonexistent"),
        )
    ]
    assert permissions.homes(accounts, lambda path: 33 if path == "/var/www" else 1000) == ["/home/ana"]
