# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait on a log server for the canary lines of the fleet, and tell how long each was on its way."""

from __future__ import annotations

import os
import time
from typing import Any, Dict, List

from ansible_collections.groundwork.fleet.plugins.module_utils import log_canaries
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {
    "canaries": {"type": "dict", "required": True},
    "directory": {"type": "path", "default": "/var/log/groundwork"},
    "timeout": {"type": "int", "default": 30},
}
PAUSE = 0.5  # seconds between two looks


def refusal(missing: List[str], directory: str, timeout: int) -> str:
    """Return what a user is told of the hosts whose line did not come."""
    return "No line of this run has reached %s within %d s from: %s. See `journalctl -u rsyslog` on each of them." % (
        directory,
        timeout,
        ", ".join(sorted(missing)),
    )


def run(module: StepModule) -> None:
    """Look again and again until all are there."""
    wanted, directory, timeout = dict(module.params["canaries"]), module.params["directory"], module.params["timeout"]
    for host in wanted:
        if os.path.basename(host) != host or host in ("", ".", ".."):
            module.fail_json(
                msg="canaries has %r; expected names of hosts as in the inventory. Their files are %s/HOST." % (host, directory)
            )
    found: Dict[str, log_canaries.Canary] = {}
    ends = time.monotonic() + timeout
    while True:
        left = {host: str(text) for host, text in wanted.items() if host not in found}
        found.update(log_canaries.arrived(directory, left))
        if len(found) == len(wanted) or time.monotonic() >= ends:
            break
        time.sleep(PAUSE)
    arrived = {host: {"latency": round(one.latency or 0.0, 6)} for host, one in sorted(found.items())}
    missing = sorted(set(wanted) - set(found))
    if missing:
        module.fail_json(msg=refusal(missing, directory, timeout), arrived=arrived, missing=missing)
    module.exit_json(changed=False, arrived=arrived, missing=[])
