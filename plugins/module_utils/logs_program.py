# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program `groundwork-logs` of a log server: finds lines, verifies and closes the files, and tells how they are.

plugin_utils/health_program.py makes one file of it and of what it imports.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import (
    log_archive,
    log_canaries,
    log_chain,
    log_lines,
    log_query,
    log_space,
    log_verify,
    processes,
    readable_file,
)
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, unknown_name

SETTINGS = "/etc/groundwork/log-server.json"
OUTPUTS = ("text", "json", "raw")
USAGE = """NAME
    groundwork-logs - find lines in the logs of the fleet, and prove that the logs are what was received

SYNOPSIS
    groundwork-logs [find] [--host PATTERN] [--service PATTERN] [--since TIME] [--until TIME] [--grep REGEX]...
                    [--ignore-case] [--severity NAME] [--output text|json|raw] [--count] [--follow]
    groundwork-logs verify [--anchors FILE]
    groundwork-logs heads [--host NAME]
    groundwork-logs archive | metrics [--textfile PATH] | space [--watch]

FINDING LINES
    Prints the lines that fit all that is asked, compressed or not, in the order of their times. Within a file they stay in the order
    in which they came. Files whose times are outside are not read.

    --host PATTERN     lines of hosts whose name matches, such as web-1 or 'web-*'; may be given several times
    --service PATTERN  lines of programs whose name matches; may be given several times
    --since TIME       lines of this time or later
    --until TIME       lines before this time
    --grep REGEX       lines in whose message this is found (Python's syntax); given several times, all have to be found
    --ignore-case      small and large letters are the same to --grep
    --severity NAME    emerg, alert, crit, err, warning, notice, info or debug: lines as urgent as this or more
    --output FORMAT    text; json, one object a line; raw, as it is stored: RFC 5424 (text)
    --count            print how many there are
    --follow           go on with what arrives from now on

    A TIME is 2026-11-26, 2026-11-26T10:00, now, today, yesterday, or an age such as 15m, 2h or 3d. It is in UTC unless it names its zone.

PROVING THE LOGS
    verify             compare all closed files and their chain of hashes with each other, with the seals and with the ends of the chain
                       that the host's journal has; name what was changed, removed, added or reordered, the first one first
    --anchors FILE     compare with these ends too, `-` for standard input: what `groundwork-logs heads` of another server prints
    heads              print the ends of chains that log servers sent here, to verify these servers by; --host names one

WHAT TIMERS DO
    archive            close, compress and chain the files whose time has come; remove those that are too old or too many
    metrics            how long canary lines were on their way, and how much there is, for Prometheus
    space              succeed where there is room for the receiver; with --watch stop it whenever there is not

    --settings PATH    where to read what the log server is set to (%s)
    --directory PATH   the logs, instead of those in the settings

EXIT STATUS
    0 lines were found, the files are intact; 1 nothing was found, something is wrong with the files; 2 it could not be told
""" % (SETTINGS)
FLAGS = ("ignore-case", "count", "follow", "watch", "help")
VALUES = ("host", "service", "since", "until", "grep", "severity", "output", "anchors", "textfile", "settings", "directory")
REPEATED = ("host", "service", "grep")
COMMANDS: Dict[str, Sequence[str]] = {
    "find": ("host", "service", "since", "until", "grep", "ignore-case", "severity", "output", "count", "follow"),
    "verify": ("anchors",),
    "heads": ("host",),
    "archive": (),
    "metrics": ("textfile",),
    "space": ("watch",),
}
PAUSE = 0.5  # seconds between two looks of --follow


class Arguments(NamedTuple):
    """The command line."""

    command: str
    options: Dict[str, Any]


def arguments(words: Sequence[str]) -> Arguments:
    """Read the command line. Raises BadInput."""
    rest = list(words)
    command = rest.pop(0) if rest and not rest[0].startswith("-") else "find"
    if command not in COMMANDS:
        raise unknown_name("command", "groundwork-logs", command, COMMANDS)
    known = [*COMMANDS[command], "settings", "directory", "help"]
    found: Dict[str, Any] = {}
    while rest:
        word, equals, value = rest.pop(0).partition("=")
        name = "help" if word == "-h" else word[2:] if word.startswith("--") else ""
        if name not in known:
            raise unknown_name("option", "groundwork-logs %s" % command, word, ["--" + one for one in known])
        if name in FLAGS:
            if equals:
                raise bad_input("--" + name, value, "no value", "See groundwork-logs --help.")
            found[name] = True
            continue
        if not equals:
            if not rest:
                raise bad_input("--" + name, None, "a value", "See groundwork-logs --help.")
            value = rest.pop(0)
        found[name] = (*found.get(name, ()), value) if name in REPEATED else value
    return Arguments(command, found)


def wanted(options: Mapping[str, Any], now: float) -> log_query.Wanted:
    """Return what a command line asks for. Raises BadInput."""
    patterns = []
    for text in options.get("grep", ()):
        try:
            patterns.append(re.compile(text.encode("utf-8", "surrogateescape"), re.IGNORECASE if options.get("ignore-case") else 0))
        except re.error as error:
            raise bad_input("--grep", text, "a regular expression", "It does not compile: %s." % error) from error
    severity = options.get("severity")
    if severity is not None and severity not in log_lines.SEVERITIES:
        raise unknown_name("severity", "--severity", severity, log_lines.SEVERITIES)
    if options.get("output", "text") not in OUTPUTS:
        raise unknown_name("format", "--output", options["output"], OUTPUTS)
    bounds = {name: log_lines.moment(options[name], "--" + name, now) if name in options else b"" for name in ("since", "until")}
    if bounds["since"] and bounds["until"] and bounds["since"] >= bounds["until"]:
        raise bad_input("--until", options["until"], "a moment after --since", "Change one of them.")
    level = None if severity is None else log_lines.SEVERITIES.index(severity)
    return log_query.Wanted(
        tuple(options.get("host", ())), tuple(options.get("service", ())), bounds["since"], bounds["until"], tuple(patterns), level
    )


def _print(line: bytes, output: str) -> None:
    if output == "raw":
        sys.stdout.buffer.write(line)
    else:
        text = log_query.as_json(line) if output == "json" else log_query.as_text(line)
        sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")


def find(settings: Mapping[str, Any], options: Mapping[str, Any], rounds: Optional[int] = None) -> int:
    """Print the lines. rounds: how often --follow looks, for ever by default."""
    asked, directory, output = wanted(options, time.time()), settings["directory"], options.get("output", "text")
    positions: Dict[str, Any] = {}
    if options.get("follow"):
        list(log_query.follow(directory, asked, positions))  # what comes while the old lines are printed is not missed
    count = 0
    for line in log_query.search(directory, asked):
        count += 1
        if not options.get("count"):
            _print(line, output)
    if options.get("count"):
        sys.stdout.write("%d\n" % count)
    while options.get("follow") and rounds != 0:
        for line in log_query.follow(directory, asked, positions):
            count += 1
            _print(line, output)
        sys.stdout.flush()
        rounds = rounds - 1 if rounds is not None else None
        time.sleep(PAUSE)
    return 0 if count else 1


def _anchors(options: Mapping[str, Any]) -> List[Any]:
    """Return the ends of the chain that were told elsewhere: to the journal, and to who gives them here. Raises OSError."""
    journal = ["/usr/bin/journalctl", "--quiet", "--no-pager", "--output=cat", "--identifier=groundwork-log-chain"]
    try:
        code, text = processes.answer(journal, 60)
    except OSError:
        code, text = 1, ""
    found = log_chain.heads(text if code == 0 else "")
    path = options.get("anchors")
    if path == "-":
        found += log_chain.heads(sys.stdin.read())
    elif path:
        with open(path, encoding="utf-8", errors="replace") as stream:
            found += log_chain.heads(stream.read())
    return found


def verify(settings: Mapping[str, Any], options: Mapping[str, Any]) -> int:
    """Verify, and leave for the metrics what was found. Raises OSError, ChainError."""
    directory = settings["directory"]
    found = log_verify.verify(directory, settings["tls"]["ca"], _anchors(options))
    if os.access(directory, os.W_OK):  # who only reads may verify too
        left = os.path.join(log_archive.own_folder(directory), log_canaries.VERIFIED)
        readable_file.write(left, json.dumps({"at": int(time.time()), "problems": found.problems}) + "\n")
    for problem in found.problems:
        sys.stdout.write("%s\n" % problem)
    state = "not intact: %d problems" % len(found.problems) if found.problems else "intact"
    sys.stdout.write("%d closed files and %d entries are %s. %s\n" % (found.files, found.entries, state, log_chain.told(found.link)))
    return int(bool(found.problems))


def heads(settings: Mapping[str, Any], options: Mapping[str, Any]) -> int:
    """Print the ends of chains that log servers sent here."""
    asked = log_query.Wanted(hosts=tuple(options.get("host", ())), programs=("groundwork-log-chain",))
    count = 0
    for line in log_query.search(settings["directory"], asked):
        if log_chain.heads(line.decode("utf-8", "replace")):
            count += 1
            _print(line, "text")
    return 0 if count else 1


def archive(settings: Mapping[str, Any]) -> int:
    """Close and remove. What it prints goes to the journal, and with it to other servers: the end of the chain."""
    done = log_archive.run(settings)
    if done["changed"]:
        sys.stdout.write("closed=%d removed=%d %s\n" % (len(done["closed"]), len(done["removed"]), log_chain.told(done["link"])))
    return 0


def settings_of(options: Mapping[str, Any]) -> Dict[str, Any]:
    """Return what the log server is set to. Raises BadInput."""
    path = options.get("settings", SETTINGS)
    try:
        with open(path, encoding="utf-8") as stream:
            found: Dict[str, Any] = json.load(stream)
    except (OSError, ValueError) as error:
        raise bad_input("--settings", path, "the JSON file that the role log_server writes", "%s." % error) from error
    return {**found, **({"directory": options["directory"]} if "directory" in options else {})}


def run(words: Sequence[str]) -> int:
    """Do what the command line asks and return the exit status. Raises BadInput, OSError, ChainError."""
    given = arguments(words)
    if given.options.get("help"):
        sys.stdout.write(USAGE)
        return 0
    settings = settings_of(given.options)
    if given.command == "space":
        if given.options.get("watch"):
            log_space.watch(settings)
        reason = log_space.is_low(settings["directory"], settings["reserve"], log_space.AGAIN)
        sys.stderr.write(reason + "\n" if reason else "")
        return int(bool(reason))
    if given.command == "metrics":
        text = log_canaries.to_textfile(settings, time.time())
        if "textfile" in given.options:
            readable_file.write(given.options["textfile"], text)
        else:
            sys.stdout.write(text)
        return 0
    if given.command == "archive":
        return archive(settings)
    return {"find": find, "verify": verify, "heads": heads}[given.command](settings, given.options)


def main(words: List[str], *_registry: Any) -> int:
    """Run, and return the exit status."""
    try:
        return run(words)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except (BadInput, OSError, EOFError, log_chain.ChainError) as error:
        sys.stderr.write("groundwork-logs: %s\n" % error)
        return 2
