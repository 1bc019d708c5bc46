# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's own program `groundwork-time-status`: how well chrony keeps the clock, for people or as Prometheus metrics.

plugin_utils/health_program.py makes one file of it and of what it imports. The fields are those of `chronyc -c` (chronyc(1)).
"""

from __future__ import annotations

import sys
import time
from typing import Any, Dict, List, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import processes, readable_file
from ansible_collections.groundwork.fleet.plugins.module_utils.metrics import family

USAGE = """usage: groundwork-time-status [--textfile PATH]
Tell how well the clock of this host is kept. Changes nothing.

  --textfile PATH  write Prometheus metrics there, print nothing
  --help           print this

Exit status: 0 it is kept, 1 it is not, 2 it could not be told.
"""
CHRONYC = ("/usr/bin/chronyc", "-n", "-c")
SECONDS = 10
LOCAL = "7F7F0101"  # the reference id of a host that follows its own clock


class NoAnswer(Exception):
    """chronyd does not answer; the text says why."""


def rows(report: str) -> List[List[str]]:
    """Return the fields of each line of one of chronyc's reports. Raises NoAnswer."""
    try:
        code, text = processes.answer([*CHRONYC, report], SECONDS)
    except OSError as error:
        raise NoAnswer("chronyc cannot be started: %s" % error.strerror) from error
    if code != 0:
        raise NoAnswer("chronyc %s: %s" % (report, text.strip()))
    return [line.split(",") for line in text.splitlines() if line]


def status(tracking: List[List[str]], sources: List[List[str]], authentication: List[List[str]]) -> Dict[str, Any]:
    """Return what the reports tell. Offset (of the clock, ahead is positive), dispersion and delay in seconds, frequency in ppm."""
    if not tracking or len(tracking[0]) < 14:
        raise NoAnswer("chronyc tracking: %s" % tracking)
    one = tracking[0]
    return {
        "synchronised": one[13] != "Not synchronised",
        "source": "its own clock" if one[0] == LOCAL else one[1],
        "stratum": int(one[2]),
        "offset": -float(one[4]),  # chrony tells the correction that is left
        "frequency": float(one[7]),
        "delay": float(one[10]),
        "dispersion": float(one[11]),
        "sources": len(sources),
        "reachable": sum(1 for source in sources if len(source) > 5 and int(source[5], 8) > 0),
        "authenticated": sum(1 for peer in authentication if len(peer) > 8 and peer[1] == "NTS" and int(peer[8]) > 0),
    }


def _metric(name: str, text: str, value: object) -> List[str]:
    return family("groundwork_time_" + name, text, [({}, value)])


def to_textfile(found: Optional[Dict[str, Any]], now: float) -> str:
    """Return the status as Prometheus metrics, of a host that does not answer only that. now: in seconds since 1970."""
    lines = _metric(
        "synchronised", "1 where chrony follows a source, or its own clock on purpose.", int(bool(found and found["synchronised"]))
    )
    if found:
        lines += _metric("offset_seconds", "By how much the clock is ahead of its sources.", found["offset"])
        lines += _metric("frequency_ppm", "By how many parts per million the clock is fast without correction.", found["frequency"])
        lines += _metric("root_delay_seconds", "The way to the clock at the top and back.", found["delay"])
        lines += _metric("root_dispersion_seconds", "What may be wrong besides half of the delay.", found["dispersion"])
        lines += _metric("stratum", "Steps to the clock at the top.", found["stratum"])
        lines += _metric("sources", "Sources that are asked.", found["sources"])
        lines += _metric("sources_reachable", "Sources that answered one of the last eight times.", found["reachable"])
        lines += _metric("sources_authenticated", "Sources that prove who they are by NTS.", found["authenticated"])
    return "\n".join(lines + _metric("last_run_seconds", "When this was looked, in seconds since 1970.", "%d" % now)) + "\n"


def text(found: Dict[str, Any]) -> str:
    """Return the status for people."""
    head = "follows %s" % found["source"] if found["synchronised"] else "is not kept"
    return "The clock %s: offset %+.6f s, frequency %+.3f ppm, stratum %d; %d of %d sources answer, %d by NTS\n" % (
        head,
        found["offset"],
        found["frequency"],
        found["stratum"],
        found["reachable"],
        found["sources"],
        found["authenticated"],
    )


def observed() -> Dict[str, Any]:
    """Ask chronyd. Raises NoAnswer."""
    try:
        authentication = rows("authdata")
    except NoAnswer:  # chrony before 4.0
        authentication = []
    return status(rows("tracking"), rows("sources"), authentication)


def main(words: List[str], *_registry: Any) -> int:
    """Run, and return the exit status."""
    if words in (["--help"], ["-h"]):
        sys.stdout.write(USAGE)
        return 0
    if words and (words[0] != "--textfile" or len(words) != 2):
        sys.stderr.write(USAGE)
        return 2
    found, problem = None, ""
    try:
        found = observed()
    except NoAnswer as error:
        problem = str(error)
    if found is None:
        sys.stderr.write("groundwork-time-status: %s\n" % problem)
    if words:
        readable_file.write(words[1], to_textfile(found, time.time()))
        return 0
    if found is None:
        return 2
    sys.stdout.write(text(found))
    return 0 if found["synchronised"] else 1
