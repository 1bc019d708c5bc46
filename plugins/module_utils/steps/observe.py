# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run commands that only look, and return what they say."""

from __future__ import annotations

import os
import re
import subprocess
import time
from typing import Any, Dict, List, NamedTuple, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import processes
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, refuse_unknown_options
from ansible_collections.groundwork.fleet.plugins.module_utils.program_paths import located
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {"commands": {"type": "dict", "required": True}}
OPTIONS = ("argv", "may_fail", "timeout", "retries", "delay", "until", "lines", "remedy")
MISSING = 127  # the exit status that a shell gives for a program that is not there


class Command(NamedTuple):
    """One command, its input judged."""

    name: str
    argv: List[str]
    may_fail: bool
    timeout: float
    retries: int
    delay: float
    until: re.Pattern[str]
    lines: List[str] = []
    remedy: str = ""

    @property
    def shown(self) -> str:
        """Return it as a message names it."""
        return "commands[%r]: `%s`" % (self.name, " ".join(self.argv))


def _number(where: str, value: Any) -> float:
    if isinstance(value, bool) or not re.match(r"^\d+(\.\d+)?$", str(value)):
        raise bad_input(where, value, "a number, 0 or more", "Write it without a unit.")
    return float(value)


def parse(declared: Dict[str, Any]) -> List[Command]:
    """Judge the input. Raises BadInput."""
    return [_command(str(name), "commands[%r]" % name, options) for name, options in declared.items()]


def _command(name: str, where: str, options: Any) -> Command:
    if not isinstance(options, dict):
        raise bad_input(where, options, "a mapping with argv", "Write {argv: [sshd, -T]}.")
    refuse_unknown_options(where, options, OPTIONS)
    argv = options.get("argv")
    if not isinstance(argv, list) or not argv or not all(isinstance(word, (str, int)) for word in argv):
        raise bad_input(where + ".argv", argv, "a list of words that starts with a program", "Write [sshd, -T]; there is no shell.")
    may_fail = options.get("may_fail", False)
    if not isinstance(may_fail, bool):
        raise bad_input(where + ".may_fail", may_fail, "true or false", "Write it without quotes.")
    until = options.get("until") or ""
    try:
        pattern = re.compile(until)
    except (re.error, TypeError):
        raise bad_input(where + ".until", until, "a regular expression", "Quote it in YAML and escape what is meant as it is.") from None
    numbers = {
        key: _number("%s.%s" % (where, key), options.get(key, default)) for key, default in (("timeout", 30), ("retries", 0), ("delay", 1))
    }
    lines, remedy = options.get("lines", []), options.get("remedy", "")
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise bad_input(where + ".lines", lines, "a list of lines that the output has to have", "Quote each of them.")
    if not isinstance(remedy, str):
        raise bad_input(where + ".remedy", remedy, "a sentence that says what to do where a line is missing", "Quote it.")
    words = [str(word) for word in argv]
    return Command(name, words, may_fail, numbers["timeout"], int(numbers["retries"]), numbers["delay"], pattern, lines, remedy)


def looked(program: str, command: Command) -> Tuple[Dict[str, Any], str]:
    """Run a command once; returns what it said, and why that is not enough (empty where it is)."""
    environment = dict(os.environ, LC_ALL="C", LANGUAGE="C", SYSTEMD_COLORS="0", SYSTEMD_PAGER="")
    try:
        done = processes.run(
            [program, *command.argv[1:]],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=command.timeout,
        )
    except subprocess.TimeoutExpired:
        return {"rc": -1, "stdout": "", "stderr": ""}, "did not end within %g s" % command.timeout
    except OSError as error:
        return {"rc": MISSING, "stdout": "", "stderr": str(error)}, "could not be started: %s" % error.strerror
    answer = {"rc": done.returncode, "stdout": done.stdout, "stderr": done.stderr}
    if done.returncode:
        said = done.stderr.strip() or done.stdout.strip() or "it says nothing"
        return answer, "failed with exit status %d: %s" % (done.returncode, said)
    if not command.until.search(done.stdout):
        return answer, "does not say %r but %r" % (command.until.pattern, done.stdout.strip()[:200])
    said_lines = {line.strip() for line in done.stdout.splitlines()} if command.lines else set()
    missing = [line for line in command.lines if line.strip() not in said_lines]
    if missing:
        return answer, ("does not say: %s. %s" % ("; ".join(missing), command.remedy)).rstrip()
    return answer, ""


def observe(command: Command, check_mode: bool) -> Tuple[Dict[str, Any], str]:
    """Run a command until it says what is waited for; returns the last answer, and why that is an error (empty where it is none)."""
    program = located(command.argv[0])
    if program is None:
        why = "" if check_mode else "cannot run: this host has no %s. Install the package that brings it." % command.argv[0]
        return {"rc": MISSING, "stdout": "", "stderr": "", "missing": True, "attempts": 0}, why
    attempts = 0
    while True:
        attempts += 1
        answer, why = looked(program, command)
        if not why or attempts > command.retries:
            tried = " (%d attempts)" % attempts if attempts > 1 and why else ""
            return {**answer, "missing": False, "attempts": attempts}, why + tried
        time.sleep(command.delay)


def run(module: StepModule) -> None:
    """Parse, look, report."""
    try:
        commands = parse(module.params["commands"])
    except BadInput as error:
        module.fail_json(msg=str(error))
    found: Dict[str, Any] = {}
    for command in commands:
        found[command.name], why = observe(command, module.check_mode)
        if why and not command.may_fail:
            module.fail_json(msg="%s %s" % (command.shown, why), commands=found)
    module.exit_json(changed=False, commands=found)
