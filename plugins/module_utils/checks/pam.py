# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service's PAM stack has a module where it belongs: the files as PAM reads them, with what they include.

Nothing is tried: an attempt to log in would count in pam_faillock and stand in the log.
"""

from __future__ import annotations

import dataclasses
import os
import re
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, Relation, at_least, equal, option

_CONTROL = r"(\[[^]]*\]|\S+)"
_LINE = re.compile(r"^-?(auth|account|password|session)\s+%s\s+(\S+)\s*(.*)$" % _CONTROL)
_DEEPEST = 8  # files that include each other

_has = Relation("with", lambda observed, wanted: set(wanted) <= set(observed))
_lacks = Relation("without", lambda observed, wanted: not set(wanted) & set(observed))


@dataclasses.dataclass
class Options:
    """Options of a pam check."""

    service: str = option("the service: the name of a file of the directory")
    type: str = option("auth, account, password or session")
    module: str = option("the module's file name, pam_faillock.so")
    exists: bool = option("whether it stands in the stack", True, expects=equal)
    arguments: Optional[Sequence[str]] = option("arguments that its lines have together", None, expects=_has)
    without: Optional[Sequence[str]] = option("arguments that none of its lines has", None, expects=_lacks, fact="arguments")
    before: Optional[str] = option("a module that its first line stands before", None)
    argument: Optional[str] = option("an argument with a number, name=number, to hold against at_least", None)
    at_least: Optional[int] = option("the smallest number allowed", None, expects=at_least, fact="number")
    directory: str = option("where the services are declared", "/etc/pam.d")


def _logical(text: str) -> Iterator[str]:
    for line in re.sub(r"\\\n", " ", text).splitlines():
        line = line.partition("#")[0].strip()
        if line:
            yield line


def _stack(directory: str, service: str, kind: str, depth: int = 0) -> List[Tuple[str, List[str]]]:
    """Return the modules of one type with their arguments, in order. Raises OSError where a file is missing."""
    if depth > _DEEPEST:
        raise OSError("the files of %s include each other" % service)
    found: List[Tuple[str, List[str]]] = []
    with open(os.path.join(directory, service), encoding="utf-8", errors="replace") as stream:
        text = stream.read()
    for line in _logical(text):
        if line.startswith("@include"):
            found += _stack(directory, line.split()[1], kind, depth + 1)
            continue
        match = _LINE.match(line)
        if not match or match.group(1) != kind:
            continue
        if match.group(2) in ("include", "substack"):
            found += _stack(directory, match.group(3), kind, depth + 1)
        else:
            found.append((os.path.basename(match.group(3)), match.group(4).split()))
    return found


def observe(options: Options, _deadline: Deadline) -> Observation:
    """Resolve the includes and look for the module."""
    if not os.path.isdir(options.directory):
        return Observation({}, not_applicable="PAM is not installed")
    try:
        stack = _stack(options.directory, options.service, options.type)
    except FileNotFoundError as error:
        if error.filename == os.path.join(options.directory, options.service):
            return Observation({}, not_applicable="the service %s is not installed" % options.service)
        raise
    names = [name for name, _arguments in stack]
    arguments = [word for name, words in stack if name == options.module for word in words]
    facts: Dict[str, object] = {"exists": options.module in names, "arguments": arguments}
    note = "the stack is %s" % " ".join(names)
    if options.before is not None and options.module in names and options.before in names:
        facts["exists"] = names.index(options.module) < names.index(options.before)
        note = "%s has to stand before %s; %s" % (options.module, options.before, note)
    numbers = [word.partition("=")[2] for word in arguments if word.startswith("%s=" % options.argument)]
    if numbers and numbers[-1].isdigit():
        facts["number"] = int(numbers[-1])
    return Observation(facts, note=note)
