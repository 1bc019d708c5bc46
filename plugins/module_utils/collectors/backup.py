# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How backups are: what systemd knows of the units that make them, and the newest of the files that they left."""

from __future__ import annotations

import json
import re
import time
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import collector, newest_file, processes
from ansible_collections.groundwork.fleet.plugins.module_utils.metrics import Sample, family

PREFIX = "groundwork_backup_"
SUCCESS = PREFIX + "last_success_timestamp_seconds"
PROPERTIES = "LoadState,ActiveState,Result,InactiveExitTimestampMonotonic,InactiveEnterTimestampMonotonic"
SECONDS = 20
EARLIER = re.compile(r'^%s\{backup="([^"]*)"\} (\d+)$' % SUCCESS, re.MULTILINE)
Ask = Callable[[List[str]], str]
HELP = {
    "last_success_timestamp_seconds": "When it last ended well, 0 where it never did; without a unit, when its newest file was written.",
    "failed": "1 where the last run of its unit failed.",
    "duration_seconds": "How long the last run of its unit took.",
    "scheduled": "1 where a timer will start its unit.",
    "next_run_timestamp_seconds": "When a timer starts its unit next.",
    "newest_timestamp_seconds": "When the newest of its files was written, 0 where there is none.",
    "newest_bytes": "How large the newest of its files is.",
    "files": "How many files of it there are.",
    "age_limit_seconds": "How old the last success, and the newest file, may be.",
}


class Run(NamedTuple):
    """The last run of a unit since the host has started: when it ended (seconds since 1970), how long it took, and whether it failed."""

    ended: float
    seconds: float
    failed: bool


def answered(command: List[str]) -> str:
    """Return what a program says, nothing where it fails."""
    code, text = processes.answer(command, SECONDS)
    return text if code == 0 else ""


def last_run(shown: str, started: float) -> Optional[Run]:
    """Return the last run from what `systemctl show` says of a unit; None where there was none, or it has not ended.

    started: when the host's monotonic clock was 0, in seconds since 1970. A unit that systemd does not know has failed.
    """
    unit = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    if unit.get("LoadState") != "loaded":
        return Run(0.0, 0.0, True)
    begun, ended = (int(unit.get(name, "0") or 0) / 1e6 for name in ("InactiveExitTimestampMonotonic", "InactiveEnterTimestampMonotonic"))
    if unit.get("ActiveState") not in ("inactive", "failed") or not ended:
        return None
    return Run(started + ended, max(ended - begun, 0.0), unit.get("Result") != "success")


def next_runs(listed: str) -> Dict[str, float]:
    """Return when each unit is started next by a timer (seconds since 1970), from `systemctl list-timers --output=json`."""
    try:
        timers = json.loads(listed)
    except ValueError:
        return {}
    found: Dict[str, float] = {}
    for timer in timers:
        when, unit = timer.get("next") or 0, str(timer.get("activates"))
        if when:
            found[unit] = min(when / 1e6, found.get(unit, float("inf")))
    return found


def told(earlier: str) -> Dict[str, int]:
    """Return the last success of each backup that an earlier text tells of: systemd forgets it when the host or the unit starts anew."""
    return {name: int(when) for name, when in EARLIER.findall(earlier)}


def _of_unit(unit: str, ask: Ask, timers: Mapping[str, float], started: float) -> Tuple[Dict[str, object], float]:
    """Return what is told of a unit, and when its last run ended well, 0 where it did not."""
    run = last_run(ask(["systemctl", "show", "--property=" + PROPERTIES, "--", unit]), started)
    values: Dict[str, object] = {"scheduled": int(unit in timers)}
    if unit in timers:
        values["next_run_timestamp_seconds"] = int(timers[unit])
    if run is None:
        return values, 0.0
    values["failed"] = int(run.failed)
    if run.ended:
        values["duration_seconds"] = round(run.seconds, 3)
    return values, 0.0 if run.failed else run.ended


def _one(given: Mapping[str, Any], before: int, ask: Ask, timers: Mapping[str, float], started: float) -> Dict[str, object]:
    values: Dict[str, object] = {"age_limit_seconds": int(given["age"])}
    success = 0.0
    if given.get("unit"):
        found, success = _of_unit(given["unit"], ask, timers, started)
        values.update(found)
    if given.get("path"):
        newest = newest_file.newest(given["path"])
        values["newest_timestamp_seconds"] = int(newest.written) if newest else 0
        values["files"] = newest.number if newest else 0
        if newest:
            values["newest_bytes"] = newest.size
        if newest and not given.get("unit"):
            success = newest.written
    values["last_success_timestamp_seconds"] = max(int(success), before)
    return values


def collect(options: Mapping[str, Any], earlier: str, now: float, ask: Ask = answered) -> List[str]:
    """Return the metrics. ask: runs a program and returns what it says."""
    before, started = told(earlier), now - time.clock_gettime(time.CLOCK_MONOTONIC)
    timers = next_runs(ask(["systemctl", "list-timers", "--all", "--output=json"]))
    found = {name: _one(given, before.get(name, 0), ask, timers, started) for name, given in sorted(options["backups"].items())}
    lines: List[str] = []
    for metric, text in HELP.items():
        samples: List[Sample] = [({"backup": name}, values[metric]) for name, values in found.items() if metric in values]
        lines += family(PREFIX + metric, text, samples)
    return [*lines, *family(PREFIX + "last_run_seconds", "When this was looked, in seconds since 1970.", [({}, int(now))])]


def main(words: List[str], *_registry: Any) -> int:
    """Run as a program of the host."""
    return collector.run(words, collect)
