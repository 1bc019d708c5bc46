# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write every process that SSH starts on a host, and every file it brings there, as one JSON line to the file GROUNDWORK_CALLS.

A callback is told of tasks, and one task may be any number of calls, so the calls are counted where each of them passes: in the
connection. Workers are forks of the process that loads this file, and take over what it wraps.
"""

from __future__ import annotations

import functools
import itertools
import json
import os
from collections.abc import Callable
from typing import Any

from ansible.executor.task_executor import TaskExecutor
from ansible.plugins.action import ActionBase
from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import connection_loader

DOCUMENTATION = """
name: remote_calls
type: notification
short_description: Remote calls as JSON lines
description: For tests.
"""

# What this worker is at: a worker does one task for one host.
NOW: dict[str, Any] = {}
NUMBERS = itertools.count()
DEFAULTS = {"setup": ["all"], "facts": ["min", "network", "virtual"]}  # of gather_subset, of the modules that gather facts


def around(owner: Any, name: str, before: Callable[..., dict[str, Any]]) -> None:
    """Wrap a method: while it runs, NOW has in addition what `before` says of its arguments."""
    wrapped = getattr(owner, name)

    @functools.wraps(wrapped)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        outside = dict(NOW)
        NOW.update(before(self, *args, **kwargs))
        try:
            return wrapped(self, *args, **kwargs)
        finally:
            NOW.clear()
            NOW.update(outside)

    setattr(owner, name, wrapper)


def task_of(executor: Any, *_args: Any, **_kwargs: Any) -> dict[str, Any]:
    """Return whose task it is."""
    task = executor._task
    role = task._role.get_name(include_role_fqcn=False).rpartition(".")[2] if task._role else ""
    return {"host": executor._host.get_name(), "role": role, "task": task.get_name()}


def module_of(action: Any, module_name: str | None = None, module_args: Any = None, *_args: Any, **_kwargs: Any) -> dict[str, Any]:
    """Return which module is run, and of the one that gathers facts which."""
    name = str(module_name or action._task.action)
    given = action._task.args if module_args is None else module_args
    plain = name.rpartition(".")[2]
    execution = "%d-%d" % (os.getpid(), next(NUMBERS))
    return {
        "module": name,
        "execution": execution,
        **({"subset": list(given.get("gather_subset") or DEFAULTS[plain])} if plain in DEFAULTS else {}),
    }


def call(_connection: Any, *_args: Any, **_kwargs: Any) -> dict[str, Any]:
    """Write one line; short appends of several processes do not mix."""
    descriptor = os.open(os.environ["GROUNDWORK_CALLS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, (json.dumps(NOW) + "\n").encode())
    finally:
        os.close(descriptor)
    return {}


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "remote_calls"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        ssh = connection_loader.get("ansible.builtin.ssh", class_only=True)
        around(TaskExecutor, "run", task_of)
        around(ActionBase, "_execute_module", module_of)
        for method in ("exec_command", "put_file", "fetch_file"):
            around(ssh, method, call)
