# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands around the deployment of a service: migrations, smoke tests, out of a load balancer and in again."""

from __future__ import annotations

import os
import pwd
from typing import Any, Dict, List, Mapping

from ansible_collections.groundwork.fleet.plugins.module_utils import processes
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, refuse_unknown_options

BEFORE = ("before_deploy", "drain")
AFTER = ("after_deploy", "undrain")
OPTIONS = ("argv", "user", "timeout")
SECONDS = 300.0
LINES = 15  # of what a hook said, in its error
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def checked(where: str, hook: Any) -> Dict[str, Any]:
    """Return a hook with its defaults: root, five minutes. Raises BadInput."""
    if not isinstance(hook, dict):
        raise bad_input(where, hook, "a mapping of %s" % ", ".join(OPTIONS), "Write {argv: [program, argument]}.")
    refuse_unknown_options(where, hook, OPTIONS)
    argv, seconds = hook.get("argv"), hook.get("timeout", SECONDS)
    if not isinstance(argv, list) or not argv or not all(isinstance(word, (str, int)) for word in argv):
        raise bad_input(where + ".argv", argv, "a list of words that starts with a program", "Write [curl, -fsS, ...]; there is no shell.")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or seconds <= 0:
        raise bad_input(where + ".timeout", seconds, "seconds", "Leave it out for %d." % SECONDS)
    return {"argv": [str(word) for word in argv], "user": str(hook.get("user") or "root"), "timeout": float(seconds)}


def as_user(name: str) -> Dict[str, Any]:
    """Return what subprocess needs to run a program as a user, with his groups. Raises BadInput where there is none."""
    try:
        account = pwd.getpwnam(name)
    except KeyError:
        raise BadInput("it is to run as %r, and the host has no such user" % name) from None
    if account.pw_uid == os.geteuid():
        return {}
    groups = os.getgrouplist(name, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": groups}


def run(where: str, hook: Mapping[str, Any]) -> None:
    """Run a hook. Raises BadInput with the last lines that it said, where it fails or takes too long."""
    command = " ".join(hook["argv"])
    try:
        options = as_user(hook["user"])
        code, said = processes.answer(
            hook["argv"], hook["timeout"], cwd="/", start_new_session=True, env={"PATH": PATH, "LC_ALL": "C.UTF-8"}, **options
        )
    except (OSError, BadInput) as error:
        raise BadInput("%s: %s could not be run: %s." % (where, command, getattr(error, "strerror", None) or error)) from error
    if code:
        last = [line for line in said.splitlines() if line.strip()][-LINES:]
        raise BadInput("%s: %s failed, exit status %d.%s" % (where, command, code, "".join("\n  " + line for line in last)))


def take_in(hooks: Mapping[str, Mapping[str, Any]]) -> List[str]:
    """Take services that were drained in again, after they were taken back. Returns what went wrong."""
    errors = []
    for name, own in hooks.items():
        if own.get("undrain"):
            try:
                run("services.%s.hooks.undrain" % name, own["undrain"])
            except BadInput as error:
                errors.append(str(error))
    return errors
