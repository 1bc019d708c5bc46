# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong inside a declaration, found on the controller by the same functions that the roles use later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_input, release
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import firewall_rules, firewall_sets, services, users

DAY = 86400.0  # seconds; how long all checks together may take is the role's business

Services = Mapping[str, Mapping[str, Any]]


def told(check: Callable[[], object], inside: str = "", place: str = "") -> Iterator[str]:
    """Yield what `check` refuses. The role's own name of the place (`inside`) becomes that of the inventory."""
    try:
        check()
    except BadInput as error:
        yield str(error).replace(inside, place) if inside else str(error)


def admin_problems(admins: object) -> Iterator[str]:
    """Yield what is wrong with each administrator: a key that is none, rights that sudo does not know."""
    for name, options in admins.items() if isinstance(admins, Mapping) else ():
        yield from told(partial(users.checked, {name: options}), "users_accounts", "fleet_admins")


def network_problems(declared: object, known: Iterable[str]) -> Iterator[str]:
    """Yield what is wrong with `fleet_networks`: addresses that are none, names that are taken. known: hosts and groups."""
    taken = {firewall_sets.ANY, *known}
    for name, addresses in declared.items() if isinstance(declared, Mapping) else ():
        if str(name) in taken:
            yield str(bad_input("fleet_networks", name, "a name that is no host, no group and not 'any'", "Choose another name."))
        yield from told(partial(firewall_sets.networks, f"fleet_networks[{name!r}]", addresses))


def port_problems(declared: Services, known: Iterable[str]) -> Iterator[str]:
    """Yield what the firewall would refuse: unknown names in `from`, ports and protocols that are none. known: hosts and groups."""
    nobody: dict[str, list[str]] = {name: [] for name in known}
    for name, service in declared.items():
        for number, item in enumerate(services.facet({name: service}, "ports")):
            yield from told(partial(firewall_rules.part_of, f"fleet_services.{name}.ports[{number}]", item, nobody))


def health_problems(declared: Services) -> Iterator[str]:
    """Yield unknown check types, unknown options and values that do not fit."""
    types = health.check_types()

    def load(name: str) -> health.CheckType:
        return health.load_type(name, types[name].read_text(encoding="utf-8"))

    for name, service in declared.items():
        for number, item in enumerate(services.facet({name: service}, "health")):
            place = f"fleet_services.{name}.health[{number}]"
            check = {key: value for key, value in item.items() if key not in ("service", "name")}
            yield from told(partial(health_input.parse, {"check": check}, types, load, DAY, "health"), "health.check", place)


def release_problems(declared: Services) -> Iterator[str]:
    """Yield releases without a version, an archive or a checksum that can be one."""
    for name, service in declared.items():
        if isinstance(service.get("release"), Mapping):
            judged = partial(release.wanted_releases, {name: service["release"]}, "present")
            yield from told(judged, f"releases[{name!r}]", f"fleet_services.{name}.release")


def problems(declared: Services, known: Iterable[str]) -> list[str]:
    """Return everything that is wrong inside the services of a host. known: the names of the hosts, groups and networks."""
    present = {name: service for name, service in declared.items() if not services.is_absent(service)}
    return [*port_problems(present, known), *health_problems(present), *release_problems(present)]
