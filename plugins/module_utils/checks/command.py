# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that only looks ends and prints as expected."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import time
from typing import Any, Dict, Mapping, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_net
from ansible_collections.groundwork.fleet.plugins.module_utils.health import (
    Deadline,
    Observation,
    at_most,
    each_named,
    matches,
    one_of,
    option,
)

_MOST = 1024 * 1024


@dataclasses.dataclass
class Options:
    """Options of a command check."""

    argv: Sequence[str] = option("the program and its arguments; no shell reads them, and no secret belongs in them")
    exit: Sequence[int] = option("its exit status, or a list of accepted ones", [0], expects=one_of)
    errors: Optional[str] = option("a text that it has to print as an error", None, expects=health.contains)
    contains: Optional[str] = option("a text that it has to print", None, expects=health.contains, fact="output")
    matches: Optional[str] = option("a regular expression that is found in what it prints", None, expects=matches, fact="output")
    json: Optional[Mapping[str, Any]] = option(
        "values in the JSON that it prints by their paths, like items[0].name", None, expects=each_named
    )
    milliseconds: Optional[int] = option("how many milliseconds it may take", None, expects=at_most)
    directory: str = option("where it runs", "/")
    environment: Optional[Mapping[str, str]] = option("variables of its environment besides that of the host", None)


def observe(options: Options, deadline: Deadline) -> Observation:
    """Run it; what it started is ended with it when the time is over."""
    variables = {**os.environ, "LC_ALL": "C", **(options.environment or {})}
    started = time.monotonic()
    try:
        process = subprocess.Popen(  # pylint: disable=consider-using-with,ansible-bad-function  # it may outlive what it started
            list(options.argv),
            env=variables,
            cwd=options.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        return Observation({}, note=str(error))
    try:
        output, errors = process.communicate(timeout=deadline.left())
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait(1)
        return Observation({}, note="it did not end within %.1f s and was killed" % deadline.seconds)
    facts: Dict[str, Any] = {"exit": process.returncode, "milliseconds": int((time.monotonic() - started) * 1000)}
    facts.update(output=output[:_MOST].decode("utf-8", "replace"), errors=errors[:_MOST].decode("utf-8", "replace"))
    if options.json:
        try:
            facts.update(health_net.json_facts(facts["output"], options.json))
        except ValueError:
            return Observation(facts, note="it prints no JSON")
    last = facts["errors"].strip().splitlines()[-3:]
    return Observation(facts, detail=(lambda: "\n".join(last)) if last else None)
