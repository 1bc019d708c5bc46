# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps secrets out of what a run puts out: screen and log, what callbacks are given, cached facts, journals and command lines of hosts.

Tasks run in workers, outputs are made by the main process. A worker that resolves a secret tells the main process of it over the queue
that its messages and its result go through, so before them: what it sends is an object that, read there, registers the secret. ADR 0009
says what this covers.
"""

from __future__ import annotations

import copy
import functools
import multiprocessing
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

from ansible.executor import task_queue_manager, task_result
from ansible.executor.stats import AggregateStats
from ansible.playbook.task import Task
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible.vars.manager import VariableManager
from ansible_collections.groundwork.fleet.plugins.module_utils import errors
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_environment
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import tell_core
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_masks import Masks, forms

MASKS = Masks()
_LOCK = threading.Lock()
_INSTALLED: list[int] = []
TEXTS = ("display", "warning", "error", "deprecated", "system_warning", "banner", "verbose")
# What the main process does where it reads a message, in a thread of its own. A worker that is forked in the middle of an import would
# wait for the end of that import for ever, so the module is imported under the lock that ansible-core forks under.
ARRIVAL = """
import importlib
from ansible.utils.display import Display
with Display()._lock:
    arrived = importlib.import_module(module).arrived
arrived(*arguments)
"""


class Message(str):
    """An empty text that calls `arrived` of a module in the process that reads it from a queue."""

    module: str = ""
    arguments: tuple[Any, ...] = ()

    def __reduce__(self) -> tuple[Callable[..., None], tuple[Any, ...]]:
        """Tell pickle to call `arrived` where this is read, after what that needs has been imported."""
        return exec, (ARRIVAL, {"module": self.module, "arguments": self.arguments})


def tell_main_process(module: str, *arguments: Any) -> None:
    """Call `arrived` of a module in the main process, before that gets anything that this worker sends from now on."""
    queue = getattr(Display(), "_final_q", None)
    if queue is not None and multiprocessing.parent_process() is not None:
        message = Message("")
        message.module, message.arguments = module, arguments
        queue.send_display("debug", message)


def arrived(values: Iterable[bytes]) -> None:
    """Register secrets that a worker resolved, here in the main process."""
    _add(values)


def register(values: Iterable[bytes]) -> None:
    """Keep these values out of all output of the run from now on."""
    fresh = _add(values)
    if fresh:
        tell_main_process(__name__, tuple(sorted(fresh)))


def _add(values: Iterable[bytes]) -> set[bytes]:
    with _LOCK:
        fresh = MASKS.add(values)
        if fresh and not _INSTALLED:
            _INSTALLED.append(1)
            install()
    if fresh:
        tell_core(form for value in fresh for form in forms(value))
    return fresh


def install() -> None:
    """Put the masks in front of this process's outputs."""
    errors.conceal = MASKS.text  # before a long value is cut: half a secret would not be known any more
    for name in TEXTS:
        wrap(Display, name, _with_masked_arguments)
    wrap(VariableManager, "set_host_facts", _with_masked_arguments)
    wrap(ActionBase, "_update_module_args", _without_a_log_entry)
    wrap(ActionBase, "_compute_environment_string", _off_command_lines)
    wrap(task_queue_manager.TaskQueueManager, "send_callback", _with_masked_event)
    if hasattr(task_result.TaskResult, "clean_copy"):  # ansible-core 2.18
        wrap(task_result.TaskResult, "clean_copy", _masked_copy)
    else:
        _wrap_result_of_callbacks(task_result.CallbackTaskResult)
    sys.excepthook = _without_secrets(sys.excepthook)


def wrap(owner: Any, name: str, around: Callable[..., Any]) -> None:
    """Replace a method by one that calls `around` with it; what this version of ansible-core lacks is passed over."""
    original = getattr(owner, name, None)
    if original is None:
        return

    @functools.wraps(original)
    def wrapper(self: Any, *arguments: Any, **options: Any) -> Any:
        return around(original, self, *arguments, **options)

    setattr(owner, name, wrapper)


def _with_masked_arguments(original: Callable[..., Any], owner: Any, *arguments: Any, **options: Any) -> Any:
    return original(owner, *MASKS.value(arguments), **MASKS.value(options))


def _without_a_log_entry(original: Callable[..., Any], owner: Any, name: str, arguments: dict[str, Any], *more: Any, **options: Any) -> Any:
    """Have a module that is given a secret write nothing into the host's journal: each logs what it was invoked with."""
    found = original(owner, name, arguments, *more, **options)
    if MASKS.touches(arguments):
        arguments["_ansible_no_log"] = True
    return found


def _off_command_lines(original: Callable[..., Any], owner: Any, raw_environment_out: dict[str, Any] | None = None) -> Any:
    """Hand the secrets of a task's environment to its host by a file."""
    variables: dict[str, Any] = {} if raw_environment_out is None else raw_environment_out
    return secret_environment.by_file(original(owner, variables), variables, owner, MASKS.touches)


def _with_masked_event(original: Callable[..., Any], owner: Any, *arguments: Any, **options: Any) -> Any:
    """Hand callbacks tasks and statistics without secrets; results are masked where the copy for a callback is made."""
    given = []
    for one in arguments:
        if isinstance(one, Task):
            given.append(_masked_task(one))
        elif isinstance(one, AggregateStats):
            masked = copy.copy(one)
            masked.custom = MASKS.value(one.custom)
            given.append(masked)
        else:
            given.append(MASKS.text(one) if isinstance(one, str) else one)
    return original(owner, *given, **options)


def _masked_task(task: Any) -> Any:
    """Return a task of which neither name nor arguments have a secret; the very task where they have none."""
    shown = {name: getattr(task, name, None) for name in ("name", "args")}
    masked = MASKS.value(shown)
    if masked is shown:
        return task
    found = task.copy(exclude_parent=True, exclude_tasks=True)
    found._parent = task._parent
    for name, value in masked.items():
        setattr(found, name, value)
    return found


def _masked_copy(original: Callable[..., Any], owner: Any) -> Any:
    """Return the copy of a result that ansible-core 2.18 gives to callbacks."""
    found = original(owner)
    found._result, found._task_fields = MASKS.value(found._result), MASKS.value(found._task_fields)
    found._task = _masked_task(found._task)
    return found


def _wrap_result_of_callbacks(owner: Any) -> None:
    """Mask what callbacks read of a result from ansible-core 2.19 on."""
    made = owner.__dict__["result"].func
    result = functools.cached_property(lambda self: MASKS.value(made(self)))
    result.__set_name__(owner, "result")
    owner.result = result
    for name, mask in (
        ("task", _masked_task),
        ("_task", _masked_task),
        ("task_fields", MASKS.value),
        ("_task_fields", MASKS.value),
        ("task_name", MASKS.value),
        ("exception", MASKS.value),
        ("warnings", _masked_list),
        ("deprecations", _masked_list),
    ):
        original = getattr(owner, name, None)
        if isinstance(original, property) and original.fget is not None:
            setattr(owner, name, property(_reading(original.fget, mask)))


def _reading(read: Callable[[Any], Any], mask: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda self: mask(read(self))


def _masked_list(values: Iterable[Any]) -> list[Any]:
    found: list[Any] = MASKS.value(list(values))
    return found


def _without_secrets(before: Callable[..., Any]) -> Callable[..., Any]:
    """Return a hook for errors that nobody caught. Where the text has a secret, it is written masked instead of by the hook before."""

    def hook(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        text = "".join(traceback.format_exception(kind, error, where))
        if MASKS.text(text) == text:
            before(kind, error, where)
        else:
            sys.stderr.write(MASKS.text(text))

    return hook
