# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a health check type is made of.

A check type is one file in `checks/`: `Options`, a dataclass whose fields are made by `option`, and
`observe(options, deadline) -> Observation`. It may import the standard library and this file only, because
its source travels to the host as a text (`load_type`): a new file needs no other file to be edited.
"""

from __future__ import annotations

import collections
import dataclasses
import importlib.abc
import importlib.util
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import processes

_REQUIRED = object()


class Relation(NamedTuple):
    """How an observed fact must relate to an option's value."""

    words: str
    holds: Callable[[Any, Any], bool]
    shows_observed: bool = True


equal = Relation("", lambda observed, wanted: bool(observed == wanted))
one_of = Relation("one of", lambda observed, wanted: observed in wanted)
at_least = Relation("at least", lambda observed, wanted: bool(observed >= wanted))
at_most = Relation("at most", lambda observed, wanted: bool(observed <= wanted))
contains = Relation("containing", lambda observed, wanted: wanted in observed, shows_observed=False)


def option(help_text: str, default: Any = _REQUIRED, expects: Optional[Relation] = None, fact: str = "") -> Any:
    """Declare one option of a check type.

    expects: the option is an expectation, the fact named `fact` (or like the option) is held against its value.
    """
    given: Dict[str, Any] = {"metadata": {"help": help_text, "expects": expects, "fact": fact}}
    if isinstance(default, list):
        given["default_factory"] = lambda: list(default)
    elif default is not _REQUIRED:
        given["default"] = default
    return dataclasses.field(**given)  # pylint: disable=invalid-field-call  # its value is used in the body of a dataclass only


@dataclasses.dataclass(frozen=True)
class Observation:
    """What one look at the host found."""

    facts: Mapping[str, Any]
    note: str = ""  # why it is so, for the message
    identity: str = ""  # must stay the same during `stable_for`: a restart in between is not stable
    detail: Optional[Callable[[], str]] = None  # more lines, fetched once and only when the check has failed
    not_applicable: str = ""  # why this host cannot have it ("container"): neither passed nor failed


class Deadline:
    """A moment after which nobody waits any more."""

    def __init__(self, seconds: float, parent: Optional[Deadline] = None) -> None:
        """End in `seconds`, and never after `parent`."""
        end = time.monotonic() + seconds
        self.end: float = end if parent is None else min(end, parent.end)

    def left(self) -> float:
        """Return the seconds left, never 0: fit for a socket's or a process's timeout."""
        return max(self.end - time.monotonic(), 0.001)

    def passed(self) -> bool:
        """Tell whether it is over."""
        return time.monotonic() >= self.end


@dataclasses.dataclass(frozen=True)
class CheckType:
    """One file of `checks/`."""

    name: str
    options: type
    observe: Callable[[Any, Deadline], Observation]


@dataclasses.dataclass(frozen=True)
class Check:
    """One declared check, its input judged."""

    name: str
    type: CheckType
    options: Any
    retries: int = 0
    delay: float = 1.0
    timeout: float = 10.0
    stable_for: float = 0.0


def program_output(command: Sequence[str], seconds: float) -> str:
    """Return what a program of the host prints, in English and without colours, for check types that ask one."""
    environment = dict(os.environ, LC_ALL="C", SYSTEMD_COLORS="0")
    done = processes.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=seconds,
    )
    return str(done.stdout.decode("utf-8", "replace"))


_shared: Dict[str, Tuple[float, Any]] = {}
_shared_locks: Dict[str, threading.Lock] = collections.defaultdict(threading.Lock)
SHARED_FOR = 5.0  # seconds


def shared(key: str, make: Callable[[], Any]) -> Any:
    """Return what `make` returns, made once for all checks of the next seconds: each check has its own copy of its type's file."""
    with _shared_locks[key]:
        known = _shared.get(key)
        if known is None or time.monotonic() - known[0] > SHARED_FOR:
            made = make()
            known = _shared[key] = (time.monotonic(), made)
        return known[1]


def shared_output(command: Sequence[str], seconds: float) -> str:
    """Return what a program prints, asked once for all checks of the next seconds: many checks read one `sshd -T`."""
    return str(shared("\0".join(command), lambda: program_output(command, seconds)))


class _SourceLoader(importlib.abc.InspectLoader):
    def __init__(self, source: str) -> None:
        self._source = source

    def get_source(self, fullname: str) -> str:
        return self._source

    def is_package(self, fullname: str) -> bool:
        return False


def check_types() -> Dict[str, Path]:
    """Return the check types that exist: the names and paths of the files in `checks`. On the controller only."""
    folder = Path(__file__).parent / "checks"
    return {path.stem: path for path in sorted(folder.glob("*.py")) if not path.stem.startswith("_")}


def load_type(name: str, source: str) -> CheckType:
    """Make a check type of the text of its file."""
    full_name = "groundwork_fleet_check_" + name
    loader = _SourceLoader(source)
    spec = importlib.util.spec_from_loader(full_name, loader)
    if spec is None:
        raise ImportError("the check type %s cannot be loaded" % name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[full_name] = module  # dataclasses and type hints look their module up here
    loader.exec_module(module)
    return CheckType(name, module.Options, module.observe)
