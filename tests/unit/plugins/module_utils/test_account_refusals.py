# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import account_refusals
from ansible_collections.groundwork.fleet.plugins.module_utils.account_host import Host, User
from ansible_collections.groundwork.fleet.plugins.module_utils.account_keys import fingerprint
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

BLOB = "AAAAC3NzaC1lZDI1NTE5AAAAIFI6iUlzmAGobcnhscvuv1dkAnumHA4gLlO5bbth+bu0"
MINE = f"ssh-ed25519 {BLOB} ana"
OTHER = "ssh-ed25519 " + "B" * 60 + " ben"
PRESENT: dict[str, Any] = {"state": "present", "keys": [MINE], "exclusive_keys": True, "sudo": "none", "shell": None}


def host(**options: Any) -> Host:
    user = User("ana", 1000, "ana", "/home/ana", "/bin/bash", "", keys=MINE + "\n" + OTHER + "\n")
    return Host({"ana": user}, ["ana", "adm"], in_use=["ana"], **options)


def test_where_an_account_is_declared() -> None:
    assert account_refusals.place("x", PRESENT) == "users_accounts['x']"
    assert account_refusals.place("x", {"service": True}) == "users_service_accounts['x']"


@pytest.mark.parametrize("state", ["absent", "locked"])
def test_the_account_in_use_is_neither_removed_nor_locked(state: str) -> None:
    with pytest.raises(BadInput, match=rf"users_accounts\['ana'\]\.state is '{state}'.*cut itself off"):
        account_refusals.refuse({"ana": {"state": state}}, {}, host())


def test_the_key_of_the_connection_is_enough_where_it_is_known() -> None:
    assert account_refusals.would_drop(PRESENT, host().users["ana"])
    with pytest.raises(BadInput, match="without a key that the account has now"):
        account_refusals.refuse({"ana": PRESENT}, {}, host())
    account_refusals.refuse({"ana": PRESENT}, {}, host(used_key=fingerprint(BLOB)))
    with pytest.raises(BadInput, match="without the key of this connection"):
        account_refusals.refuse({"ana": {**PRESENT, "keys": [OTHER]}}, {}, host(used_key=fingerprint(BLOB)))


def test_nothing_is_dropped_where_the_keys_are_not_exclusive_or_the_account_is_new() -> None:
    assert account_refusals.would_drop({**PRESENT, "exclusive_keys": False}, host().users["ana"]) == []
    assert account_refusals.would_drop(PRESENT, None) == [] and account_refusals.would_drop({"state": "locked"}, host().users["ana"]) == []


def test_an_unknown_group_is_named_with_the_nearest() -> None:
    with pytest.raises(BadInput, match=r"users_service_accounts\['x'\]\.groups is 'amd'.*Did you mean 'adm'"):
        account_refusals.refuse({"x": {"state": "present", "service": True, "groups": ["amd"]}}, {}, host())


@pytest.mark.parametrize(("created", "keys", "refused"), [(True, None, True), (False, OTHER, True), (False, MINE + "\n" + OTHER, False)])
def test_taking_everything_back_keeps_the_account_in_use(created: bool, keys: str | None, refused: bool) -> None:
    here = host(record={"accounts": {"ana": {"created": created, "keys": keys}}})
    if not refused:
        return account_refusals.refuse_removal(here)
    with pytest.raises(BadInput, match="users_state is 'absent'"):
        account_refusals.refuse_removal(here)
    return None


def test_a_shell_that_the_host_does_not_have_is_refused_for_everybody_who_is_to_log_in() -> None:
    accounts = {
        "ana": {**PRESENT, "shell": "/bin/zhs"},
        "ben": {**PRESENT, "shell": "/bin/bash"},
        "cleo": PRESENT,
        "dan": {"state": "locked", "shell": "/bin/zhs"},
        "svc": {**PRESENT, "shell": "/opt/none", "service": True},
    }
    first, second = map(str, account_refusals.unusable_shells(accounts, lambda shell: shell == "/bin/bash", ["/bin/bash", "/bin/zsh"]))
    assert first.startswith("users_accounts['ana'].shell is '/bin/zhs'; expected a program") and "Did you mean '/bin/zsh'?" in first
    assert second.startswith("users_service_accounts['svc'].shell is '/opt/none'") and "/etc/shells: /bin/bash, /bin/zsh." in second
