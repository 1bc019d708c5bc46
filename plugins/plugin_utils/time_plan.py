# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a host asks for the time and whom it serves, and what tells Prometheus how well its clock is kept."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import textfile_timer
from ansible_collections.groundwork.fleet.plugins.plugin_utils.topology import is_address

TLS_FILES = ("host.crt", "host.key", "ca.crt")
#: chronyd is confined to it, and its own user cannot read the host's key. chronyc makes its end of the socket there.
PLACE = "/run/chrony"
STATUS = textfile_timer.Program(
    "groundwork-time-status",
    "How well the clock of this host is kept",
    "groundwork_time.prom",
    when="minutely",
    delay="5s",
    first="10s",
    service={"CapabilityBoundingSet": "CAP_DAC_OVERRIDE"},  # the directory is chronyd's user's alone
    writes=(PLACE,),
)


def time_plan(settings: Mapping[str, Any], program: str) -> dict[str, Any]:
    """Return `sources` (lines of chrony.conf), `clients`, `tls` (paths of what chronyd reads for NTS) and `status`; `removal` of it.

    settings: the role's settings with `fleet`. program: the text of groundwork-time-status. Raises BadInput.
    """
    servers = [*settings["fleet_servers"], *settings["servers"]]
    if settings["state"] == "present":
        _refuse_wrong(settings, servers)
    fleet = [_line(server, settings["fleet_nts"]) for server in settings["fleet_servers"]]
    # Who is named as well is one of the fleet's: chrony takes each source once.
    known = {server[key] for server in settings["fleet_servers"] for key in ("name", "address") if server.get(key)}
    own = [_line(server, bool(server["nts"])) for server in settings["servers"] if server["name"] not in known]
    clients = [*settings["serve_networks"], *(address for address in settings["fleet_clients"] if is_address(address))]
    tls = settings["fleet_nts"] and (clients or fleet)
    folder = str(settings["textfile_directory"] or "")
    return {
        "sources": fleet + own,
        "clients": list(dict.fromkeys(clients)),
        "orphan": bool(clients and fleet) and settings["local_stratum"] > 0,
        "tls": [f"{settings['fleet']['tls_directory']}/{name}" for name in TLS_FILES] if tls else [],
        "place": PLACE,
        "serves_nts": bool(tls and clients),
        "trusts": bool(tls and fleet),
        "status": textfile_timer.plan(STATUS, program, folder),
        "removal": textfile_timer.removal(STATUS, folder),
    }


def _line(server: Mapping[str, Any], nts: bool) -> str:
    words = ["pool" if server.get("pool") else "server", str(server.get("address") or server["name"]), "iburst"]
    return " ".join([*words, *(["nts"] if nts else []), *(["prefer"] if server.get("prefer") else [])])


def _refuse_wrong(settings: Mapping[str, Any], servers: list[Mapping[str, Any]]) -> None:
    if not servers and settings["local_stratum"] not in range(1, 16):
        raise bad_input(
            "time_sync_servers",
            [],
            "at least one server, or time_sync_local_stratum from 1 to 15",
            "Name a server, or let this host serve its own clock with time_sync_local_stratum: 10.",
        )
    if settings["maximum_offset"] < 0:
        raise bad_input("time_sync_maximum_offset", settings["maximum_offset"], "seconds, 0 for no bound", "Write 0.1.")
    if settings["maximum_offset"] and not settings["wait"]:
        raise bad_input(
            "time_sync_maximum_offset", settings["maximum_offset"], "to stand beside time_sync_wait", "Write time_sync_wait: 60."
        )
    for server in servers:
        name = str(server.get("address") or server["name"])
        if not name or set(name) & set(" \t\n#!%;"):
            raise bad_input("time_sync_servers", name, "a name or an address", "Options such as nts and prefer are keys of their own.")
    for network in settings["serve_networks"]:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            raise bad_input("time_sync_serve_networks", network, "a network (CIDR) or an address", "Write 192.0.2.0/24.") from None
