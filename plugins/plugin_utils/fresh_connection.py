# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module over a connection that is new: TCP, authentication and privileges prove themselves again.

What an existing connection proves is that it was possible to connect once: the multiplexed socket of ssh (ControlMaster) goes on working
after sshd, the firewall or sudo refuse everybody.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleError

# ssh takes the first value that it meets, and ssh_args come first; ansible-core adds a path of its own only where none is given.
ALONE = "-o ControlMaster=no -o ControlPath=none"
# These keep one connection per task, inside of the worker's process: after a reset they connect anew.
RECONNECTING = ("paramiko", "paramiko_ssh", "libssh")


def _ssh_args(connection: Any) -> str | None:
    """Return the arguments that a connection hands to ssh, None for one that does not start ssh."""
    try:
        return str(connection.get_option("ssh_args") or "")
    except (KeyError, AnsibleError):
        return None


def _reset(connection: Any) -> bool:
    """Let a connection begin anew. Returns whether it knows how to."""
    with contextlib.suppress(AnsibleError, OSError, AttributeError, NotImplementedError):
        connection.reset()
        return True
    return False


@contextlib.contextmanager
def fresh(connection: Any) -> Iterator[bool]:
    """Let everything inside go over new connections; gives whether that is so. Tasks that follow do not use the old one either."""
    arguments = _ssh_args(connection)
    if arguments is None:
        was_reset = _reset(connection)
        yield was_reset and str(getattr(connection, "_load_name", "")).rpartition(".")[2] in RECONNECTING
        return
    connection.set_option("ssh_args", ("%s %s" % (ALONE, arguments)).strip())
    try:
        yield True
    finally:
        connection.set_option("ssh_args", arguments)
        _reset(connection)


def execute_fresh(action: Any, module_name: str, module_args: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
    """Run a module of the host for an action plugin, with the privileges that its task asks for, over a new connection.

    The answer has `fresh`: whether the connection was new, which it cannot be where there is none (local, docker).
    Raises AnsibleError where no connection comes about.
    """
    with fresh(action._connection) as is_fresh:
        answer: dict[str, Any] = action._execute_module(module_name=module_name, module_args=dict(module_args), task_vars=task_vars)
    return {**answer, "fresh": is_fresh}
