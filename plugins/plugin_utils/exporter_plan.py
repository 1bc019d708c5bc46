# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an exporter's declaration amounts to on a host: packages, files, units, checks and targets. Decides, touches nothing."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import unit_text
from ansible_collections.groundwork.fleet.plugins.plugin_utils.settings import platform_names
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

DIRECTORY = "/etc/groundwork/exporters"
PREFIX = "groundwork-exporter-"
KEYS = ("description", "port", "install", "exec", "environment", "user", "tls", "service", "prepare", "proof", "alerts", "dashboard")
TLS_KINDS = ("native", "stunnel")
LOOPBACK_OFFSET = 10000
CREDENTIALS = ("ca.crt", "host.crt", "host.key")
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104  # what to ask when it listens everywhere


@dataclass(frozen=True)
class Host:
    """What the plan has to know of the host.

    listen: the address to listen on. tls_directory: where certificate, key and authority are.
    platform: the role's platform values (unit_directory, stunnel, web_config_flag). names: its platform names, most general first.
    """

    listen: str
    tls_directory: str
    platform: Mapping[str, Any]
    names: tuple[str, ...]


@dataclass
class Plan:
    """All that the role does, in the form in which the remote calls take it."""

    packages: dict[str, None] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    units: dict[str, dict[str, Any]] = field(default_factory=dict)
    gone: dict[str, dict[str, Any]] = field(default_factory=dict)  # units of the host to stop before their files are taken away
    checks: dict[str, dict[str, Any]] = field(default_factory=dict)
    undo: list[dict[str, Any]] = field(default_factory=list)
    targets: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Instance:
    """One exporter to run: its name, the catalogue's entry and its options."""

    name: str
    exporter: str
    entry: Mapping[str, Any]
    options: Mapping[str, Any]

    @property
    def unit(self) -> str:
        """The name of its unit."""
        return f"{PREFIX}{self.name}.service"


def host_of(listen: str, tls_directory: str, platform: Mapping[str, Any], facts: Mapping[str, Any]) -> Host:
    """Return what the plan has to know of a host with these facts."""
    return Host(listen, tls_directory, platform, tuple(platform_names(facts)))


def exporter_plan(
    entries: Mapping[str, Any],
    enabled: Mapping[str, Any],
    services: Iterable[Mapping[str, Any]],
    host: Host,
    found: Iterable[str] = (),
) -> dict[str, Any]:
    """Return the plan of a host, as a plain mapping.

    entries: the catalogue's exporters. enabled: name to options (`exporters_enabled`), null removes what a service asks for.
    services: the items of the services' metrics facets; those with `exporter` ask for one.
    found: the unit files of exporters on the host; those that nobody asks for are taken away, whatever their name.
    """
    plan, wanted = Plan(), instances(entries, enabled, services)
    plan.files[DIRECTORY] = {"directory": True}
    taken: dict[int, str] = {}
    for instance in wanted:
        port = _port(instance)
        if port in taken:
            where = f"exporters_enabled.{instance.name}.port"
            remedy = f"{taken[port]!r} has it too: set another `port`."
            raise bad_input(where, port, "a port that no other exporter of the host has", remedy)
        taken[port] = instance.name
        _add(plan, instance, port, host)
    running = {instance.name for instance in wanted}
    for name in sorted(set(entries) - running):
        _add_removal(plan, name, host)
    for path in found:
        _add_leftover(plan, str(path))
    return asdict(plan)


def instances(entries: Mapping[str, Any], enabled: Mapping[str, Any], services: Iterable[Mapping[str, Any]]) -> list[Instance]:
    """Return the exporters to run, by name. The same name from a service and from `exporters_enabled` is one, the latter wins."""
    options: dict[str, dict[str, Any]] = {}
    for number, item in enumerate(services):
        exporter = item.get("exporter")
        if exporter is None:
            continue
        name = str(item.get("name") or exporter)
        own = {key: value for key, value in item.items() if key not in ("service", "name")}
        if options.get(name, own) != own:
            where, expected = f"exporters_services[{number}]", "a name of its own for each exporter with options of its own"
            raise bad_input(where, name, expected, "Add `name` and `port` to the item.")
        options[name] = own
    for name, given in enabled.items():
        if given is None:
            options.pop(str(name), None)
        elif isinstance(given, Mapping):
            options[str(name)] = {**options.get(str(name), {}), **given}
        else:
            raise bad_input(f"exporters_enabled.{name}", given, "a mapping of options, or null", "Write {} for the defaults.")
    found = []
    for name, given in sorted(options.items()):
        exporter = str(given.get("exporter") or name)
        if exporter not in entries:
            raise unknown_name("exporter", f"exporters_enabled.{name}", exporter, entries)
        _check_entry(exporter, entries[exporter])
        found.append(Instance(name, exporter, entries[exporter], given))
    return found


def for_platform(value: Any, names: Iterable[str]) -> Any:
    """Return what holds on a platform: of a mapping the most special name that fits, or its `default`; anything else as it is."""
    if not isinstance(value, Mapping):
        return value
    found = value.get("default")
    for name in names:
        found = value.get(name, found)
    return found


def _check_entry(name: str, entry: Any) -> None:
    where = f"catalogue/exporters/{name}.yml"
    if not isinstance(entry, Mapping):
        raise bad_input(where, entry, "a mapping", "See catalogue/exporters/node.yml.")
    for key in entry:
        if key not in KEYS:
            raise unknown_name("key of an exporter", where, str(key), KEYS)
    for key in ("port", "exec", "proof"):
        if not entry.get(key):
            raise bad_input(f"{where}: {key}", entry.get(key), "a value", "See catalogue/exporters/node.yml.")


def _port(instance: Instance) -> int:
    port = instance.options.get("port", instance.entry["port"])
    if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= 65535:
        raise bad_input(f"exporters_enabled.{instance.name}.port", port, "a port from 1 to 65535", "Write a number.")
    return port


def _rendered(instance: Instance, key: str, text: str, values: Mapping[str, Any]) -> str:
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    try:
        return environment.from_string(str(text)).render(**values)
    except TemplateError as error:
        where = f"catalogue/exporters/{instance.exporter}.yml: {key}"
        raise bad_input(where, str(text), f"a template that renders ({error})", "It knows `listen`, `port` and `options`.") from error


def _add(plan: Plan, instance: Instance, port: int, host: Host) -> None:
    entry, name = instance.entry, instance.name
    tls = for_platform(entry.get("tls", "native"), host.names)
    if tls not in TLS_KINDS:
        raise unknown_name("way of TLS", f"catalogue/exporters/{instance.exporter}.yml: tls", str(tls), TLS_KINDS)
    package = for_platform(entry.get("install", {}).get("package", {}), host.names)
    if not package:
        known = ", ".join(sorted(entry.get("install", {}).get("package", {}))) or "none"
        where = f"catalogue/exporters/{instance.exporter}.yml: install.package"
        raise bad_input(where, known, f"a package for {' or '.join(host.names)}", "Add it in your own catalogue.")
    plan.packages[package] = None
    own_port = port + LOOPBACK_OFFSET if tls == "stunnel" else port
    address = "127.0.0.1" if tls == "stunnel" else host.listen
    listen = f"[{address}]:{own_port}" if ":" in address else f"{address}:{own_port}"
    values = {"listen": listen, "port": own_port, "options": instance.options}
    argv = shlex.split(_rendered(instance, "exec", for_platform(entry["exec"], host.names), values))
    web_config = f"{DIRECTORY}/{name}.yml"
    if tls == "native":
        argv.append(f"{host.platform['web_config_flag']}={web_config}")
        plan.files[web_config] = {"template": "web.yml.j2", "vars": {"credentials": f"/run/credentials/{instance.unit}"}}
    environment = {key: _rendered(instance, f"environment.{key}", text, values) for key, text in entry.get("environment", {}).items()}
    sections = unit_text.service(
        f"{entry.get('description', name)} for Prometheus",
        argv,
        user=entry.get("user"),
        environment=environment,
        credentials={file: f"{host.tls_directory}/{file}" for file in CREDENTIALS} if tls == "native" else {},
        service=entry.get("service", {}),
    )
    _add_prepare(plan, instance, sections, host)
    _add_unit(plan, instance.unit, sections, host, restart_on=[web_config] if tls == "native" else [], tls=tls == "native")
    # The package's own unit listens without TLS: it never runs.
    plan.files[f"{host.platform['unit_directory']}/{package}.service"] = {"link": "/dev/null"}
    plan.units[f"{package}.service"] = {"state": "stopped"}
    if tls == "stunnel":
        _add_tunnel(plan, instance, port, own_port, host)
    _add_checks(plan, instance, port, host)
    plan.targets.append({"exporter": instance.exporter, "name": name, "port": port})


def _add_unit(plan: Plan, unit: str, sections: unit_text.Sections, host: Host, restart_on: list[str], tls: bool) -> None:
    path = f"{host.platform['unit_directory']}/{unit}"
    plan.files[path] = {"content": unit_text.lay_out(sections)}
    watched = [f"{host.tls_directory}/{file}" for file in CREDENTIALS] if tls else []
    plan.units[unit] = {"state": "started", "enabled": True, "restart_on": [path, *restart_on, *watched]}


def _add_prepare(plan: Plan, instance: Instance, sections: unit_text.Sections, host: Host) -> None:
    """Run what the exporter needs beforehand (a role in a database) as a unit of its own, before each start."""
    prepare = instance.entry.get("prepare")
    if not prepare:
        return
    unit = f"{PREFIX}{instance.name}-prepare.service"
    before = {"Wants": unit, "After": f"{unit} network.target"}
    sections["Unit"] = {**sections["Unit"], **before}
    own = unit_text.service(f"Preparation of {instance.unit}", prepare["run"], user=prepare.get("user"), oneshot=True)
    own["Unit"] = {**own["Unit"], "After": " ".join(["network.target", *prepare.get("after", ["postgresql.service"])])}
    _add_unit(plan, unit, own, host, restart_on=[], tls=False)
    if prepare.get("undo"):
        runner = ["runuser", "-u", prepare["user"], "--"] if prepare.get("user") else []
        plan.undo.append({"unit_file": f"{host.platform['unit_directory']}/{unit}", "command": shlex.join([*runner, *prepare["undo"]])})


def _add_tunnel(plan: Plan, instance: Instance, port: int, own_port: int, host: Host) -> None:
    """Put a tunnel that demands client certificates in front of an exporter that cannot."""
    unit, path = f"{PREFIX}{instance.name}-tls.service", f"{DIRECTORY}/{instance.name}-tls.conf"
    plan.packages[host.platform["stunnel"]["package"]] = None
    accept = f"{host.listen or '0.0.0.0'}:{port}"  # noqa: S104  # what the user asked for
    variables = {"credentials": f"/run/credentials/{unit}", "accept": accept, "connect": f"127.0.0.1:{own_port}"}
    plan.files[path] = {"template": "stunnel.conf.j2", "vars": variables}
    sections = unit_text.service(
        f"Mutual TLS for {instance.unit}",
        [host.platform["stunnel"]["program"], path],
        credentials={file: f"{host.tls_directory}/{file}" for file in CREDENTIALS},
    )
    sections["Unit"] = {**sections["Unit"], "After": f"network.target {instance.unit}", "BindsTo": instance.unit}
    _add_unit(plan, unit, sections, host, restart_on=[path], tls=True)


def _add_checks(plan: Plan, instance: Instance, port: int, host: Host) -> None:
    address = ANY_ADDRESS.get(host.listen, f"[{host.listen}]" if ":" in host.listen else host.listen)
    pair = {"ca": "ca.crt", "certificate": "host.crt", "key": "host.key"}
    paths = {option: f"{host.tls_directory}/{file}" for option, file in pair.items()}
    for series, value in instance.entry["proof"].items():
        text = f"\n{series}" if value is None else f"\n{series} {value}\n"
        http = {"url": f"https://{address}:{port}/metrics", "contains": text, **paths}
        plan.checks[f"{instance.name}_{series}"] = {"http": http, "retries": 15, "delay": 1}


def _add_removal(plan: Plan, name: str, host: Host) -> None:
    """Take an exporter of the catalogue away that is no longer asked for."""
    plan.files[f"{DIRECTORY}/{name}.yml"] = {"absent": True}
    plan.files[f"{DIRECTORY}/{name}-tls.conf"] = {"absent": True}
    for suffix in ("", "-tls", "-prepare"):
        unit = f"{PREFIX}{name}{suffix}.service"
        plan.files[f"{host.platform['unit_directory']}/{unit}"] = {"absent": True}
        plan.units[unit] = {"state": "stopped", "enabled": False}


def _add_leftover(plan: Plan, path: str) -> None:
    """Take a unit of the host away that no exporter of the plan has, with its settings."""
    unit = path.rpartition("/")[2]
    if plan.files.get(path, {"absent": True}) != {"absent": True} or not (unit.startswith(PREFIX) and unit.endswith(".service")):
        return
    own = unit[len(PREFIX) : -len(".service")]
    for file in (path, f"{DIRECTORY}/{own}.yml", f"{DIRECTORY}/{own}.conf"):
        plan.files.setdefault(file, {"absent": True})
    plan.units[unit] = plan.gone[unit] = {"state": "stopped", "enabled": False}
