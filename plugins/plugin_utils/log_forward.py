# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a log server sends its lines on to others: by segments, with the senders and the keeper of a host that ships (ADR 0016)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import log_space
from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_types, log_units, textfile_timer, unit_text
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import RSYSLOG, Setting, rsyslog

PROGRAM = "/usr/local/sbin/groundwork-log-forward"
PLACE = "/etc/groundwork/log-forward"
CONFIGURATION = f"{PLACE}/spool.json"
SENDER = "groundwork-log-forward-"
KEEPER = "groundwork-log-forwarding.service"
UNITS = textfile_timer.UNITS
#: What a line of the server has more than the message that came: its head, and the element that says when and from where.
HEAD = 1024
#: In the form of catalogue/log_outputs. TLS 1.2 at least is the default of OpenSSL 3.
ENTRY: dict[str, Any] = {
    "module": "omrelp",
    "module_parameters": {"tls.tlslib": "openssl"},
    "connection": True,
    "parameters": {
        "target": "{host}",
        "port": "{port}",
        "windowSize": rsyslog.WINDOW,
        "timeout": 30,
        "conn.timeout": 10,
        "tls": "on",
        "tls.caCert": "{tls_directory}/ca.crt",
        "tls.myCert": "{tls_directory}/host.crt",
        "tls.myPrivKey": "{tls_directory}/host.key",
        "tls.authMode": "name",
        "tls.permittedPeer": ["{name}"],
    },
}


def folder_of(server: str) -> str:
    """Return the name that a server has in files and units."""
    return re.sub(r"[^A-Za-z0-9.-]", "_", server)


def plan(settings: Mapping[str, Any], state: str, program: str) -> dict[str, Any]:
    """Return `files`, `folders`, `validate`, `units`, `gone` (units to stop first), `segments` (paths) and `told` of what forwards.

    settings: of the role log_server. state: the folder for what waits. program: the text of log_keeper.
    """
    servers = {folder_of(one["name"]): one for one in settings["forward_to"]}
    spool = f"{PROGRAM} {CONFIGURATION}"
    tls = settings["fleet"]["tls_directory"]
    started = {"state": "started", "enabled": True}
    # Purged: what sends to servers that are no longer declared. It is started and stopped with the keeper, of which it is a part.
    files: dict[str, Any] = {UNITS: {"directory": True, "purge": f"{SENDER}*.service"}}
    if not servers or settings["state"] == "absent":
        absent = {path: {"absent": True} for path in (f"{UNITS}/{KEEPER}", PROGRAM, PLACE)}
        return {
            "files": {**files, **absent}, "folders": {}, "validate": [], "units": {}, "segments": {}, "told": {},
            "gone": {KEEPER: {"state": "stopped", "enabled": False}},
        }  # fmt: skip
    size = log_space.size(settings["message_size"], "log_server_message_size", None) + HEAD
    setting = Setting("", state, tls, "", message_bytes=str(size))
    units: dict[str, Any] = {KEEPER: {**started, "restart_on": [f"{UNITS}/{KEEPER}", PROGRAM, CONFIGURATION]}}
    validate = []
    files |= {
        PLACE: {"directory": True, "mode": "0700", "purge": "*.conf"},
        PROGRAM: {"content": program, "mode": "0755"},
        CONFIGURATION: {"content": json.dumps(_configuration(settings, servers, state), indent=2, sort_keys=True) + "\n"},
    }
    keeper = log_units.keeper(spool, f"{state} {UNITS}")
    keeper["Unit"]["Wants"] = " ".join(f"{SENDER}{name}.service" for name in servers)
    files[f"{UNITS}/{KEEPER}"] = {"content": unit_text.lay_out(keeper)}
    for name, server in servers.items():
        conf, unit = f"{PLACE}/{name}.conf", f"{SENDER}{name}.service"
        output = log_types.Output(name, "relp", ENTRY, {key: server[key] for key in ("host", "port", "name")})
        sections = log_units.sender(name, ["/usr/sbin/rsyslogd", "-n", "-iNONE", "-f", conf], state, spool)
        sections["Unit"]["PartOf"] = KEEPER
        del sections["Install"]
        files |= {
            conf: {"content": rsyslog.sender(output, setting), "mode": "0600"},
            f"{UNITS}/{unit}": {"content": unit_text.lay_out(sections)},
        }
        validate.append("rsyslogd -N1 -f {%s}" % conf)
        read = [conf, f"{UNITS}/{unit}", PROGRAM, *(f"{tls}/{one}" for one in ("ca.crt", "host.crt", "host.key"))]
        units[unit] = {"state": "started", "restart_on": read}
    parts = [state, *(f"{state}/{name}{part}" for name in servers for part in ("", "/segments", "/state"))]
    return {
        "files": files,
        "folders": {path: {"directory": True, "mode": "0700"} for path in parts},
        "validate": validate,
        "units": units,
        "gone": {},
        "segments": {name: f"{state}/{name}/segments" for name in servers},
        "told": {"state": state, "servers": {server["name"]: name for name, server in servers.items()}},
    }


def _configuration(settings: Mapping[str, Any], servers: Mapping[str, Any], state: str) -> dict[str, Any]:
    bound = log_space.size(settings["forward_disk"], "log_server_forward_disk", None)
    common = {"bound": bound, "share": 0, "most": 0, "policy": "newest", "lines": 2 * rsyslog.SENT_AGAIN, "clean_end": "connection"}
    outputs = {name: {**common, "address": server["host"], "port": server["port"]} for name, server in servers.items()}
    return {"engine": RSYSLOG, "state": state, "textfile": "", "inputs": {}, "outputs": outputs, "lines": 0, "senders": SENDER}
