# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TCP port takes connections."""

from __future__ import annotations

import dataclasses
import socket

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, equal, option


@dataclasses.dataclass
class Options:
    """Options of a tcp check."""

    port: int = option("the port to connect to")
    host: str = option("the name or address to connect to", "127.0.0.1")
    open: bool = option("whether the port has to take connections", True, expects=equal)


def observe(options: Options, deadline: Deadline) -> Observation:
    """Connect once."""
    try:
        with socket.create_connection((options.host, options.port), timeout=deadline.left()):
            return Observation({"open": True})
    except OSError as error:
        return Observation({"open": False}, note=str(error))
