# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the health facet of services to named checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import health_input
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input

OUTSIDE = "from"  # the key that says who makes a check
SETTINGS = ("service", "name", OUTSIDE, *health_input.SETTINGS)


def from_outside(item: Mapping[str, Any]) -> bool:
    """Return whether the controller makes a check, and not the host: `from: outside`. Raises BadInput for anything else but `host`."""
    who = item.get(OUTSIDE, "host")
    if who not in ("host", "outside"):
        raise bad_input("health_services.from", who, "host or outside", "Leave it out for a check that the host makes itself.")
    return bool(who == "outside")


def named_checks(services: object) -> list[tuple[str, dict[str, Any]]]:
    """Return the items of the facet `health` with their names, in their order.

    A check is named "orders http", with its `name` "orders NAME", and a second one of the same name "orders http 2".
    """
    if isinstance(services, (str, Mapping)) or not isinstance(services, Sequence):
        raise bad_input("health_services", services, "a list of checks", "Give {{ services | groundwork.fleet.facet('health') }}.")
    checks: dict[str, dict[str, Any]] = {}
    for number, item in enumerate(services):
        if not isinstance(item, Mapping) or not item.get("service"):
            remedy = "Give {{ services | groundwork.fleet.facet('health') }}."
            raise bad_input("health_services[%d]" % number, item, "a check with the name of its service", remedy)
        what = item.get("name") or next((str(key) for key in item if key not in SETTINGS), "check")
        checks[_free_name("%s %s" % (item["service"], what), checks)] = {
            key: value for key, value in item.items() if key not in ("service", "name")
        }
    return list(checks.items())


def merged_checks(services: object, *layers: object) -> dict[str, Any]:
    """Return the checks that the host makes itself, by name; null in a later layer takes a check out.

    services: the items of the facet `health`, each with `service`; those `from: outside` are not the host's. layers: checks by name.
    """
    checks: dict[str, Any] = {
        name: {key: value for key, value in item.items() if key != OUTSIDE}
        for name, item in named_checks(services)
        if not from_outside(item)
    }
    for layer in layers:
        if not isinstance(layer, Mapping):
            raise bad_input("health_checks", layer, "a mapping of names to checks", "Write name: {tcp: {port: 22}}.")
        checks.update(layer)
    return {name: check for name, check in checks.items() if check is not None}


def _free_name(name: str, taken: Mapping[str, Any]) -> str:
    if name not in taken:
        return name
    return next("%s %d" % (name, number) for number in range(2, len(taken) + 3) if "%s %d" % (name, number) not in taken)
