# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that is wrong with the health checks of a host, as far as the inventory tells, found by the functions that run them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import health_input, health_maintenance
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, told, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import (
    declaration_checks,
    firewall_sets,
    health_plan,
    service_checks,
    services,
)

GOSS = "goss "  # begins the names of the checks from files of goss, which the run reads


@dataclass
class Checks:
    """The checks of a host.

    requires: name to what it requires. places: name to where the inventory declares it. goss: whether files of goss add more.
    """

    requires: dict[str, tuple[str, ...]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    goss: bool = False


def host_checks(settings: Mapping[str, Any], declared: Mapping[str, Mapping[str, Any]], promised: Iterable[str]) -> Checks:
    """Return the checks of a host. Raises BadInput.

    settings: of the role. declared: the services. promised: names of checks that roles add.
    """
    items: list[dict[str, Any]] = []
    places: list[str] = []
    goss = bool(settings["gossfiles"])
    for name, service in declared.items():
        for number, item in enumerate(services.facet({name: service}, "health")):
            goss = goss or "gossfile" in item
            if "gossfile" not in item:
                items.append(item)
                places.append(f"fleet_services.{name}.health[{number}]")
    own = settings["checks"]
    given = service_checks.merged_checks(items, {name: {} for name in promised}, settings["promises"], own)
    named = zip(service_checks.named_checks(items), places, strict=True)
    found = Checks(places={name: place for (name, _item), place in named}, goss=goss)
    found.places.update({str(name): f"health_checks.{name}" for name in own})
    for name, check in given.items():
        wanted = check.get("requires") if isinstance(check, Mapping) else None
        found.requires[str(name)] = health_input.required(wanted)
    return found


def check_problems(declared: object, timeout: object) -> Iterator[str]:
    """Yield what is wrong inside each of `health_checks`. timeout: `health_timeout`."""
    types, load = declaration_checks.check_types()
    try:
        total = health_input.seconds(timeout, "health_timeout")
    except BadInput as error:
        yield str(error)
        total = declaration_checks.DAY
    for name, check in declared.items() if isinstance(declared, Mapping) else ():
        if check is not None:
            one = partial(health_input.parse, {name: check}, types, load, total, "health_checks", whole=False)
            yield from told(one)


def requires_problems(checks: Checks) -> Iterator[str]:
    """Yield names in `requires` that no check has, and circles."""
    known = dict(checks.requires)
    if checks.goss:
        known.update({one: () for names in checks.requires.values() for one in names if one.startswith(GOSS) and one not in known})
    for error in health_input.wrong_requires(known, lambda name: checks.places.get(name, f"health_checks.{name}")):
        yield str(error)


def maintenance_problems(declared: Sequence[Any]) -> Iterator[str]:
    """Yield what is wrong with each window of `health_maintenance`."""
    for number, window in enumerate(declared):
        one = partial(health_maintenance.windows, [window], "health_maintenance")
        yield from told(one, "health_maintenance[0]", f"health_maintenance[{number}]")


def maintenance_warnings(declared: Sequence[Any], checks: Checks) -> Iterator[str]:
    """Yield the names and patterns in `health_maintenance` that no check of the host has.

    No refusal: a window for a whole group may name a check that only some of its hosts have.
    """
    for number, given in enumerate(declared if not checks.goss else ()):  # what is in the files is not known here
        try:
            [window] = health_maintenance.windows([given])
        except BadInput:
            continue  # maintenance_problems tells
        for pattern in window.checks:
            one = window._replace(checks=(pattern,))
            if not any(health_maintenance.covers(one, name) for name in checks.requires):
                yield str(unknown_name("check of this host", f"health_maintenance[{number}].checks", pattern, checks.requires))


def setting_problems(settings: Mapping[str, Any], sources: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the interval, the endpoint and who may ask it. sources: who may be named."""
    yield from told(partial(health_input.seconds, settings["interval"], "health_interval"))
    endpoint = list(told(partial(health_plan.endpoint_of, settings["endpoint"])))
    yield from endpoint
    callers = settings["endpoint"].get("from")
    if callers and not endpoint:
        remedy = "Name who may ask."
        yield from told(partial(firewall_sets.chosen, "health_endpoint.from", callers, sources, remedy))
