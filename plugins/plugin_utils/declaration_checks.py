# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong inside a declaration, found on the controller by the same functions that the roles use later."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import health, health_input, release
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, told, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import (
    firewall_declared,
    firewall_sets,
    monitoring_slo,
    service_checks,
    service_plan,
    service_ports,
    services,
    users,
    users_sudo,
)
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_kinds import release as release_kind

DAY = 86400.0  # seconds; how long all checks together may take is the role's business

#: So that a value by platform has one here: which one is judged on the host.
PLATFORMS = ("RedHat", "Rocky", "Rocky-9", "Ubuntu", "Ubuntu-22", "Ubuntu-24", "Debian", "Debian-12", "Debian-13")

Services = Mapping[str, Mapping[str, Any]]


def admin_problems(admins: object, roles: object = None, services: object = None) -> Iterator[str]:
    """Yield what is wrong with each account: a key that is none, a day that is none, a sudo role that nobody declared.

    roles: users_sudo_roles; services: users_service_accounts.
    """
    declared = roles if isinstance(roles, Mapping) else {}
    wrong = [problem for name, options in declared.items() for problem in told(partial(users_sudo.checked_roles, {name: options}))]
    yield from wrong
    known = {} if wrong else declared
    people = admins if isinstance(admins, Mapping) else {}
    for name, options in people.items():
        if not wrong or not isinstance(options, Mapping) or "sudo" not in options:
            yield from told(partial(users.checked, {name: options}, known), "users_accounts", "fleet_admins")
    for name, options in services.items() if isinstance(services, Mapping) and not wrong else ():
        same = {name: people[name]} if name in people else {}
        yield from told(partial(users.checked, same, known, {name: options}), "users_accounts", "fleet_admins")


def network_problems(declared: object, known: Iterable[str]) -> Iterator[str]:
    """Yield what is wrong with `fleet_networks`: addresses that are none, names that are taken. known: hosts and groups."""
    taken = {firewall_sets.ANY, *known}
    for name, addresses in declared.items() if isinstance(declared, Mapping) else ():
        if str(name) in taken:
            yield str(bad_input("fleet_networks", name, "a name that is no host, no group and not 'any'", "Choose another name."))
        yield from told(partial(firewall_sets.networks, f"fleet_networks[{name!r}]", addresses))


def lock_out_problems(admins: object, connecting: object) -> Iterator[str]:
    """Yield what would cut off the user of the connection, as far as the inventory tells. connecting: ansible_user, where it is set."""
    if not isinstance(admins, Mapping) or not isinstance(connecting, str) or not isinstance(admins.get(connecting), Mapping):
        return
    options = admins[connecting]
    where, remedy = f"fleet_admins[{connecting!r}]", f"ansible_user is {connecting!r}: connect as somebody else first."
    if options.get("state") in ("absent", "locked"):
        yield str(bad_input(f"{where}.state", options["state"], "that the account in use keeps its access", remedy))
        return
    with contextlib.suppress(BadInput):  # which admin_problems tells
        account = users.checked({connecting: {**options, "sudo": "none"}})[connecting]
        if not account["keys"] and account["exclusive_keys"]:
            yield str(bad_input(f"{where}.keys", account["expired"], "a key that has not expired", remedy))


def port_problems(declared: Services, known: Iterable[str]) -> Iterator[str]:
    """Yield what the firewall would refuse: unknown names in `from`, ports and protocols that are none. known: hosts and groups."""
    nobody: dict[str, list[str]] = {name: [] for name in known}
    for name, service in declared.items():
        for number, item in enumerate(services.facet({name: service}, "ports")):
            yield from firewall_declared.item_problems(f"fleet_services.{name}.ports[{number}]", item, nobody)


def check_types() -> tuple[Iterable[str], Callable[[str], health.CheckType]]:
    """Return the names of all check types, and the function that loads one."""
    types = health.check_types()
    return types, lambda name: health.load_type(name, types[name].read_text(encoding="utf-8"))


def health_problems(declared: Services) -> Iterator[str]:
    """Yield unknown check types, unknown options and values that do not fit."""
    types, load = check_types()
    for name, service in declared.items():
        for number, item in enumerate(services.facet({name: service}, "health")):
            if "gossfile" in item:  # the role reads it
                continue
            place = f"fleet_services.{name}.health[{number}]"
            check = {key: value for key, value in item.items() if key not in ("service", "name", service_checks.OUTSIDE)}
            yield from told(partial(service_checks.from_outside, item), "health_services.from", f"{place}.from")
            parsed = partial(health_input.parse, {"check": check}, types, load, DAY, "health", whole=False)
            yield from told(parsed, "health.check", place)


def release_problems(declared: Services) -> Iterator[str]:
    """Yield releases without a version, an archive or a checksum that can be one."""
    for name, service in declared.items():
        given = service.get("release")
        if isinstance(given, Mapping):
            number = release_kind.number_of(service, given)
            judged = partial(release.wanted_releases, {name: {**given, "version": number}}, "present")
            wrong = list(told(judged, f"releases[{name!r}]", f"fleet_services.{name}.release"))
            yield from wrong or told(partial(local_archive, given, number, f"fleet_services.{name}.release"))


def local_archive(given: Mapping[str, Any], number: str, where: str) -> None:
    """Refuse an archive of the controller that is not there, or not the one that the checksum names. Raises BadInput.

    Only an absolute path means the same to every role; what a host fills in, or fetches, is judged there.
    """
    address = str(given.get("url")).removeprefix("file://").replace("{version}", number)
    if not address.startswith("/") or "{" in address or given.get("installed"):
        return
    try:
        with Path(address).open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise bad_input(f"{where}.url", address, "an archive on the controller", f"{error.strerror}.") from error
    if digest != str(given["sha256"]).lower():
        remedy = f"{address} has {digest}. Correct the checksum only if you trust that archive."
        raise bad_input(f"{where}.sha256", given["sha256"], "the checksum of the archive", remedy)


def objective_problems(declared: Services) -> Iterator[str]:
    """Yield what is wrong with the objectives of services."""
    for name, service in declared.items():
        for item in services.facet({name: service}, "slo"):
            yield from told(partial(monitoring_slo.checked, 0, item), "monitoring_slos[0]", f"fleet_services.{name}.slo")


def opened_problems(declared: Services) -> Iterator[str]:
    """Yield health checks of a port that nothing of the host opens."""
    try:
        taken = list(services.taken_ports(declared))
    except BadInput:
        return  # told where it stands
    for name, service in declared.items():
        yield from service_ports.never_passing(name, service, services.facet({name: service}, "health"), declared, taken)


def plan_problems(declared: Services, told_of: Iterable[str]) -> Iterator[str]:
    """Yield what the role would refuse when it plans, of each service of which nothing else is told. told_of: what is told."""
    known = list(told_of)
    for name, service in declared.items():
        if not any(f"fleet_services.{name}." in text or f"fleet_services.{name} " in text for text in known):
            yield from told(partial(service_plan.service_plan, {name: service}, PLATFORMS), "services.", "fleet_services.")


def control_problems(choices: object, known: Iterable[str]) -> Iterator[str]:
    """Yield what is wrong with `hardening_controls`: ids that do not exist, values that say nothing. known: the ids of all controls."""
    for name, choice in choices.items() if isinstance(choices, Mapping) else ():
        if name not in known:
            yield str(unknown_name("control", "hardening_controls", str(name), known))
        elif not isinstance(choice, (bool, Mapping)):
            remedy = "true takes it, false leaves it out, a mapping is laid over its entry in the catalogue."
            yield str(bad_input("hardening_controls.%s" % name, choice, "true, false or a mapping", remedy))


def problems(declared: Services, known: Iterable[str]) -> list[str]:
    """Return everything that is wrong inside the services of a host. known: the names of the hosts, groups and networks."""
    present = {name: service for name, service in declared.items() if not services.is_absent(service)}
    found = [*port_problems(present, known), *health_problems(present), *release_problems(present), *objective_problems(present)]
    found += opened_problems(present)
    return [*found, *plan_problems(present, found)]
