# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the exporters of a host amount to: packages, releases, files, units, checks and targets. Decides, touches nothing."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import (
    basic_auth,
    exporter_access,
    exporter_collect,
    exporter_entry,
    unit_text,
)
from ansible_collections.groundwork.fleet.plugins.plugin_utils.exporter_entry import PREFIX, Instance, for_platform, instances, rendered
from ansible_collections.groundwork.fleet.plugins.plugin_utils.settings import platform_names
from ansible_collections.groundwork.fleet.plugins.plugin_utils.topology import is_address

DIRECTORY = "/etc/groundwork/exporters"
AUTHORIZATION = f"{DIRECTORY}/authorization"  # the header with which the host itself scrapes its exporters
TLS_KINDS = ("native", "flags", "stunnel")
LOOPBACK_OFFSET = 10000
SCRAPE_MILLISECONDS = 10000  # as long as Prometheus waits by default
CREDENTIALS = ("ca.crt", "host.crt", "host.key")
REVOKED = "crl.pem"  # stunnel refuses what it names; the exporters' own library (Go) has no such setting
PAIR = {"ca": "ca.crt", "certificate": "host.crt", "key": "host.key"}
EVERYWHERE = "0.0.0.0"  # noqa: S104
ANY_ADDRESS = {EVERYWHERE: "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # what to ask when it listens everywhere
TEXTFILES = "/var/lib/prometheus/node-exporter"  # as catalogue/exporters/node.yml has it
COLLECT_INTERVAL = "5m"
ALONE = {"PrivateNetwork": "yes", "RestrictAddressFamilies": "AF_UNIX"}  # a collector asks the host itself only


@dataclass(frozen=True)
class Host:
    """What the plan has to know of the host.

    listen: the address to listen on. tls_directory: where certificate, key and authority are.
    platform: the role's platform values (unit_directory, stunnel, web_config_flag). names: its platform names, most general first.
    machine: its architecture as the kernel calls it. mirror: where releases come from. authentication: as exporter_access has them.
    users: name to password of those who may scrape with one. textfiles: where collectors leave what `node` tells.
    """

    listen: str
    tls_directory: str
    platform: Mapping[str, Any]
    names: tuple[str, ...]
    machine: str = "x86_64"
    mirror: str = "https://github.com"
    authentication: str = "certificates"
    users: Mapping[str, str] = field(default_factory=dict)
    textfiles: str = TEXTFILES

    @property
    def asked(self) -> str:
        """Where the host asks its own exporters, as part of an address."""
        return ANY_ADDRESS.get(self.listen, f"[{self.listen}]" if ":" in self.listen else self.listen)


@dataclass
class Plan:
    """All that the role does, in the form in which the remote calls take it."""

    packages: dict[str, None] = field(default_factory=dict)
    releases: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    units: dict[str, dict[str, Any]] = field(default_factory=dict)
    gone: dict[str, dict[str, Any]] = field(default_factory=dict)  # units of the host to stop before their files are taken away
    checks: dict[str, dict[str, Any]] = field(default_factory=dict)
    undo: list[dict[str, Any]] = field(default_factory=list)
    targets: list[dict[str, Any]] = field(default_factory=list)
    texts: dict[str, dict[str, Any]] = field(default_factory=dict)  # what collectors leave, to be taken away with them
    states: dict[str, dict[str, Any]] = field(default_factory=dict)  # directories that exporters keep, to be taken away with them


def listen_on(given: str, address: object, facts: Mapping[str, Any]) -> str:
    """Return where exporters listen: where it is said, else at the address by which the fleet reaches the host, if the host has it.

    An address that the host has not (a name, one behind NAT) leaves all of them: the firewall says then who gets there.
    """
    if given:
        return given
    own = [*facts.get("all_ipv4_addresses", ()), *facts.get("all_ipv6_addresses", ())]
    return str(address) if is_address(address) and str(address) in own else EVERYWHERE


def host_of(settings: Mapping[str, Any], facts: Mapping[str, Any]) -> Host:
    """Return what the plan has to know of a host with these facts. settings: the role's, with `platform` and `fleet`. Raises BadInput."""
    way = str(settings.get("authentication", "certificates"))
    users = exporter_access.checked_users(way, settings.get("basic_auth") or {})
    node = (settings.get("enabled") or {}).get("node") or {}
    return Host(
        listen=listen_on(str(settings.get("listen") or ""), settings["fleet"].get("address"), facts),
        tls_directory=settings["fleet"]["tls_directory"],
        platform=settings["platform"],
        names=tuple(platform_names(facts)),
        machine=str(facts.get("architecture", "x86_64")),
        mirror=str(settings.get("mirror") or "https://github.com"),
        authentication=way,
        users=users,
        textfiles=str(node.get("textfile_directory") or TEXTFILES),
    )


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
    # What an earlier run wrote there and this one does not goes.
    plan.files[DIRECTORY] = {"directory": True, "purge": "*"}
    if host.users:
        plan.files[AUTHORIZATION] = {"content": exporter_access.authorization(host.users), "secret": True, "mode": "0400"}
    taken: dict[int, str] = {}
    hashes = {name: basic_auth.hashed(name, password) for name, password in host.users.items()}
    for instance in wanted:
        if instance.kind == "collect":
            _add_collector(plan, instance, host)
            continue
        port = exporter_entry.port_of(instance)
        if port in taken:
            where = f"exporters_enabled.{instance.name}.port"
            remedy = f"{taken[port]!r} has it too: set another `port`."
            raise bad_input(where, port, "a port that no other exporter of the host has", remedy)
        taken[port] = instance.name
        _add(plan, instance, port, host, hashes)
    for path in found:
        _add_leftover(plan, str(path), host)
    return asdict(plan)


def _values(plan: Plan, instance: Instance, secret_files: dict[str, str]) -> dict[str, Any]:
    """Write the entry's files and secrets, and return what its templates know. secret_files: filled with name to path of the secrets."""
    options, place = instance.plain_options(), f"/run/credentials/{instance.unit}"
    files, credentials = {}, {}
    values = {"options": options, "tls": {name: f"{place}/{file}" for name, file in PAIR.items()}}
    for name, text in instance.entry.get("files", {}).items():
        files[name] = f"{DIRECTORY}/{instance.name}-{name}"
        plan.files[files[name]] = {"content": rendered(instance, f"files.{name}", text, values)}
    for name, text in instance.entry.get("credentials", {}).items():
        content = rendered(instance, f"credentials.{name}", text, {"options": instance.options})
        if content.strip():
            secret_files[name], credentials[name] = f"{DIRECTORY}/{instance.name}-{name}", f"{place}/{name}"
            plan.files[secret_files[name]] = {"content": content, "secret": True, "mode": "0400"}
    return {**values, "files": files, "credentials": credentials}


def _add(plan: Plan, instance: Instance, port: int, host: Host, hashes: Mapping[str, str]) -> None:
    entry, name = instance.entry, instance.name
    tls = "stunnel" if instance.kind == "upstream" else for_platform(entry.get("tls", "native"), host.names)
    if tls not in TLS_KINDS:
        raise unknown_name("way of TLS", f"{instance.place}: tls", str(tls), TLS_KINDS)
    if tls != "native" and host.authentication != "certificates":
        remedy = "Leave exporters_authentication at certificates on this host, or take this exporter away."
        raise bad_input("exporters_authentication", host.authentication, f"certificates: {name} cannot ask for a password here", remedy)
    secret_files: dict[str, str] = {}
    values = _values(plan, instance, secret_files)
    if instance.kind == "upstream":
        _add_tunnel(plan, instance, port, rendered(instance, "upstream", entry["upstream"], values), host)
    else:
        own_port = port + LOOPBACK_OFFSET if tls == "stunnel" else port
        _add_program(plan, instance, own_port, tls, host, values, secret_files, hashes)
        if tls == "stunnel":
            _add_tunnel(plan, instance, port, f"127.0.0.1:{own_port}", host, of=instance.unit)
    _add_checks(plan, instance, port, host)
    plan.targets.append({"exporter": instance.exporter, "name": name, "port": port})


def _add_program(
    plan: Plan,
    instance: Instance,
    port: int,
    tls: str,
    host: Host,
    values: dict[str, Any],
    secret_files: Mapping[str, str],
    hashes: Mapping[str, str],
) -> None:
    entry, name = instance.entry, instance.name
    program = _installed(plan, instance, host)
    address = "127.0.0.1" if tls == "stunnel" else host.listen
    listen = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    values = {**values, "listen": listen, "port": port, "program": program.path}
    argv = shlex.split(rendered(instance, "exec", for_platform(entry["exec"], host.names), values))
    credentials = dict(secret_files)
    own_files = list(secret_files.values()) + list(values["files"].values())
    if tls != "stunnel":
        credentials.update({file: f"{host.tls_directory}/{file}" for file in CREDENTIALS})
    if tls == "native":
        path = f"{DIRECTORY}/{name}.yml"
        plan.files[path] = {"content": exporter_access.web_config(f"/run/credentials/{instance.unit}", host.authentication, hashes)}
        own_files.append(path)
        if hashes:
            plan.files[path].update(secret=True, mode="0400")
            credentials["web.yml"] = path
        argv.append(f"{host.platform['web_config_flag']}={f'/run/credentials/{instance.unit}/web.yml' if hashes else path}")
    environment = {key: rendered(instance, f"environment.{key}", text, values) for key, text in entry.get("environment", {}).items()}
    sections = unit_text.service(
        f"{entry.get('description', name)} for Prometheus",
        _with_secrets(argv, {key: file for key, file in entry.get("secret_environment", {}).items() if file in secret_files}),
        user=entry.get("user"),
        environment=environment,
        credentials=credentials,
        service=entry.get("service", {}),
    )
    kept = entry.get("service", {}).get("StateDirectory")
    if kept:  # systemd keeps that of an account that comes and goes below private, behind a link (systemd.exec(5))
        plan.states.update({f"/var/lib/{kept}": {"absent": True}, f"/var/lib/private/{kept}": {"absent": True}})
    _add_prepare(plan, instance, sections, host)
    watched = [*own_files, *([f"/opt/{PREFIX}{name}/current"] if program.release else [])]
    _add_unit(plan, instance.unit, sections, host, restart_on=watched, tls=tls != "stunnel")


def _installed(plan: Plan, instance: Instance, host: Host) -> exporter_entry.Program:
    """Add what brings the exporter's program to the host."""
    program = exporter_entry.program_of(instance, host.names, host.machine, host.mirror)
    for package in program.packages:
        plan.packages[package] = None
    if program.packages:
        # The package's own unit listens without TLS: it never runs.
        plan.files[f"{host.platform['unit_directory']}/{program.packages[0]}.service"] = {"link": "/dev/null"}
        plan.units[f"{program.packages[0]}.service"] = {"state": "stopped"}
    if program.release:
        plan.releases[f"{PREFIX}{instance.name}"] = {**program.release, "place": f"the release of the exporter {instance.name}"}
    return program


def _with_secrets(argv: list[str], variables: Mapping[str, str]) -> list[str]:
    """Return a command that first puts credentials into its environment, for programs that take them in no other way."""
    if not variables:
        return argv
    steps = [f'{name}="$(cat "$CREDENTIALS_DIRECTORY/{file}")"; export {name}' for name, file in sorted(variables.items())]
    return ["/bin/sh", "-ec", "; ".join([*steps, 'exec "$@"']), "sh", *argv]


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


def _add_tunnel(plan: Plan, instance: Instance, port: int, connect: str, host: Host, of: str = "") -> None:
    """Put a tunnel that demands client certificates in front of what cannot. of: the unit that it belongs to, if it is one of ours."""
    unit, path = f"{PREFIX}{instance.name}-tls.service", f"{DIRECTORY}/{instance.name}-tls.conf"
    plan.packages[host.platform["stunnel"]["package"]] = None
    accept = f"{host.listen or EVERYWHERE}:{port}"
    variables = {"credentials": f"/run/credentials/{unit}", "accept": accept, "connect": connect}
    plan.files[path] = {"template": "stunnel.conf.j2", "vars": variables}
    sections = unit_text.service(
        f"Mutual TLS for {of or instance.name}",
        [host.platform["stunnel"]["program"], path],
        credentials={file: f"{host.tls_directory}/{file}" for file in (*CREDENTIALS, REVOKED)},
    )
    sections["Unit"] = {**sections["Unit"], **({"After": f"network.target {of}", "BindsTo": of} if of else {})}
    _add_unit(plan, unit, sections, host, restart_on=[path, f"{host.tls_directory}/{REVOKED}"], tls=True)


def _add_collector(plan: Plan, instance: Instance, host: Host) -> None:
    """Run a command now and then that tells what it found; the exporter `node` passes it on."""
    entry, collect = instance.entry, instance.entry["collect"]
    if entry.get("install"):
        plan.packages.update(dict.fromkeys(exporter_entry.program_of(instance, host.names, host.machine, host.mirror).packages))
    for unit in collect.get("masks", ()):
        plan.files[f"{host.platform['unit_directory']}/{unit}"] = {"link": "/dev/null"}
        plan.units[unit] = {"state": "stopped"}
    text = f"{host.textfiles}/{instance.name}.prom"
    own = exporter_collect.files_of(instance, DIRECTORY)
    plan.files.update(own)
    argv = exporter_collect.command(instance, own, text)
    # A text that is half there would be a scrape error of `node`: it is moved into place.
    steps = f"{shlex.join(argv)} > {text}.partial && chmod 0644 {text}.partial && mv {text}.partial {text}"
    # Whose the directory is differs between releases of the package.
    sandbox = {"ReadWritePaths": host.textfiles, "CapabilityBoundingSet": "CAP_DAC_OVERRIDE", **ALONE, **entry.get("service", {})}
    sections = unit_text.service(
        f"{entry.get('description', instance.name)} for Prometheus",
        ["/bin/sh", "-ec", steps],
        user=entry.get("user", "root"),
        service=sandbox,
    )
    timer, folder = f"{PREFIX}{instance.name}.timer", host.platform["unit_directory"]
    interval = str(instance.options.get("interval") or collect.get("interval", COLLECT_INTERVAL))
    plan.files[f"{folder}/{instance.unit}"] = {"content": unit_text.lay_out(unit_text.timed(sections))}
    times = {"OnActiveSec": "0", "OnUnitActiveSec": interval, "RandomizedDelaySec": "0", "AccuracySec": "1s"}
    plan.files[f"{folder}/{timer}"] = {"content": unit_text.lay_out(unit_text.timer(f"Time for {instance.unit}", times))}
    plan.texts.update({key: {"content": ""} for key in (text, f"{text}.partial")})  # a command that was stopped leaves the latter
    watched = [f"{folder}/{timer}", f"{folder}/{instance.unit}", *own]
    plan.units[timer] = {"state": "started", "enabled": True, "restart_on": watched}
    for series in entry["proof"]:
        check = {"file": {"path": text, "contains": f"\n{series}"}, "retries": 60, "delay": 0.5}
        plan.checks[f"{instance.name}_{series}"] = check


def _add_checks(plan: Plan, instance: Instance, port: int, host: Host) -> None:
    paths = {option: f"{host.tls_directory}/{file}" for option, file in PAIR.items()}
    if host.users:
        paths["header_file"] = AUTHORIZATION
    path = str(instance.options.get("path") or instance.entry.get("path", "/metrics"))
    for series, value in instance.entry["proof"].items():
        text = f"\n{series}" if value is None else f"\n{series} {value}\n"
        http = {"url": f"https://{host.asked}:{port}{path}", "contains": text, "milliseconds": SCRAPE_MILLISECONDS, **paths}
        plan.checks[f"{instance.name}_{series}"] = {"http": http, "retries": 15, "delay": 1}


def _add_leftover(plan: Plan, path: str, host: Host) -> None:
    """Take a unit of the host away that no exporter of the plan has, with its release and what it told."""
    unit = path.rpartition("/")[2]
    own, _dot, ending = unit[len(PREFIX) :].rpartition(".")
    if not unit.startswith(PREFIX) or ending not in ("service", "timer"):
        return
    if ending == "service" and f"{PREFIX}{own}" not in plan.releases:
        plan.releases[f"{PREFIX}{own}"] = {"state": "absent"}
    if path in plan.files:
        return
    plan.files[path] = {"absent": True}
    if ending == "timer":
        text = f"{host.textfiles}/{own}.prom"
        plan.files.update({key: {"absent": True} for key in (text, f"{text}.partial", exporter_collect.program_path(own))})
    plan.units[unit] = plan.gone[unit] = {"state": "stopped", "enabled": False}
