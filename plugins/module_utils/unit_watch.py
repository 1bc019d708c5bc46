# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watch units for a while after they were started: a service that crashes after five seconds has started well."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Callable, Dict, Mapping, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.systemd import Observed, settled

PAUSE = 0.5  # seconds between two looks

Observe = Callable[[Sequence[str]], Dict[str, Observed]]


@dataclass(frozen=True)
class Broken:
    """A unit that did not stay up. after: seconds since the watch began. why: in words."""

    seen: Observed
    after: float
    why: str


def unstable(first: Observed, now: Observed, anew: bool) -> str:
    """Say why a unit is not what it was when the watch began, empty where it is. anew: it was started, so no restart is of before."""
    before = "0" if anew else first.restarts
    if now.restarts.isdigit() and before.isdigit() and now.restarts != before:
        return "systemd has started it anew %d times" % (int(now.restarts) - int(before))
    if settled(now) is not True or (now.active == "activating" and now.sub == "auto-restart"):
        return "it is %s (%s)" % (now.active, now.sub)
    if not first.runs_once and None not in (first.active_since, now.active_since) and first.active_since != now.active_since:
        return "it was started once more"
    return ""


def watch(
    observe: Observe,
    wanted: Mapping[str, float],
    anew: Sequence[str],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Optional[Broken]:
    """Watch units, all at once, and return the first that does not stay up, None where all do.

    wanted: unit to seconds. anew: those that were started or restarted just now, others were only reloaded.
    """
    begun, first = clock(), observe(list(wanted))
    seen = first
    while True:
        held = clock() - begun
        for name, unit in seen.items():
            why = unstable(first[name], unit, name in anew)
            if why:
                return Broken(unit, held, why)
        left = [name for name in seen if wanted[name] > held]
        if not left:
            return None
        sleep(min(PAUSE, max(wanted[name] for name in left) - held))
        seen = observe(left)


def told(broken: Broken, wanted: float, journal: Sequence[str]) -> str:
    """Build the error for a unit that did not stay up."""
    seen = broken.seen
    text = "%s did not stay up for %g s after its start: after %.1f s %s; result %s, exit status %s." % (
        seen.name,
        wanted,
        broken.after,
        broken.why,
        seen.result,
        seen.exit_status or "unknown",
    )
    return text + ("\nLast journal lines:\n" + "\n".join("  " + line for line in journal) if journal else "")
