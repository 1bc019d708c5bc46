# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A local socket takes connections, and answers where that is asked for."""

from __future__ import annotations

import dataclasses
import os
import stat
from typing import Any, Dict, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import health_net
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, contains, equal, option


@dataclasses.dataclass
class Options:
    """Options of a unix_socket check."""

    path: str = option("the path of the socket")
    open: bool = option("whether it has to take connections", True, expects=equal)
    mode: Optional[str] = option("its mode as a quoted octal number", None, expects=equal)
    send: Optional[str] = option("what to send first", None)
    answer: Optional[str] = option("a text that the first thing it sends has to contain", None, expects=contains)


def observe(options: Options, deadline: Deadline) -> Observation:
    """Connect, and listen only where an answer is expected."""
    try:
        status = os.stat(options.path)
    except OSError as error:
        return Observation({"open": False}, note=str(error))
    facts: Dict[str, Any] = {"open": False, "mode": "%04o" % stat.S_IMODE(status.st_mode)}
    if not stat.S_ISSOCK(status.st_mode):
        return Observation(facts, note="it is no socket")
    try:
        with health_net.connect(options.path, 0, deadline) as stream:
            facts["open"] = True
            if options.answer is not None:
                stream.send((options.send or "").encode("utf-8"))
                facts["answer"] = stream.more().decode("utf-8", "replace")
    except OSError as error:
        return Observation(facts, note=health_net.told(error))
    return Observation(facts, identity=str(status.st_ino))
