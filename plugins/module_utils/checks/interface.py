# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network interface is up and has its addresses."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import Any, Dict, List, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, equal, holds, option, shared_output

_FOLDER = "/sys/class/net"


@dataclasses.dataclass
class Options:
    """Options of an interface check."""

    name: str = option("the name of the interface")
    exists: bool = option("whether it has to exist", True, expects=equal, presence=True)
    up: Optional[bool] = option("whether it has to carry", None, expects=equal)
    mtu: Optional[int] = option("how large its packets may be", None, expects=equal)
    addresses: Optional[str] = option("an address it has to have, with the length of its network: 10.0.0.5/24", None, expects=holds)


def _addresses(name: str, deadline: Deadline) -> List[str]:
    found = json.loads(shared_output(["ip", "-json", "address", "show"], deadline.left()))
    one: Dict[str, Any] = next((one for one in found if one.get("ifname") == name), {})
    return ["%s/%d" % (item["local"], item["prefixlen"]) for item in one.get("addr_info", [])]


def observe(options: Options, deadline: Deadline) -> Observation:
    """Read what the kernel says."""
    folder = os.path.join(_FOLDER, os.path.basename(options.name))
    if not os.path.isdir(folder):
        return Observation({"exists": False})
    with open(os.path.join(folder, "operstate"), encoding="ascii") as stream:
        state = stream.read().strip()
    with open(os.path.join(folder, "mtu"), encoding="ascii") as stream:
        facts: Dict[str, Any] = {"exists": True, "up": state in ("up", "unknown"), "mtu": int(stream.read())}  # lo says unknown
    if options.addresses is not None:
        facts["addresses"] = _addresses(options.name, deadline)
    return Observation(facts, note=state)
