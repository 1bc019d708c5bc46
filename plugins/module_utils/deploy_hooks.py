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
from ansible_collections.groundwork.fleet.plugins.module_utils.program_paths import located

BEFORE = ("before_deploy", "drain")
AFTER = ("after_deploy", "undrain")
OPTIONS = ("argv", "user", "timeout", "credentials", "encrypted", "environment_file")
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
    credentials = hook.get("credentials") or {}
    if not isinstance(credentials, dict):
        raise bad_input(where + ".credentials", credentials, "a mapping of name to path", "Write {token: /etc/orders.token}.")
    found: Dict[str, Any] = {"argv": [str(word) for word in argv], "user": str(hook.get("user") or "root"), "timeout": float(seconds)}
    if credentials or hook.get("environment_file"):
        found["credentials"] = {str(name): str(path) for name, path in credentials.items()}
        found.update(encrypted=bool(hook.get("encrypted")), environment_file=str(hook.get("environment_file") or ""))
    return found


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


def in_unit(hook: Mapping[str, Any], program: str) -> List[str]:
    """Return the command that runs a hook with the secrets of its service, by systemd-run(1): systemd reads and decrypts them, so they
    stand in no argument and not in the environment of any other process."""
    load = "LoadCredentialEncrypted" if hook["encrypted"] else "LoadCredential"
    settings = ["User=%s" % hook["user"], "RuntimeMaxSec=%g" % hook["timeout"], "WorkingDirectory=/"]
    settings += ["%s=%s:%s" % (load, name, path) for name, path in sorted(hook["credentials"].items())]
    settings += ["EnvironmentFile=%s" % hook["environment_file"]] if hook["environment_file"] else []
    words = [program, "--quiet", "--wait", "--pipe", "--collect", "--service-type=exec"]
    words += ["--setenv=PATH=" + PATH, "--setenv=LC_ALL=C.UTF-8", *("--property=" + setting for setting in settings)]
    return [*words, "--", *hook["argv"]]


def command_of(hook: Mapping[str, Any]) -> Dict[str, Any]:
    """Return what is run and as whom. Raises BadInput where the host has no such user, or no systemd-run where it is needed."""
    options = as_user(hook["user"])
    if "credentials" not in hook:
        return {"command": hook["argv"], **options}
    program = located("systemd-run")
    if program is None:
        raise BadInput("it gets the secrets of its service by systemd-run, and the host has none")
    return {"command": in_unit(hook, program)}


def run(where: str, hook: Mapping[str, Any]) -> None:
    """Run a hook. Raises BadInput with the last lines that it said, where it fails or takes too long."""
    command = " ".join(hook["argv"])
    try:
        options = command_of(hook)
        words = options.pop("command")
        code, said = processes.answer(
            words, hook["timeout"], cwd="/", start_new_session=True, env={"PATH": PATH, "LC_ALL": "C.UTF-8"}, **options
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
