# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a health check type is made of.

A check type is one file in `checks/`: `Options`, a dataclass whose fields are made by `option`, and
`observe(options, deadline) -> Observation`; where options do not go with each other, `problem(options) -> str` says so.
It may import the standard library, this file and what steps/health_check.py names in TRAVELS, because its source goes to the host as a text
(`load_type`): a new file needs no other file to be edited. What is slow to import is imported where it is used: the host's
own program starts once a minute.
"""

from __future__ import annotations

import dataclasses
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Callable, Dict, Mapping, NamedTuple, Optional, Sequence, Tuple

if TYPE_CHECKING:
    from pathlib import Path

_REQUIRED = object()
TLS_VERSIONS = ("SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")  # ssl.SSLSocket.version()
UNITS = ("", "bytes", "seconds", "version")  # a version is a text that has an order


class Relation(NamedTuple):
    """How an observed fact must relate to a plain value of an option; a mapping of matchers says it itself (health_expect)."""

    words: str
    holds: Callable[[Any, Any], bool]
    shows_observed: bool = True


equal = Relation("", lambda observed, wanted: bool(observed == wanted))
one_of = Relation("one of", lambda observed, wanted: observed in wanted)
at_least = Relation("at least", lambda observed, wanted: bool(observed >= wanted))
at_most = Relation("at most", lambda observed, wanted: bool(observed <= wanted))
contains = Relation("containing", lambda observed, wanted: wanted in observed, shows_observed=False)
holds = Relation("containing", lambda observed, wanted: wanted in observed)  # a list, which may be shown
matches = Relation("matching", lambda observed, wanted: _found(wanted, observed), shows_observed=False)
# An option that is a mapping of names to expectations, each held against the fact "<fact> <name>".
each_named = Relation("", lambda observed, wanted: bool(observed == wanted))
each_named_hidden = Relation("", lambda observed, wanted: bool(observed == wanted), shows_observed=False)


def _found(pattern: str, observed: Any) -> bool:
    import re  # pylint: disable=import-outside-toplevel

    return re.search(pattern, str(observed), re.MULTILINE) is not None


def option(
    help_text: str,
    default: Any = _REQUIRED,
    expects: Optional[Relation] = None,
    fact: str = "",
    unit: str = "",
    presence: bool = False,
    choices: Sequence[str] = (),
) -> Any:
    """Declare one option of a check type.

    expects: the option is an expectation, the fact named `fact` (or like the option) is held against its value.
    unit: that of the fact, one of UNITS, for the message.
    presence: whether there is nothing else to observe where the fact is false.
    choices: all values that the fact can have; another one would never be met.
    """
    given: Dict[str, Any] = {
        "metadata": {"help": help_text, "expects": expects, "fact": fact, "unit": unit, "presence": presence, "choices": choices}
    }
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
        self.seconds: float = max(self.end - time.monotonic(), 0.0)

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
    problem: Optional[Callable[[Any], str]] = None  # says which options do not go together; empty where all do


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
    passes: int = 1  # how many looks in a row have to be good
    warn: Tuple[Any, ...] = ()  # health_expect.Expected: what is not met is a warning only
    requires: Tuple[str, ...] = ()  # names of checks without which this one says nothing
    look: Any = None  # the options that `observe` gets, where `warn` needs a fact that the options alone would not ask for


AT_ONCE = 8  # processes of one program: where it hangs it hangs for all, and each costs the host memory
_free: Dict[str, threading.BoundedSemaphore] = {}


def program_output(command: Sequence[str], seconds: float) -> str:
    """Return what a program of the host prints, in English and without colours, for check types that ask one.

    seconds: how long it may take, waiting for others of the same program included. Raises TimeoutError, OSError.
    """
    import subprocess  # pylint: disable=import-outside-toplevel

    from ansible_collections.groundwork.fleet.plugins.module_utils import processes  # pylint: disable=import-outside-toplevel

    deadline = Deadline(seconds)
    free = _free.setdefault(command[0], threading.BoundedSemaphore(AT_ONCE))
    if not free.acquire(timeout=seconds):
        raise TimeoutError("%s does not answer, %d of it wait already" % (command[0], AT_ONCE))
    try:
        done = processes.run(
            command,
            env=dict(os.environ, LC_ALL="C", SYSTEMD_COLORS="0"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=deadline.left(),
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError("%s does not answer within %.1f s" % (" ".join(command[:2]), seconds)) from None
    finally:
        free.release()
    return str(done.stdout.decode("utf-8", "replace"))


class _Shared:
    """One answer that many checks read; its lock delays only those that ask for it too."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked = 0.0
        self.answer: Any = None


_shared: Dict[str, _Shared] = {}
SHARED_FOR = 5.0  # seconds


def shared(key: str, make: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Return what `make` returns, made once for all checks of the next seconds: each check has its own copy of its type's file.

    seconds: how long another one may take to make it. One lock for each key: what hangs delays only those that ask for it too.
    """
    one = _shared.setdefault(key, _Shared())
    if not one.lock.acquire(timeout=seconds):
        raise TimeoutError("%s does not answer" % key.split("\0")[0])
    try:
        if not one.asked or time.monotonic() - one.asked > SHARED_FOR:
            one.answer = make()
            one.asked = time.monotonic()
        return one.answer
    finally:
        one.lock.release()


def shared_output(command: Sequence[str], seconds: float) -> str:
    """Return what a program prints, asked once for all checks of the next seconds: many checks read one `sshd -T`."""
    deadline = Deadline(seconds)
    return str(shared("\0".join(command), lambda: program_output(command, deadline.left()), seconds))


def check_types() -> Dict[str, Path]:
    """Return the check types that exist: the names and paths of the files in `checks`. On the controller only."""
    from pathlib import Path  # pylint: disable=import-outside-toplevel

    folder = Path(__file__).parent / "checks"
    return {path.stem: path for path in sorted(folder.glob("*.py")) if not path.stem.startswith("_")}


def load_type(name: str, source: str) -> CheckType:
    """Make a check type of the text of its file."""
    full_name = "groundwork_fleet_check_" + name
    module = type(sys)(full_name)
    sys.modules[full_name] = module  # dataclasses looks its module up here
    exec(compile(source, "checks/%s.py" % name, "exec"), module.__dict__)  # noqa: S102  # pylint: disable=exec-used  # our own file
    return CheckType(name, module.Options, module.observe, getattr(module, "problem", None))
