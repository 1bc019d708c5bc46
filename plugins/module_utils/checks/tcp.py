# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A port takes connections, and answers where that is asked for."""

from __future__ import annotations

import dataclasses
import time
from typing import Any, Dict, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import health_net
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_most, contains, equal, option


@dataclasses.dataclass
class Options:
    """Options of a tcp check."""

    port: int = option("the port")
    host: str = option("the name or address", "127.0.0.1")
    open: bool = option("whether it has to take connections", True, expects=equal, presence=True)
    send: Optional[str] = option("what to send first", None)
    answer: Optional[str] = option("a text that the first thing it sends has to contain", None, expects=contains)
    milliseconds: Optional[int] = option("how many milliseconds the connection may take", None, expects=at_most)


def observe(options: Options, deadline: Deadline) -> Observation:
    """Connect, and listen only where an answer is expected."""
    started = time.monotonic()
    try:
        with health_net.connect(options.host, options.port, deadline) as stream:
            facts: Dict[str, Any] = {"open": True, "milliseconds": int((time.monotonic() - started) * 1000)}
            if options.answer is None:
                return Observation(facts)
            try:
                stream.send((options.send or "").encode("utf-8"))
                facts["answer"] = stream.more().decode("utf-8", "replace")
            except OSError as error:
                return Observation(facts, note=health_net.told(error))
            return Observation(facts)
    except OSError as error:
        return Observation({"open": False}, note=str(error))
