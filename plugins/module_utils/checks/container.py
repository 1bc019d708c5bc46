# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container of Docker or Podman runs as expected."""

from __future__ import annotations

import dataclasses
import json
import os
from typing import Any, Dict, Optional, Sequence
from urllib.parse import quote

from ansible_collections.groundwork.fleet.plugins.module_utils import health_net
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_most, contains, equal, one_of, option

_SOCKETS = ("/run/docker.sock", "/run/podman/podman.sock")


@dataclasses.dataclass
class Options:
    """Options of a container check."""

    name: str = option("the name or id of the container")
    socket: Optional[str] = option("the path of the engine's socket, by default that of Docker, then that of Podman", None)
    state: Sequence[str] = option("its state, or a list of accepted ones", ["running"], expects=one_of)
    health: Optional[str] = option("what its own health check says (healthy)", None, expects=equal)
    restarts: Optional[int] = option("how often it may have been restarted", None, expects=at_most)
    image: Optional[str] = option("a text that the name of its image has to contain", None, expects=contains)


def observe(options: Options, deadline: Deadline) -> Observation:
    """Ask the engine on its socket, which both engines answer alike."""
    path = options.socket or next((one for one in _SOCKETS if os.path.exists(one)), _SOCKETS[0])
    url = "http://localhost/containers/%s/json" % quote(options.name, safe="")
    try:
        answer = health_net.http(url, deadline, health_net.Tls(), unix_socket=path)
        found = json.loads(answer.body)
    except (OSError, ValueError) as error:
        return Observation({}, note="%s: %s" % (path, health_net.told(error)))
    if answer.status != 200:
        return Observation({"state": "missing"} if answer.status == 404 else {}, note=str(found.get("message", answer.status)))
    state = found["State"]
    facts: Dict[str, Any] = {
        "state": state["Status"],
        "restarts": int(found.get("RestartCount") or 0),
        "image": str(found.get("Config", {}).get("Image") or found.get("ImageName")),
        "health": str((state.get("Health") or state.get("Healthcheck") or {}).get("Status") or "none"),
    }
    note = "exit %s" % state.get("ExitCode") if state["Status"] == "exited" else ""
    return Observation(facts, note=note, identity="%s %s" % (found["Id"], state.get("StartedAt")))
