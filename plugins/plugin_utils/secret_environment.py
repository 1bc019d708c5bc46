# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment of a task, with its secrets off command lines.

Ansible hands `environment` to a host as words of the command that it runs there, which everybody on host and controller can read. What
is secret of it goes into a file of the task's temporary directory (0700 there, removed with the task) instead, which the shell reads.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from typing import Any

FILE = "groundwork-environment"


def script(variables: Mapping[str, Any]) -> str:
    """Return what a shell reads to have these variables and hand them on."""
    return "".join("export %s=%s\n" % (name, shlex.quote(str(value))) for name, value in variables.items())


def by_file(text: str, variables: Mapping[str, Any], action: Any, is_secret: Callable[[Any], bool]) -> str:
    """Return what stands before the command that an action runs on its host.

    text: what Ansible would put there. variables: the environment that this is. Windows takes it another way, off the command line.
    """
    secret = {name: value for name, value in variables.items() if is_secret(value)}
    shell = action._connection._shell
    if not secret or shell.SHELL_FAMILY != "sh":
        return text
    if shell.tmpdir is None:
        action._make_tmp_path()
    path = shell.join_path(shell.tmpdir, FILE)
    if getattr(action, "_groundwork_environment", None) != (path, secret):  # an action asks twice
        action._transfer_data(path, script(secret))
        action._fixup_perms2((shell.tmpdir, path))
        action._groundwork_environment = (path, secret)
    return ". %s && %s" % (shell.quote(path), shell.env_prefix(**{name: value for name, value in variables.items() if name not in secret}))
