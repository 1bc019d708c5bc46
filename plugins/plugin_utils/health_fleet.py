# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health seen from outside: which checks of a fleet's services the controller can make too, and how both views become one."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_checks import OUTSIDE, from_outside, named_checks
from ansible_collections.groundwork.fleet.plugins.plugin_utils.services import declared_services, facet

#: The check types that look at something over the network, and where each has the name or address of what it looks at.
TARGETS = {
    "amqp": "host",
    "certificate": "host",
    "clock_offset": "server",
    "dns": "server",
    "elasticsearch": "url",
    "grpc_health": "host",
    "http": "url",
    "kafka": "host",
    "ldap": "host",
    "mysql": "host",
    "postgresql": "host",
    "prometheus": "url",
    "redis": "host",
    "smtp": "host",
    "tcp": "host",
    "udp": "host",
}

#: Options that are paths on the host: the controller has no such file.
OF_THE_HOST = ("ca", "certificate", "header_file", "key", "password_file", "unix_socket")

SEPARATOR = " / "
SUFFIX = " (from outside)"


def is_loopback(name: str) -> bool:
    """Return whether a name or an address means the host itself."""
    try:
        found = ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return name.lower() == "localhost" or name.lower().endswith(".localhost")
    return found.is_loopback or found.is_unspecified


def seen_from_outside(check: Mapping[str, Any]) -> bool:
    """Return whether the controller can make a check and means the same by it: its target is not the host's loopback."""
    kind = next((key for key in check if key in TARGETS), None)
    options = check.get(kind) if kind else None
    if kind is None or not isinstance(options, Mapping) or any(options.get(name) for name in OF_THE_HOST):
        return False
    target = str(options.get(TARGETS[kind]) or "127.0.0.1")
    if TARGETS[kind] == "url":
        target = urlsplit(target).hostname or "127.0.0.1"
    return not target.startswith("/") and not is_loopback(target)


def outside_checks(
    variables_of: Mapping[str, Mapping[str, Any]], hosts: Iterable[str], catalogue: Mapping[str, Any], every: bool = False
) -> dict[str, Any]:
    """Return the checks that the controller makes, named "HOST / CHECK".

    Those of the facets `health` that say `from: outside`. every: also those of the hosts themselves whose target is not the loopback.
    variables_of: host to variables. catalogue: the services of the catalogue.
    """
    found: dict[str, Any] = {}
    for host in hosts:
        items = [item for item in facet(declared_services(variables_of[host], catalogue), "health") if "gossfile" not in item]
        for name, item in named_checks(items):
            check = {key: value for key, value in item.items() if key != OUTSIDE}
            if from_outside(item) or (every and seen_from_outside(check)):
                found[f"{host}{SEPARATOR}{name}"] = check
    return found


def fleet_results(
    variables_of: Mapping[str, Any], hosts: Iterable[str], variable: str, outside: object = None, first: str = ""
) -> dict[str, Any]:
    """Return host to what its checks found, as health_results takes it; a host without an answer is in it too.

    variable: the registered answer of each host, of health_check or of a `converge` with a step of the id `health`.
    outside: the registered answer of the controller's own checks; they stand with the host that they look at.
    first: the variable in which each host registered the first task of the run, which says why one could not be reached.
    """
    found = {str(host): _answer_of(variables_of[host].get(variable)) or _refusal_of(variables_of[host].get(first)) for host in hosts}
    for name, result in _checks_of(outside):
        host, separator, check = name.partition(SEPARATOR)
        if not separator or host not in found:
            raise bad_input("outside", name, 'checks named "HOST / CHECK"', "Run those that groundwork.fleet.outside_checks returned.")
        answer = found[host]
        if "checks" not in answer:
            told = {"status": "failed", "type": "host", "message": answer.get("msg") or "no answer: the checks did not run"}
            answer = found[host] = {"checks": {"(host)": told}}
        answer["checks"][check + SUFFIX] = result
    return found


def _checks_of(answer: object) -> Iterator[tuple[str, Any]]:
    if isinstance(answer, Mapping) and isinstance(answer.get("checks"), Mapping):
        yield from ((str(name), result) for name, result in answer["checks"].items())


def _refusal_of(answer: Any) -> dict[str, Any]:
    """Return why a task of a host did not end well; nothing where it did."""
    if not isinstance(answer, Mapping) or not (answer.get("unreachable") or answer.get("failed")):
        return {}
    return _answer_of({"msg": answer.get("msg", ""), "unreachable": bool(answer.get("unreachable"))})


def _answer_of(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, Mapping):
        return {}
    results = answer.get("results")
    step = results.get("health") if isinstance(results, Mapping) else answer
    if isinstance(step, Mapping) and isinstance(step.get("checks"), Mapping):
        return {"checks": dict(step["checks"])}
    return {key: answer[key] for key in ("msg", "unreachable", "failed") if key in answer}
