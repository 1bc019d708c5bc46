# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health checks as probes of Kubernetes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.groundwork.fleet.plugins.module_utils import health_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_probes
from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_fleet import is_loopback
from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_probes import LeftOut

TOOL = "Kubernetes"
SAID = ("retries", "passes", "delay")
ACCEPTED = set(range(health_probes.FIRST_SUCCESS, health_probes.LAST_SUCCESS + 1))

Options = Mapping[str, Any]


def kubernetes(checks: object) -> dict[str, Any]:
    """Return `probes` (check to what stands under livenessProbe, readinessProbe or startupProbe), `left_out` (check to reason), `notes`.

    `notes` (check to text) tell what of a check its probe cannot see. Raises BadInput for what `health_check` would refuse.
    """
    probes, left_out, notes = health_probes.each(checks, MAKERS, TOOL, SAID)
    for name in probes:
        more = _unseen(checks[name]) if isinstance(checks, Mapping) else []
        if more:
            notes[name] = "; ".join([*([notes[name]] if name in notes else []), *more])
    return {"probes": probes, "left_out": left_out, "notes": notes}


def _unseen(check: Options) -> list[str]:
    """Return what nobody asked a check of HTTP for and it looks at all the same, and its probe does not."""
    options = check.get("http")
    if not options:
        return []
    found = [] if options.get("status") else ["a probe takes the statuses from 200 to 399 for good, the check 200 only"]
    if str(options["url"]).startswith("https:") and options.get("verify") in (None, True):
        found.append("a probe verifies no certificate")
    return found


def _probe(name: str, check: Options, options: Options, handler: Mapping[str, Any]) -> dict[str, Any]:
    """Return the probe in the check's rhythm. `retries` are the failures that are passed over, `passes` the successes that it takes."""
    delay = health_input.seconds(check.get("delay") or 1, f"checks.{name}.delay")
    found = {
        **handler,
        "timeoutSeconds": max(1, math.ceil(health_probes.seconds_of(check, options, name))),
        "periodSeconds": max(1, math.ceil(delay)) if check.get("delay") else 10,
        "failureThreshold": int(check.get("retries") or 0) + 1,
    }
    if int(check.get("passes") or 1) > 1:
        found["successThreshold"] = int(check["passes"])
    return found


def _own(host: object) -> None:
    """Raise LeftOut where a check looks at somebody else: a probe looks at its own pod."""
    if host and not is_loopback(str(host)):
        raise LeftOut(f"a probe looks at its own pod, the check at {host}")


def _http(name: str, check: Options, options: Options) -> dict[str, Any]:
    health_probes.refuse(options, ("headers", "status", "timeout", "url", "verify"), TOOL)
    address = urlsplit(str(options.get("url")))
    _own(address.hostname)
    if options.get("status") and set(health_probes.statuses(options["status"])) != ACCEPTED:
        raise LeftOut("a probe takes the statuses from 200 to 399 for good, the check others")
    handler: dict[str, Any] = {
        "path": (address.path or "/") + (f"?{address.query}" if address.query else ""),
        "port": health_probes.port_of(str(options.get("url"))),
        "scheme": address.scheme.upper(),
    }
    if options.get("headers"):
        handler["httpHeaders"] = [{"name": str(key), "value": str(value)} for key, value in options["headers"].items()]
    return _probe(name, check, options, {"httpGet": handler})


def _tcp(name: str, check: Options, options: Options) -> dict[str, Any]:
    health_probes.refuse(options, ("host", "open", "port"), TOOL)
    if options.get("open") is False:
        raise LeftOut("there is nothing for a port that must be closed")
    _own(options.get("host"))
    return _probe(name, check, options, {"tcpSocket": {"port": int(options["port"])}})


def _grpc(name: str, check: Options, options: Options) -> dict[str, Any]:
    health_probes.refuse(options, ("host", "port", "service"), TOOL)
    _own(options.get("host"))
    handler: dict[str, Any] = {"port": int(options["port"])}
    if options.get("service"):
        handler["service"] = str(options["service"])
    return _probe(name, check, options, {"grpc": handler})


def _command(name: str, check: Options, options: Options) -> dict[str, Any]:
    health_probes.refuse(options, ("argv", "exit"), TOOL)
    if options.get("exit") not in (None, 0, [0]):
        raise LeftOut("a probe takes the exit status 0 for good, and no other")
    return _probe(name, check, options, {"exec": {"command": [str(word) for word in options.get("argv") or []]}})


#: What makes a probe, by the type of the check.
MAKERS = {"http": _http, "tcp": _tcp, "grpc_health": _grpc, "command": _command}
