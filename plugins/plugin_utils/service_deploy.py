# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a declared service is replaced: blue and green on one host, as the step `blue_green` takes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import blue_green, health_input, release
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_files, service_kinds
from ansible_collections.groundwork.fleet.plugins.plugin_utils import services as services_util
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_declared import Service

BLUE_GREEN = "blue_green"
STRATEGIES = (BLUE_GREEN,)
KEYS = ("strategy", "ports", "switch", "health", "drain_seconds")
NGINX_KEYS = ("upstream", "path", "keepalive", "unit")
HAPROXY_KEYS = ("backend", "socket", "state_file")
KINDS = ("release", "container")
RETRIES = {"retries": 30, "delay": "500ms"}


def is_blue_green(service: Service) -> bool:
    """Return whether a service is replaced by a second colour. Raises BadInput where `deploy` is not in order."""
    return bool(service.given.get("deploy")) and bool(checked(service))


def checked(service: Service) -> Mapping[str, Any]:
    """Return the value of `deploy`, empty without one. Raises BadInput."""
    given, where = service.mapping("deploy"), "%s.deploy" % service.where
    if not given:
        return {}
    for key in given:
        if key not in KEYS:
            raise unknown_name("key of deploy", "a key of %s" % where, key, KEYS)
    if given.get("strategy") not in STRATEGIES:
        raise unknown_name("strategy", "%s.strategy" % where, str(given.get("strategy")), STRATEGIES)
    if service.kind_name not in KINDS:
        remedy = "A package has one unit of its own; take `deploy` out."
        raise bad_input(where, given["strategy"], "a service from a release or a container", remedy)
    if service.instances or service.preset.timer or service.preset.socket:
        remedy = "Take `deploy` out, or instances, schedule and preset."
        raise bad_input(where, given["strategy"], "a service with one unit that starts by itself", remedy)
    services_util.deploy_ports(where, given)
    _switch(service, given)
    health_input.seconds(given.get("drain_seconds", 0), "%s.drain_seconds" % where)
    return given


def colours(service: Service) -> dict[str, Service]:
    """Return the service as each of its colours, with the colour's port in the option `port`."""
    ports = services_util.deploy_ports("%s.deploy" % service.where, checked(service))
    return {colour: service.as_colour(colour, port) for colour, port in zip(blue_green.COLOURS, ports, strict=True)}


def step(service: Service) -> dict[str, Any]:
    """Return the service as the step `blue_green` takes it."""
    given = checked(service)
    own = [path for path, entry in service_files.credentials(service).items() if not entry.get("directory")]
    # A directory is left out: what the service writes into it itself is no reason to replace it.
    directories = {path for path, entry in service_files.declared(service).items() if entry.get("directory")}
    reactions = service_files.watched(service)
    watch = [*own, *(path for path, reaction in reactions.items() if reaction != "nothing" and path not in directories)]
    turns = {name: _colour(one, given) for name, one in colours(service).items()}
    alone = turns["blue"]["path"].replace("@blue", "", 1)
    found: dict[str, Any] = {
        "colours": turns,
        "switch": _switch(service, given),
        "drain_seconds": health_input.seconds(given.get("drain_seconds", 30), "%s.deploy.drain_seconds" % service.where),
    }
    number = service_kinds.optional(service.kind, "number")
    if number:
        found["release"] = number(service)
        watch.append(release.mark_of("/opt", service.name, found["release"]))
    return {**found, "watch": watch, "predecessor": {"unit": service.unit, "path": alone}}


def _unit_path(service: Service) -> str:
    return next(path for path, entry in service.kind.unit_files(service).items() if "content" in entry)


def _colour(service: Service, given: Mapping[str, Any]) -> dict[str, Any]:
    path, port = _unit_path(service), int(service.options["port"])
    content = service.kind.unit_files(service)[path]["content"]
    return {"unit": service.unit, "path": path, "content": content, "port": port, "checks": _checks(service, given, port)}


def _checks(service: Service, given: Mapping[str, Any], port: int) -> dict[str, Any]:
    """Return what a colour has to pass before it gets requests; each has to hold as long as the service is observed."""
    items = services_util.facet_items(service.name, {"deploy.health": given.get("health")}, "deploy.health")
    items = items or [{"tcp": {"host": "127.0.0.1", "port": port}}]
    lasts = {"stable_for": service.stable_for}
    unit = {"systemd_unit": {"name": service.unit}, **RETRIES, **lasts}
    named = {"%s-%d" % (service.name, number): {**RETRIES, **lasts, **filled(item, service.filled)} for number, item in enumerate(items, 1)}
    return {"%s-unit" % service.name: unit, **named}


def filled(value: Any, fill: Callable[[str], str]) -> Any:
    """Put options in place of their names in all texts of a value. A text that is nothing but the name of the port stays a text."""
    if isinstance(value, Mapping):
        return {key: filled(one, fill) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [filled(one, fill) for one in value]
    return fill(value) if isinstance(value, str) else value


def _switch(service: Service, given: Mapping[str, Any]) -> dict[str, Any]:
    where, switch = "%s.deploy.switch" % service.where, given.get("switch")
    known = {"nginx": NGINX_KEYS, "haproxy": HAPROXY_KEYS}
    if not isinstance(switch, Mapping) or len(switch) != 1 or next(iter(switch)) not in known:
        raise bad_input(where, switch, "nginx or haproxy", "Write switch: {nginx: {upstream: %s}}." % service.name)
    kind = str(next(iter(switch)))
    options = switch[kind] or {}
    if not isinstance(options, Mapping):
        raise bad_input("%s.%s" % (where, kind), options, "a mapping", "Write {%s: value}." % known[kind][0])
    for key in options:
        if key not in known[kind]:
            raise unknown_name("key of %s" % kind, "a key of %s.%s" % (where, kind), str(key), known[kind])
    return {kind: _haproxy(service, options) if kind == "haproxy" else _nginx(service, options, given)}


def _haproxy(service: Service, options: Mapping[str, Any]) -> dict[str, Any]:
    return {"backend": service.name, "socket": "/run/haproxy/admin.sock", **options}


def _nginx(service: Service, options: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    upstream = str(options.get("upstream", service.name))
    ports = services_util.deploy_ports("%s.deploy" % service.where, given)
    return {
        "path": str(options.get("path", "/etc/nginx/conf.d/00-%s-upstream.conf" % service.name)),
        "unit": str(options.get("unit", "nginx.service")),
        "contents": {
            colour: upstream_text(upstream, port, options.get("keepalive", 16))
            for colour, port in zip(blue_green.COLOURS, ports, strict=True)
        },
    }


def upstream_text(name: str, port: int, keepalive: object) -> str:
    """Return nginx's upstream that leads to a port of the loopback."""
    kept = "    keepalive %s;\n" % keepalive if keepalive else ""
    lines = "upstream %s {\n    server 127.0.0.1:%d;\n%s}\n" % (name, port, kept)
    return "# Written by groundwork.fleet.services, which switches between two ports here; changes are overwritten.\n" + lines


def first_files(service: Service) -> dict[str, dict[str, Any]]:
    """Return the file of nginx's upstream: it leads to blue until it is switched for the first time, so that nginx can start with it."""
    nginx = _switch(service, checked(service)).get("nginx")
    return {nginx["path"]: {"content": nginx["contents"]["blue"], "once": True}} if nginx else {}


def add(service: Service, plan: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Add a service of two colours to the plan. Returns the files that its removal takes away besides the declared ones."""
    if not service.removing:
        plan["deployments"][service.name] = step(service)
        first = colours(service)[blue_green.COLOURS[0]]
        directories = {path: entry for path, entry in service.kind.unit_files(first).items() if entry.get("directory")}
        return {**directories, **first_files(service)}
    files = first_files(service)
    state = _switch(service, checked(service)).get("haproxy", {}).get("state_file")
    if state:
        files[state] = {"content": ""}
    for one in colours(service).values():
        plan["units"][one.unit] = {"state": "stopped", "enabled": False}
        files.update(one.kind.unit_files(one))
    return files
