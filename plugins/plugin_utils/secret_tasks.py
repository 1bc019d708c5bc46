# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""References in tasks of anybody: in their variables, arguments, loops and environments, and in how a host is connected to.

This collection's own tasks replace references by themselves, later and by name (secret_values). Every other task runs in a worker, a
fork of the main process; there, before anything is rendered, each reference becomes a template that looks its secret up when it is used.
What is rendered and is a reference all the same is refused, so that no `secret://…` is written out as a text. ADR 0011.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.executor.process.worker import WorkerProcess
from ansible.plugins.action import ActionBase
from ansible.vars.manager import VariableManager
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import is_trusted
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_output import tell_main_process, wrap
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SCHEME, is_reference, parse, texts
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_values import NOT_OF_USERS, SecretValues, looked_up, refuse_embedded

COLLECTION = "groundwork.fleet"
FIELDS = ("args", "environment", "loop", "module_defaults")  # of a task, and of the blocks and the play that it is in
_INSTALLED: list[int] = []
_OF_OTHERS: list[int] = []  # in a worker: its task is not one of this collection


def install() -> None:
    """Look references up in every task that this process, the main one, starts from now on."""
    if not _INSTALLED:
        _INSTALLED.append(1)
        wrap(WorkerProcess, "run", _prepared)
        wrap(VariableManager, "get_vars", _of_any_host)
        wrap(ActionBase, "run", _refusing)


def arrived() -> None:
    """Install, as a worker has asked for."""
    install()


def from_now_on() -> None:
    """Have references looked up in all further tasks of the run that this worker belongs to."""
    tell_main_process(__name__)


def is_own(task: Any) -> bool:
    """Tell whether a task is one of this collection: its action, or the role that it stands in."""
    action = getattr(task, "_resolved_action", None) or task.action
    role = getattr(task, "_role", None)
    return str(action).startswith(COLLECTION + ".") or getattr(role, "_role_collection", None) == COLLECTION


def with_lookups(variables: Mapping[str, Any], own: bool = False) -> dict[str, Any]:
    """Return raw variables with a lookup in the place of each reference. own: those of connections only, `ansible_password` for example."""
    helpers: dict[str, Any] = {}
    found = {}
    for name, value in variables.items():
        if str(name).startswith("ansible_") and isinstance(value, str):
            found[name] = looked_up(value, helpers)
        else:
            found[name] = value if own or NOT_OF_USERS.match(str(name)) else looked_up(value, helpers)
    return {**found, **helpers}


def _levels(task: Any) -> Iterator[Any]:
    """Yield a task and what it inherits from."""
    one = task
    while one is not None:
        yield one
        above = getattr(one, "_parent", None)
        one = above if above is not None else getattr(one, "_play", None)


def _prepared(original: Callable[..., Any], worker: Any) -> Any:
    """Run a worker, in its own process, with lookups in place of references."""
    task, own = worker._task, is_own(worker._task)
    variables = with_lookups(worker._task_vars, own)
    if not own:
        _OF_OTHERS.append(1)
        for level in _levels(task):
            for name in FIELDS:
                given = vars(level).get("_" + name)
                if isinstance(given, (str, list, dict)):
                    setattr(level, "_" + name, looked_up(given, variables))
    worker._task_vars = variables
    return original(worker)


def _of_any_host(original: Callable[..., Any], manager: Any, *arguments: Any, **options: Any) -> Any:
    """Return variables as a worker reads them of other hosts: `hostvars`, and those of a host that a task is delegated to."""
    found = original(manager, *arguments, **options)
    if multiprocessing.parent_process() is None:
        return found
    return with_lookups(found, own=not _OF_OTHERS)


def _refusing(original: Callable[..., Any], action: Any, tmp: Any = None, task_vars: Any = None) -> Any:
    """Run the begin of an action, unless one of its arguments is a reference still, or has one within it."""
    if not is_own(action._task):
        try:
            for where, text in texts(action._task.args, "args"):
                if SCHEME in text:
                    _refuse(text, where, lambda: SecretValues(action._loader, action._templar, task_vars or {}).context.backends)
        except BadInput as error:
            raise AnsibleActionFail(str(error)) from None
    return original(action, tmp, task_vars)


def _refuse(text: str, where: str, backends: Callable[[], Iterable[str]]) -> None:
    """Raise BadInput for a text of a finished argument that would be written out with a reference in it."""
    if _is_whole(text):
        remedy = "Write the reference itself where it stands: db_password: secret://vault/{{ inventory_hostname }}#password."
        expected = "no reference that a template or a host made; only what stands in an inventory or playbook is looked up"
        raise bad_input(where, text, expected, remedy)
    if not is_reference(text) and is_trusted(text):  # what was read somewhere may mention references
        refuse_embedded(text, where, backends())


def _is_whole(text: str) -> bool:
    """Tell whether a text is a reference to its end."""
    try:
        parse(text)
    except BadInput:
        return False
    return True
