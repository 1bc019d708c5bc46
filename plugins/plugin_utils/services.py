# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be declared of a service, and its facets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_kinds, service_options, service_ports
from ansible_collections.groundwork.fleet.plugins.plugin_utils.layers import kind_of, merge_layers
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_ports import deploy_ports, port_of

__all__ = ("deploy_ports", "port_of")  # known by this place too

#: The variables that declare services, weakest first.
LAYERS = ("fleet_services", "fleet_services_group", "fleet_services_host")

#: What other roles may see of a service.
FACETS = ("ports", "health", "metrics", "logs", "backup", "alerts", "dashboards", "slo", "certificates")

#: The keys of a declaration that every kind of service takes.
COMMON_KEYS = frozenset(
    FACETS
    + (
        "catalogue",
        "deploy",
        "description",
        "directories",
        "environment",
        "files",
        "hooks",
        "limits",
        "option_spec",
        "options",
        "reload",
        "requires",
        "sandbox",
        "secrets",
        "stable_for",
        "state",
        "steps",
        "validate",
        "version",
    )
)

STATES = ("present", "absent")
INSTANCE = re.compile(r"^[a-z0-9][a-z0-9_]{0,15}$")
PLACE = "{instance}"


def known_keys() -> frozenset[str]:
    """Return every key of a declaration."""
    return COMMON_KEYS | service_kinds.own_keys()


def is_absent(service: Mapping[str, Any]) -> bool:
    """Return whether the service is declared only to be removed."""
    return service.get("state") == "absent"


def facet_items(service: str, declaration: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return one service's items of the facet `name`, always a list of mappings."""
    where = "fleet_services.%s.%s" % (service, name)
    value = declaration.get(name)
    if value is None:
        return []
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, (list, tuple)):
        raise bad_input(where, value, "a mapping or a list of mappings", "It is %s: write [{…}]." % kind_of(value))
    items = []
    for number, item in enumerate(value):
        if not isinstance(item, Mapping):
            place = "%s[%d]" % (where, number)
            raise bad_input(place, item, "a mapping", "It is %s: write {key: value}." % kind_of(item))
        items.append(dict(item))
    return [one for item in items for one in per_instance(item, instances(service, declaration))]


def instances(service: str, declaration: Mapping[str, Any]) -> list[str]:
    """Return the names of a service's instances (`instances: [1, 2]`), none where it has but one unit. Raises BadInput."""
    value = declaration.get("instances")
    where = "fleet_services.%s.instances" % service
    if value is None:
        return []
    if not isinstance(value, (list, tuple)) or not value:
        raise bad_input(where, value, "a list of names", "Write [1, 2], or leave it out for one unit.")
    found = [str(one) for one in value]
    for name in found:
        if not INSTANCE.match(name):
            raise bad_input(where, name, "names of small letters, digits and '_'", "It becomes the part after the @ of a unit.")
        if found.count(name) > 1:
            raise bad_input(where, name, "each name once", "Take one of them out.")
    return found


def of_instance(value: Any, instance: str) -> Any:
    """Return a value with the name of an instance where `{instance}` stands, in keys too."""
    if isinstance(value, str):
        return value.replace(PLACE, instance)
    if isinstance(value, Mapping):
        return {of_instance(key, instance): of_instance(one, instance) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [of_instance(one, instance) for one in value]
    return value


def per_instance(value: Any, names: list[str]) -> list[Any]:
    """Return one value for each instance where it names `{instance}`, else the value itself."""
    if not names or of_instance(value, "") == value:
        return [value]
    return [of_instance(value, name) for name in names]


def facet(services: object, name: str) -> list[dict[str, Any]]:
    """Return the items of the facet `name` of all services that are present, each with `service` added."""
    if name not in FACETS:
        raise unknown_name("facet", "facet", str(name), FACETS)
    if not isinstance(services, Mapping):
        remedy = "It is %s: give the result of groundwork.fleet.declared_services." % kind_of(services)
        raise bad_input("facet(%r): services" % str(name), services, "a mapping of name to declaration", remedy)
    found: list[dict[str, Any]] = []
    for service in services:
        declaration = services[service]
        if not isinstance(declaration, Mapping):
            remedy = "It is %s: write {key: value}." % kind_of(declaration)
            raise bad_input("fleet_services.%s" % service, declaration, "a mapping", remedy)
        if not is_absent(declaration):
            items = facet_items(str(service), declaration, name)
            found.extend({**item, "service": service} for item in items)
    return found


def declared_services(declared: object, catalogue: object = None) -> dict[str, dict[str, Any]]:
    """Return the services of a host: catalogue < fleet_services < fleet_services_group < fleet_services_host.

    declared: the variables of the host, or the list of the three layers.
    catalogue: name to entry, what `catalogue: NAME` in a declaration is based on.
    Raises one BadInput with every problem, a line each.
    """
    services, problems = checked_services(declared, catalogue)
    if problems:
        raise BadInput("\n".join(problems))
    return services


def checked_services(declared: object, catalogue: object = None) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Return the services of a host that are right, and the problems of those that are not."""
    if catalogue is not None and not isinstance(catalogue, Mapping):
        remedy = "It is %s: give lookup('groundwork.fleet.catalogue', 'services')." % kind_of(catalogue)
        raise bad_input("declared_services: catalogue", catalogue, "a mapping of name to entry", remedy)
    services: dict[str, dict[str, Any]] = {}
    problems: list[str] = []
    for name, layers in _collect(declared).items():
        try:
            service = _based_on_catalogue(name, layers, catalogue or {})
            service = service_options.settled("fleet_services.%s" % name, service, is_absent(service))
            problems.extend(_problems(name, service))
            services[name] = service
        except BadInput as error:
            problems.append(str(error))
    if not problems:
        problems.extend(_shared_ports(services))
    return services, problems


def _collect(declared: object) -> dict[str, list[Mapping[str, Any]]]:
    """Return every service's own layers, weakest first; null forgets what the layers below said."""
    if isinstance(declared, Mapping):
        named = [(variable, declared.get(variable)) for variable in LAYERS]
    elif isinstance(declared, (list, tuple)):
        named = [(LAYERS[number] if number < len(LAYERS) else "layer %d" % number, one) for number, one in enumerate(declared)]
    else:
        remedy = "It is %s: give hostvars[inventory_hostname] or [fleet_services, …]." % kind_of(declared)
        raise bad_input("declared_services", declared, "the variables of a host or a list of layers", remedy)
    collected: dict[str, list[Mapping[str, Any]]] = {}
    for variable, layer in named:
        if layer is None:
            continue
        if not isinstance(layer, Mapping):
            remedy = "It is %s: write name: {…} for each service." % kind_of(layer)
            raise bad_input(variable, layer, "a mapping of name to declaration", remedy)
        for name in layer:
            declaration = layer[name]
            if declaration is None:
                collected.pop(str(name), None)
            elif isinstance(declaration, Mapping):
                collected.setdefault(str(name), []).append(declaration)
            else:
                remedy = "It is %s: write {key: value}, or null to remove the service." % kind_of(declaration)
                raise bad_input("%s.%s" % (variable, name), declaration, "a mapping", remedy)
    return collected


def _based_on_catalogue(name: str, layers: list[Mapping[str, Any]], entries: Mapping[str, Any]) -> dict[str, Any]:
    where = "fleet_services.%s" % name
    own = merge_layers(layers, where)
    base = own.get("catalogue")
    if base is None:
        return own
    if not isinstance(base, str) or base not in entries:
        raise unknown_name("entry of catalogue/services", "%s.catalogue" % where, str(base), entries)
    return merge_layers([entries[base], *layers], where)


def _problems(name: str, service: Mapping[str, Any]) -> Iterator[str]:
    where, known = "fleet_services.%s" % name, known_keys()
    for key in service:
        if key not in known:
            yield str(unknown_name("key of a service", "a key of %s" % where, str(key), known))
    if service.get("state", "present") not in STATES:
        yield str(bad_input("%s.state" % where, service["state"], "present or absent", "Leave it out to have the service."))
    try:
        service_kinds.chosen(service, where)
    except BadInput as error:
        yield str(error)
    for facet_name in FACETS:
        try:
            items = facet_items(name, service, facet_name)
            for number, item in enumerate(items if facet_name == "ports" else []):
                port_of("%s.ports[%d]" % (where, number), item)
        except BadInput as error:
            yield str(error)


def taken_ports(services: Mapping[str, Mapping[str, Any]]) -> Iterator[service_ports.Taken]:
    """Yield the ports that the services of a host take, of those that are present. Raises BadInput for what cannot be a port."""
    for name, service in services.items():
        if not is_absent(service):
            facets = [facet_items(name, service, facet_name) for facet_name in ("ports", "metrics")]
            yield from service_ports.taken_by(name, service, *facets)


def _shared_ports(services: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    try:
        yield from service_ports.shared(taken_ports(services))
    except BadInput as error:
        yield str(error)
