# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role health puts on a host: the program, its declaration, a timer, an endpoint. Decides, touches nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import health_input, health_maintenance
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import unit_text

PROGRAM = "/usr/local/bin/groundwork-health"
ENDPOINT_PROGRAM = "/usr/local/sbin/groundwork-health-endpoint"
ENDPOINT_SOURCE = Path(str(health_input.__file__)).with_name("health_endpoint.py")  # not imported here: it needs all of HTTP
DIRECTORY = "/etc/groundwork"
DECLARATION = f"{DIRECTORY}/health.json"
RUNTIME = "/run/groundwork"
REPORT = f"{RUNTIME}/health.json"
CACHE = "/var/cache/groundwork"
TEXTFILE = "groundwork_health.prom"
INTERPRETER = "/usr/bin/python3"
UNIT_DIRECTORY = "/etc/systemd/system"
SERVICE, TIMER = "groundwork-health.service", "groundwork-health.timer"
ENDPOINT_SERVICE, ENDPOINT_SOCKET = "groundwork-health-endpoint.service", "groundwork-health-endpoint.socket"
CREDENTIALS = ("ca.crt", "host.crt", "host.key")
REVOKED = "crl.pem"
ENDPOINT_OPTIONS = ("from", "listen", "port", "tls")
ENDPOINT_PORT = 9110
ROUNDS_UNTIL_OLD = 3  # so many rounds may be missed before a report tells nothing any more
WITHOUT_TLS = ("127.0.0.1", "::1")
MARGIN = 30  # seconds that systemd waits longer than the checks may take

#: It runs as root, because checks look at what only root may see, and may look at everything but change nothing.
CHECKS_SANDBOX: dict[str, object] = {
    "CacheDirectory": "groundwork",
    "CacheDirectoryMode": "0700",
    # To read everything and to write the textfile wherever it lies; to see the mounts and the processes of the host (past ProtectProc).
    "CapabilityBoundingSet": "CAP_DAC_OVERRIDE CAP_SYS_PTRACE",
    "PrivateTmp": None,
    "ProtectHome": "read-only",
    "ProtectKernelModules": None,  # whether one is blocked is read below /lib/modules; to load one it has no capability
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX AF_NETLINK",
    "RuntimeDirectory": "groundwork",
    "RuntimeDirectoryMode": "0755",
    "RuntimeDirectoryPreserve": "yes",
    "SuccessExitStatus": "1 2 SIGTERM",
    "SystemCallFilter": "@system-service\n~@privileged @resources",
}

#: It has the socket that systemd opened, a report that everybody may read, and nothing else.
ENDPOINT_SANDBOX: dict[str, object] = {"PrivateNetwork": "yes"}


def endpoint_of(declared: object) -> dict[str, Any]:
    """Return `health_endpoint` with its defaults filled in; empty where there is none. Raises BadInput."""
    where = "health_endpoint"
    if not isinstance(declared, Mapping):
        raise bad_input(where, declared, "a mapping", "Write {port: %d}, or {} for no endpoint." % ENDPOINT_PORT)
    if not declared:
        return {}
    for key in declared:
        if key not in ENDPOINT_OPTIONS:
            raise unknown_name("option of the endpoint", where, str(key), ENDPOINT_OPTIONS)
    found = {"from": [], "listen": "0.0.0.0", "port": ENDPOINT_PORT, "tls": True, **declared}  # noqa: S104  # like the exporters
    port = found["port"]
    if isinstance(port, bool) or not str(port).isdecimal() or not 1 <= int(str(port)) <= 65535:
        raise bad_input(f"{where}.port", port, "a port from 1 to 65535", "Write {port: %d}." % ENDPOINT_PORT)
    if not isinstance(found["tls"], bool):
        raise bad_input(f"{where}.tls", found["tls"], "true or false", "Leave it out for mutual TLS.")
    if not isinstance(found["from"], list):
        raise bad_input(f"{where}.from", found["from"], "a list of groups, hosts, networks or addresses", "Write from: [monitoring].")
    if not found["tls"] and found["listen"] not in WITHOUT_TLS:
        remedy = "Add listen: 127.0.0.1, or leave tls out."
        raise bad_input(f"{where}.tls", False, "true, unless it listens on the loopback only", remedy)
    return {**found, "port": int(str(port)), "listen": str(found["listen"])}


def endpoint_ports(declared: object, groups: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the firewall lets in for the endpoint, as `firewall_services` takes it; nothing where only the host itself can ask.

    declared: `health_endpoint`. groups: those of the inventory; in a fleet without monitoring only those that `from` names are let in.
    """
    endpoint = endpoint_of(declared)
    callers = endpoint.get("from") or (["monitoring"] if groups.get("monitoring") else [])
    if not endpoint or not callers or endpoint["listen"] in WITHOUT_TLS:
        return []
    return [{"service": "health endpoint", "port": endpoint["port"], "from": callers}]


def _address(listen: str, port: int) -> str:
    return f"[{listen}]:{port}" if ":" in listen else f"{listen}:{port}"


def oldest(interval: str, timeout: str) -> float:
    """Return the age in seconds from which on a report tells nothing any more."""
    return ROUNDS_UNTIL_OLD * health_input.seconds(interval, "health_interval") + health_input.seconds(timeout, "health_timeout")


def check_service(settings: Mapping[str, Any]) -> unit_text.Sections:
    """Return the unit that runs the checks once."""
    argv = [PROGRAM, "--format", "text", "--json", REPORT]
    own: dict[str, object] = dict(CHECKS_SANDBOX)
    folder = str(settings["textfile_directory"] or "")
    if folder:
        argv += ["--textfile", f"{folder}/{TEXTFILE}"]
        own["ReadWritePaths"] = f"-{folder}"
    own["TimeoutStartSec"] = "%d" % (health_input.seconds(settings["timeout"], "health_timeout") + MARGIN)
    return unit_text.timed(
        unit_text.service("Health checks of this host", argv, user="root", oneshot=True, service={**own, **settings["unit"]})
    )


def timer(settings: Mapping[str, Any]) -> unit_text.Sections:
    """Return the timer: at once when it is started, then in every interval."""
    pace = "%g" % health_input.seconds(settings["interval"], "health_interval")
    times = {"OnActiveSec": "0", "OnUnitActiveSec": pace, "AccuracySec": "1s", "Unit": SERVICE}
    return unit_text.timer("Health checks of this host, time and again", times)


def endpoint_units(settings: Mapping[str, Any], endpoint: Mapping[str, Any]) -> dict[str, unit_text.Sections]:
    """Return socket and service of the endpoint."""
    argv = [ENDPOINT_PROGRAM, "--report", REPORT, "--oldest", "%g" % oldest(settings["interval"], settings["timeout"])]
    credentials: dict[str, str] = {}
    if endpoint["tls"]:
        argv += ["--tls", f"/run/credentials/{ENDPOINT_SERVICE}"]
        credentials = {file: f"{settings['fleet']['tls_directory']}/{file}" for file in (*CREDENTIALS, REVOKED)}
    own = {**ENDPOINT_SANDBOX, **({"SetCredential": f"{REVOKED}:none"} if endpoint["tls"] else {})}  # where there is no list yet
    sections = unit_text.service("Answers of /healthz and /readyz", argv, credentials=credentials, service=own)
    del sections["Install"]
    # With the socket it goes, so that a changed program or socket is taken up.
    sections["Unit"] = {**sections["Unit"], "After": f"network.target {ENDPOINT_SOCKET}", "PartOf": ENDPOINT_SOCKET}
    socket = {
        "Unit": {"Description": "Socket of /healthz and /readyz"},
        "Socket": {"ListenStream": _address(endpoint["listen"], endpoint["port"]), "Backlog": "64"},
        "Install": {"WantedBy": "sockets.target"},
    }
    return {ENDPOINT_SERVICE: sections, ENDPOINT_SOCKET: socket}


def _unit_path(unit: str) -> str:
    return f"{UNIT_DIRECTORY}/{unit}"


def _endpoint_program() -> str:
    return f"#!{INTERPRETER}\n" + ENDPOINT_SOURCE.read_text(encoding="utf-8")


def _endpoint_proof(endpoint: Mapping[str, Any], tls: str) -> dict[str, Any]:
    """Return the check that the endpoint answers, well or ill: to the host's own certificate where it demands one."""
    listen = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(endpoint["listen"], endpoint["listen"])  # noqa: S104
    http: dict[str, Any] = {"url": f"http://{_address(listen, endpoint['port'])}/healthz", "status": [200, 503]}
    if endpoint["tls"]:
        pair = {"ca": f"{tls}/ca.crt", "certificate": f"{tls}/host.crt", "key": f"{tls}/host.key"}
        http = {**http, "url": http["url"].replace("http://", "https://", 1), **pair}
    return {"http": http, "retries": 10, "delay": 0.5}


def health_plan(settings: Mapping[str, Any], checks: Mapping[str, Any], program: str) -> dict[str, Any]:
    """Return files, units, units that have to go and proofs, as the remote calls take them.

    settings: the role's settings with `fleet`. checks: all checks of the host by name. program: the text of `groundwork-health`.
    """
    health_maintenance.windows(settings["maintenance"], "health_maintenance")
    endpoint, tls = endpoint_of(settings["endpoint"]), settings["fleet"]["tls_directory"]
    declared = {"timeout": settings["timeout"], "maintenance": settings["maintenance"]}
    declared.update(oldest=oldest(settings["interval"], settings["timeout"]), checks=checks)
    files: dict[str, Any] = {
        DIRECTORY: {"directory": True},
        # A check may hold a password, of a header or of a database.
        DECLARATION: {"content": json.dumps(declared, indent=2) + "\n", "mode": "0600", "secret": True},
        PROGRAM: {"content": program, "mode": "0755"},
        _unit_path(SERVICE): {"content": unit_text.lay_out(check_service(settings))},
        _unit_path(TIMER): {"content": unit_text.lay_out(timer(settings))},
    }
    run_anew = [DECLARATION, PROGRAM, _unit_path(SERVICE), _unit_path(TIMER)]
    units: dict[str, Any] = {TIMER: {"state": "started", "enabled": True, "restart_on": run_anew}}
    proofs: dict[str, Any] = {"the timer has run the checks": {"file": {"path": REPORT}, "retries": 60, "delay": 0.5}}
    gone: dict[str, Any] = {}
    if endpoint:
        texts = {_unit_path(name): unit_text.lay_out(sections) for name, sections in endpoint_units(settings, endpoint).items()}
        files[ENDPOINT_PROGRAM] = {"content": _endpoint_program(), "mode": "0755"}
        files.update({path: {"content": text} for path, text in texts.items()})
        units[ENDPOINT_SOCKET] = {"state": "started", "enabled": True, "restart_on": [ENDPOINT_PROGRAM, *texts]}
        proofs["the endpoint answers"] = _endpoint_proof(endpoint, tls)
    else:
        for path in (ENDPOINT_PROGRAM, *map(_unit_path, (ENDPOINT_SERVICE, ENDPOINT_SOCKET))):
            files[path] = {"absent": True}
        gone = {unit: {"state": "stopped", "enabled": False} for unit in (ENDPOINT_SOCKET, ENDPOINT_SERVICE)}
    return {"files": files, "units": units, "gone": gone, "proofs": proofs}


def health_removal(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the units and files to take away, whatever was asked for before. Directories go where nothing else is in them."""
    folders = [folder for folder in [str(settings["textfile_directory"] or "")] if folder]
    paths = [DECLARATION, PROGRAM, ENDPOINT_PROGRAM, REPORT, *(f"{folder}/{TEXTFILE}" for folder in folders)]
    paths += [_unit_path(unit) for unit in (SERVICE, TIMER, ENDPOINT_SERVICE, ENDPOINT_SOCKET)]
    files: dict[str, Any] = {path: {"content": ""} for path in paths}
    files.update({DIRECTORY: {"directory": True}, RUNTIME: {"directory": True}, CACHE: {"directory": True, "purge": "health-*"}})
    units = (TIMER, SERVICE, ENDPOINT_SOCKET, ENDPOINT_SERVICE)
    return {"files": files, "units": {unit: {"state": "stopped", "enabled": False} for unit in units}}
