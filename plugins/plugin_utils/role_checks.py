# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The preflight's judgement of the variables of single roles (certificates, exporters, firewall, health, …), beyond their types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ansible_collections.groundwork.fleet.plugins.module_utils import postgresql_roles
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, told
from ansible_collections.groundwork.fleet.plugins.plugin_utils import (
    acme,
    certificate_items,
    exporter_access,
    firewall_declared,
    health_declared,
    log_model,
    promises,
    scrape,
    secret_reference,
    services,
    settings,
    spec_check,
    topology,
)

if TYPE_CHECKING:
    from ansible_collections.groundwork.fleet.plugins.plugin_utils.preflight import Judgement, Surroundings

Variables = Mapping[str, Any]
#: What counts of the role health where the inventory sets none of its variables: the checks of the services stand alone.
SERVICES_ALONE: Mapping[str, Any] = {"checks": {}, "promises": {}, "gossfiles": [], "maintenance": []}
#: Without one of them it is not known who may be named in the firewall, or which checks there are.
NAMES_OF_SOURCES = ("fleet_networks", "firewall_sources")
NAMES_OF_CERTIFICATES = ("certificates_wanted", "certificates_acme")
NAMES_OF_SCRAPES = ("exporters_authentication", "exporters_basic_auth", "monitoring_basic_auth")
NAMES_OF_CHECKS = ("health_checks", "health_promises", "health_gossfiles", "exporters_enabled")


def unrendered(names: Iterable[str], variables: Variables, values: Variables) -> bool:
    """Return whether the inventory sets one of these variables to a template that could not be rendered, which has been told."""
    return any(variables.get(name) is not None and name not in values for name in names)


def role_settings(role: str, values: Variables, around: Surroundings) -> dict[str, Any] | None:
    """Return the settings of a role without what has been told to be wrong; None where the inventory sets nothing, or `absent`."""
    spec = around.spec(role) if role in around.prefixes else {}
    right = {
        name: values[name]
        for name, option in spec.items()
        if values.get(name) is not None and not any(spec_check.problems(name, option, values[name]))
    }
    if not right or right.get(f"{role}_state") == "absent":
        return None
    return settings.without_prefix(settings.coerced(spec, {**around.defaults(role), **right}), role)


def sources(values: Variables, around: Surroundings) -> dict[str, Any]:
    """Return who may be named in the firewall."""
    own = values.get("firewall_sources")
    names = {*around.hosts, *around.groups, *(map(str, own) if isinstance(own, Mapping) else ())}
    return firewall_declared.sources_of(values.get("fleet_networks"), names)


def judge_logins(values: Variables, found: Judgement) -> None:
    """Add what is wrong with the logins of PostgreSQL. A secret that could not be had was told."""
    owners = values.get("postgresql_logins_owners")
    if isinstance(owners, Mapping) and not any(secret_reference.references(owners, "")):
        found.problems.extend(told(lambda: postgresql_roles.wanted(dict(owners), "postgresql_logins_owners")))


def judge_certificates(variables: Variables, values: Variables, declared: Mapping[str, Mapping[str, Any]] | None, found: Judgement) -> None:
    """Add what is wrong with the certificates that are asked for. declared: the services of the host, None where they are not in order."""
    if values.get("certificates_state") == "absent" or unrendered(NAMES_OF_CERTIFICATES, variables, values):
        return
    wanted, public = values.get("certificates_wanted") or [], values.get("certificates_acme") or {}
    if not isinstance(wanted, list) or not isinstance(public, Mapping):
        return  # told by its type
    try:
        items = certificate_items.checked([*(services.facet(declared, "certificates") if declared else []), *wanted])
        acme.checked(public, [item for item in items if item.issuer == "acme"])
    except BadInput as error:
        found.problems.extend(str(error).splitlines())


def judge_scrapes(variables: Variables, values: Variables, found: Judgement) -> None:
    """Add what is wrong with who may scrape the exporters of the host, and with whom its Prometheus scrapes as. A secret that could not be
    had was told."""
    if unrendered(NAMES_OF_SCRAPES, variables, values):
        return
    way, users = values.get("exporters_authentication") or "certificates", values.get("exporters_basic_auth") or {}
    asked = way in exporter_access.AUTHENTICATIONS and values.get("exporters_state") != "absent"
    if asked and not any(secret_reference.references(users, "")):
        found.problems.extend(told(lambda: exporter_access.checked_users(str(way), users)))
    if "monitoring" not in (variables.get("group_names") or ()) or values.get("monitoring_state") == "absent":
        return
    scraper = values.get("monitoring_basic_auth")
    if isinstance(scraper, Mapping) and scraper:
        found.problems.extend(told(lambda: exporter_access.scrape_password(scraper)))
    elif not scraper and asked and way != "certificates":
        remedy = "Write {username: prometheus, password: secret://…}."
        found.warnings.append(str(bad_input("monitoring_basic_auth", {}, f"a user, as exporters_authentication is {way}", remedy)))


def judge_firewall(variables: Variables, values: Variables, around: Surroundings, found: Judgement) -> None:
    """Add what is wrong with the firewall. variables: as the inventory has them. values: those that could be rendered."""
    own = role_settings("firewall", values, around)
    if own is not None and not unrendered(NAMES_OF_SOURCES, variables, values):
        connection = [around.render(variables.get(name)) for name in ("ansible_connection", "ansible_port")]
        whole = {**own, "sources": sources(values, around)}
        found.problems.extend(firewall_declared.problems(whole, firewall_declared.connection_port(*connection)))


def judge_logs(
    variables: Variables, values: Variables, declared: Mapping[str, Mapping[str, Any]] | None, around: Surroundings, found: Judgement
) -> None:
    """Add what is wrong with what is declared of logs, and the bounds that only the host can judge.

    declared: the services of the host, None where they are not in order.
    """
    logs = values.get("fleet_logs")
    if not isinstance(logs, Mapping) or not logs or declared is None or values.get("log_shipping_state") == "absent":
        return
    names = list((variables.get("groups") or {}).get("log_servers", ()))
    servers = topology.log_servers(names, {name: {} for name in names})
    engine = str(values.get("log_shipping_engine") or "rsyslog")
    try:
        log_model.parsed(logs, services.facet(declared, "logs"), servers, around.log_outputs(), engine)
        found.bounds.extend({**one, "folders": around.folders("log_shipping")} for one in log_model.bounds(logs))
    except BadInput as error:
        found.problems.extend(str(error).splitlines())


def judge_health(
    variables: Variables, values: Variables, declared: Mapping[str, Mapping[str, Any]] | None, around: Surroundings, found: Judgement
) -> None:
    """Add what is wrong with the health checks. declared: the services of the host, None where they are not in order."""
    own = role_settings("health", values, around)
    if own is not None:
        found.problems.extend(health_declared.check_problems(own["checks"], own["timeout"]))
        found.problems.extend(health_declared.maintenance_problems(own["maintenance"]))
        if not unrendered(NAMES_OF_SOURCES, variables, values):
            found.problems.extend(health_declared.setting_problems(own, sources(values, around)))
    if declared is None or unrendered(NAMES_OF_CHECKS, variables, values) or values.get("health_state") == "absent":
        return  # without the services it is not known which checks there are
    parts = own or SERVICES_ALONE
    try:
        checks = health_declared.host_checks(parts, declared, promises.DEFAULT_CHECKS)
        if not parts["maintenance"] and not any(checks.requires.values()):
            return
        known = [*promises.DEFAULT_CHECKS, *promised(variables, values, around)]
        checks = health_declared.host_checks(parts, declared, known)
    except BadInput:
        return  # told where it stands
    found.problems.extend(health_declared.requires_problems(checks))
    found.warnings.extend(health_declared.maintenance_warnings(parts["maintenance"], checks))


def promised(variables: Variables, values: Variables, around: Surroundings) -> list[str]:
    """Return the names of the checks that the roles of a site promise of this host. Raises BadInput where its metrics are wrong."""
    name, exporters = str(variables.get("inventory_hostname")), around.exporters()
    default = scrape.declared_default(settings.COLLECTION)
    targets = scrape.scrape_targets({name: values}, [name], around.service_catalogue(), exporters, default)
    servers = list((variables.get("groups") or {}).get("log_servers", ()))
    log_servers = topology.log_servers(servers, {server: {} for server in servers})
    return [*promises.host_promises(name, values, variables.get("group_names") or (), targets, exporters, log_servers)]
