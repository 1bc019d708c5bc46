# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's own program `groundwork-health`: it runs a declaration of checks without Ansible.

plugin_utils/health_program.py makes one file of it and of what it imports.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import (
    health_formats,
    health_input,
    health_maintenance,
    health_result,
    health_run,
    readable_file,
)
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.module_utils.health import CheckType

DECLARATION = "/etc/groundwork/health.json"
FORMATS = ("text", "json", "nagios", "textfile")
REPORT = "/run/groundwork/health.json"  # what the timer's run leaves for everybody
OLDEST = 300.0  # seconds after which a report that does not say it itself tells nothing any more
_KEYS = ("checks", "timeout", "maintenance", "oldest")
USAGE = (
    """usage: groundwork-health [OPTION]...
Run the health checks of this host. Exit status: 0 all passed, 1 warnings, 2 failures, 3 nothing ran.
Who may not read the checks gets the last report that root's timer left, with its age.

  --declaration PATH   the checks, JSON (%s)
  --format FORMAT      what to print: text, json, nagios, textfile (text)
  --only NAME          only this check, or those whose names match a pattern like 'web *'; may be given several times
  --timeout DURATION   how long all of them may take (that of the declaration)
  --json PATH          write the report there too
  --textfile PATH      write Prometheus metrics there too
  --list               print the names of the checks, run none
  --help               print this
"""
    % DECLARATION
)


class Arguments(NamedTuple):
    """The command line."""

    declaration: Optional[str] = None
    format: str = "text"
    only: Tuple[str, ...] = ()
    timeout: Optional[str] = None
    json: Optional[str] = None
    textfile: Optional[str] = None
    list: bool = False
    help: bool = False


def arguments(words: Sequence[str]) -> Arguments:
    """Read the command line; argparse would take as long as the checks. Raises BadInput."""
    found: Dict[str, Any] = {}
    rest = list(words)
    while rest:
        word, equals, value = rest.pop(0).partition("=")
        name = {"-h": "help"}.get(word, word[2:])
        if name not in Arguments._fields or not (word.startswith("--") or word == "-h"):
            raise unknown_name("option", "groundwork-health", word, ["--" + known for known in Arguments._fields])
        if name in ("list", "help"):
            found[name] = True
            continue
        if not equals:
            if not rest:
                raise bad_input("--" + name, None, "a value", "See groundwork-health --help.")
            value = rest.pop(0)
        found[name] = (*found.get("only", ()), value) if name == "only" else value
    if found.get("format", "text") not in FORMATS:
        raise unknown_name("format", "--format", found["format"], FORMATS)
    return Arguments(**found)


def _chosen(checks: Mapping[str, Any], only: Sequence[str]) -> Dict[str, Any]:
    """Return the checks whose names match, and those that they require."""
    from fnmatch import fnmatchcase  # pylint: disable=import-outside-toplevel

    wanted = [name for name in checks if any(fnmatchcase(name, pattern) for pattern in only)]
    if not wanted:
        raise bad_input("--only", ", ".join(only), "names of checks", "Known: %s." % ", ".join(checks))
    for name in wanted:  # it grows meanwhile
        required = checks[name].get("requires") or []
        wanted += [one for one in (required if isinstance(required, list) else [required]) if one not in wanted and one in checks]
    return {name: check for name, check in checks.items() if name in wanted}


def _declared(path: str) -> Dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as stream:
            found = json.load(stream)
    except PermissionError:
        raise
    except (OSError, ValueError) as error:
        raise bad_input("--declaration", path, "a JSON file with checks", "%s." % error) from error
    if not isinstance(found, dict):
        raise bad_input(path, found, "a mapping with `checks`", 'Write {"checks": {"ssh": {"tcp": {"port": 22}}}}.')
    for key in found:
        if key not in _KEYS:
            raise unknown_name("key", path, key, _KEYS)
    return found


def run(words: Sequence[str], types: Sequence[str], load: Callable[[str], CheckType]) -> Tuple[int, str]:
    """Do what the command line asks and return the exit status and what to print. Raises BadInput, OSError."""
    given = arguments(words)
    if given.help:
        return 0, USAGE
    path = given.declaration or DECLARATION
    try:
        declared = _declared(path)
    except PermissionError as error:
        if given.declaration:
            raise bad_input("--declaration", path, "a JSON file with checks", "%s." % error) from error
        return _last(given, time.time())
    checks = declared.get("checks")
    total = health_input.seconds(given.timeout or declared.get("timeout") or "60s", "timeout")
    if given.only and isinstance(checks, dict):
        checks = _chosen(checks, given.only)
    parsed = health_input.parse(checks, types, load, total)
    windows = health_maintenance.windows(declared.get("maintenance") or [])
    if given.list:
        return 0, "".join("%s\n" % check.name for check in parsed)
    started, now = time.monotonic(), time.time()
    found = health_run.run(parsed, total)
    results = health_result.excuse(found, None, health_maintenance.reasons(windows, found, now))
    took = time.monotonic() - started
    report = health_formats.to_report(results, os.uname().nodename, now, took)
    if declared.get("oldest"):
        report["oldest"] = health_input.seconds(declared["oldest"], "oldest")
    return _told(given, report)


def _last(given: Arguments, now: float) -> Tuple[int, str]:
    """Return what the last report says, for those who may not read the declaration. Raises BadInput where it tells nothing any more."""
    remedy = "Run groundwork-health as root, or see why groundwork-health.timer leaves no report."
    try:
        with open(REPORT, encoding="utf-8") as stream:
            report = json.load(stream)
        age, oldest = now - float(report["time"]), float(report.get("oldest") or OLDEST)
        checks = dict(report["checks"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        where = "%s may be read by root only, and the last report" % DECLARATION
        raise bad_input(where, REPORT, "the report of a run", "%s. %s" % (error, remedy)) from error
    if age > oldest:
        raise bad_input("the last report", "%d s old" % age, "at most %d s" % oldest, remedy)
    if given.only:
        checks = _chosen(checks, given.only)
    if given.list:
        return 0, "".join("%s\n" % name for name in checks)
    told = health_formats.to_report(checks, str(report.get("host", "")), float(report["time"]), float(report.get("seconds") or 0))
    return _told(given, {**told, "oldest": oldest}, "the last report, %d s old" % max(age, 0))


def _told(given: Arguments, report: Mapping[str, Any], remark: str = "") -> Tuple[int, str]:
    """Write the files that are asked for and return the exit status and what to print. remark: what people are told besides."""
    results = report["checks"]
    texts: Dict[str, Callable[[], str]] = {
        "text": lambda: health_formats.to_text(results, remark),
        "json": lambda: json.dumps(report, indent=1),
        "nagios": lambda: health_formats.to_nagios(results, remark),
        "textfile": lambda: health_formats.to_textfile(results, report["time"], report["seconds"]).rstrip("\n"),
    }
    for kind, path in (("json", given.json), ("textfile", given.textfile)):
        if path:
            readable_file.write(path, texts[kind]() + "\n")
    return health_formats.nagios_code(results), texts[given.format]() + "\n"


def main(words: List[str], types: Sequence[str], load: Callable[[str], CheckType]) -> int:
    """Run, print and return the exit status; 3 where nothing ran."""
    try:
        code, text = run(words, types, load)
    except (BadInput, OSError) as error:
        sys.stdout.write("HEALTH UNKNOWN - %s\n" % error)  # where a monitoring system looks
        return health_formats.UNKNOWN
    sys.stdout.write(text)
    return code
