# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether who is connected still gets in and becomes root after a plan of accounts: asked of sshd and sudo before it is carried out."""

from __future__ import annotations

import os
from typing import Any, Dict, Mapping, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import processes, ssh_access, ssh_trial, sshd_trial, sudo_trial
from ansible_collections.groundwork.fleet.plugins.module_utils.account_host import Host, User
from ansible_collections.groundwork.fleet.plugins.module_utils.accounts import Plan
from ansible_collections.groundwork.fleet.plugins.module_utils.program_paths import located
from ansible_collections.groundwork.fleet.plugins.module_utils.ssh_trial import Verdict

SECONDS = 20
PREFIX = "groundwork-"


def drop_in(name: str) -> str:
    """Return the path of the sudo drop-in of an account. sudo does not read names with a dot (sudoers(5)), so a dot is written as %2E."""
    return os.path.join(sudo_trial.DIRECTORY, PREFIX + name.replace(".", "%2E"))


def staged(files: Mapping[str, Mapping[str, Any]], host: Host) -> Dict[str, Optional[str]]:
    """Return all our sudo drop-ins as they will be: path to text, None for one that goes. files: as the filter sudo_files gives them."""
    gone: Dict[str, Optional[str]] = {drop_in(name): None for name in host.sudoers}
    return {**gone, **{path: entry.get("content") for path, entry in files.items()}}


def keys_verdict(user: User, text: Optional[str], used: str) -> Verdict:
    """Have a second sshd read the keys of the account in use as they will be. used: the connection's key, where it is known already."""
    sshd, connection = located("sshd"), sshd_trial.connection()
    if sshd is None or not connection.address:
        missing = "this host has none" if sshd is None else "this is no connection by SSH"
        return Verdict(unproven=["no second sshd is tried: %s" % missing])
    code, report = processes.answer([sshd, "-T", "-C", ssh_trial.criteria(user.name, "", connection)], SECONDS)
    if code != 0:
        return Verdict(unproven=["sshd does not say how it works now: %s" % report.strip()])
    ours = os.path.join(user.home, ".ssh", "authorized_keys")
    files = ssh_access.key_files(report, user.name, user.home, user.uid)
    if ours not in files:
        return Verdict(unproven=["AuthorizedKeysFile of sshd names %s; %s is not read" % (" ".join(files), ours)])
    places = [ours, *(path for path in files if path != ours)]
    known = used or sshd_trial.used_key(user.name, connection)
    return sshd_trial.attempt(sshd, report, user.name, text or "", known, places)


def groups_verdict(user: User, groups: Sequence[str]) -> Verdict:
    """Ask sshd whether its lists admit the account in use with the groups that it will have."""
    sshd = located("sshd")
    if sshd is None or set(groups) == {user.group, *user.groups}:
        return Verdict()
    connection = sshd_trial.connection()
    code, report = processes.answer([sshd, "-T", "-C", ssh_trial.criteria(user.name, "", connection)], SECONDS)
    person = ssh_access.Person(user.name, user.uid, groups, address=connection.address)
    return Verdict("; ".join(ssh_access.excluded_by_list(ssh_access.effective(report), person)) if code == 0 else "")


def verdict(plan: Plan, files: Mapping[str, Optional[str]], host: Host) -> Verdict:
    """Ask for the accounts in use. files: our sudo drop-ins as they will be."""
    found = Verdict()
    for name in dict.fromkeys(host.in_use):
        user = host.users.get(name)
        if user is not None and name in plan.members:
            found = found.joined(groups_verdict(user, plan.members[name]))
        if user is not None and name in plan.keys and plan.keys[name]["text"] != user.keys:
            found = found.joined(keys_verdict(user, plan.keys[name]["text"], host.used_key))
    if host.sudo_user in host.users and sudo_trial.changes(files):
        found = found.joined(sudo_trial.attempt(host.sudo_user, files))
    return found
