# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units of a log server, what they read, and what shows that it receives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import log_space
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_forward, textfile_timer, unit_text

PROGRAM = "/usr/local/sbin/groundwork-logs"
CONFIGURATION = "/etc/groundwork/log-server.conf"
SETTINGS = "/etc/groundwork/log-server.json"
SPOOL = "/var/lib/groundwork-log-server"
#: What waits for the servers to which this one forwards.
FORWARD = f"{SPOOL}/forward"
RECEIVER = "groundwork-log-server.service"
SPACE = "groundwork-log-space.service"
ARCHIVE = "groundwork-log-archive"
VERIFY = "groundwork-log-verify"
TLS_FILES = {"ca": "ca.crt", "certificate": "host.crt", "key": "host.key"}
#: Of the receiver; what looks which files it has open needs no fewer.
CAPABILITIES = "CAP_CHOWN CAP_DAC_OVERRIDE CAP_NET_BIND_SERVICE"
#: Files of earlier versions, when the host's own rsyslogd received.
FORMER = ("/etc/rsyslog.d/20-groundwork-server.conf", "/etc/logrotate.d/groundwork-server")
METRICS = textfile_timer.Program(
    "groundwork-logs",
    "How the logs of the fleet arrive and are kept",
    "groundwork_log_server.prom",
    options=("metrics",),
    when="minutely",
    delay="1s",
    first="5s",
    service={"CapabilityBoundingSet": "CAP_DAC_READ_SEARCH CAP_DAC_OVERRIDE"},
    writes=(SPOOL,),
)
SIZES = ("keep_size", "file_size", "reserve", "message_size", "forward_disk")
SHARES = ("keep_size", "reserve")


def _refuse_wrong(settings: Mapping[str, Any]) -> None:
    for name in SIZES:
        log_space.size(settings[name], f"log_server_{name}", 10**12 if name in SHARES else None)
    if settings["keep_days"] < 1:
        raise bad_input("log_server_keep_days", settings["keep_days"], "a number of days, at least 1", "Write 30.")
    if settings["port"] == settings["relp_port"]:
        raise bad_input("log_server_relp_port", settings["relp_port"], "another port than log_server_port", "Write 2514.")
    for name in ("port", "relp_port"):
        if settings[name] not in range(1, 65536):
            raise bad_input(f"log_server_{name}", settings[name], "a port from 1 to 65535", "Leave it out for the usual one.")
    for client in settings["clients"]:
        if not client or set(client) & set(' \t\n"\\'):
            raise bad_input("log_server_clients", client, "a name as in a certificate", "Use the inventory name of the host.")
    for server in settings["forward_to"]:
        for key in ("host", "name"):
            if not server[key] or set(server[key]) & set(' \t\n"\\'):
                raise bad_input(
                    f"log_server_forward_to.{key}", server[key], "a name or an address", "Use the inventory name of the server."
                )


def _unit(description: str, argv: list[str], capabilities: str, writes: tuple[str, ...], **more: object) -> unit_text.Sections:
    own = {"CapabilityBoundingSet": capabilities, "ReadWritePaths": " ".join(f"-{path}" for path in writes), **more}
    return unit_text.service(description, argv, user="root", service=own)


def _receiver(directory: str) -> unit_text.Sections:
    unit = _unit(
        "Receiver of the logs of the fleet",
        ["/usr/sbin/rsyslogd", "-n", "-iNONE", "-f", CONFIGURATION],
        CAPABILITIES,
        (directory, SPOOL),
        ExecStartPre=f"{PROGRAM} space",
        LimitNOFILE="16384",
        Restart="always",
        RestartSec="2",
        TimeoutStopSec="15",
        Type="notify",
        UMask="0027",
    )
    # It waits for room as long as it takes, and for a certificate.
    unit["Unit"]["StartLimitIntervalSec"] = "0"
    unit["Unit"]["After"] = "network-online.target"
    unit["Unit"]["Wants"] = "network-online.target"
    return unit


def _timed(name: str, description: str, word: str, when: str, directory: str) -> dict[str, Any]:
    unit = _unit(
        description,
        [PROGRAM, word],
        CAPABILITIES,
        (directory,),
        IOSchedulingClass="idle",
        Nice="19",
        ProtectProc="default",
        # What `archive` says of the chain's end is what it is verified by.
        SyslogIdentifier="groundwork-log-chain" if word == "archive" else name,
        Type="oneshot",
        UMask="0027",
    )
    timer = unit_text.timer(f"{description}, again and again", {"OnCalendar": when, "Persistent": "yes", "Unit": f"{name}.service"})
    folder = textfile_timer.UNITS
    return {
        f"{folder}/{name}.service": {"content": unit_text.lay_out(unit_text.timed(unit))},
        f"{folder}/{name}.timer": {"content": unit_text.lay_out(timer)},
    }


def log_server_plan(settings: Mapping[str, Any], program: str, sender: str = "") -> dict[str, Any]:
    """Return `files`, `folders`, `units`, `validate`, `checks`, `tls` (paths), `spool`, `segments`, `gone` and `removal`.

    gone: units to stop first. segments: folders for what is forwarded.
    settings: the role's settings with `fleet`. program, sender: the texts of groundwork-logs and of log_keeper. Raises BadInput.
    """
    if settings["state"] == "present":
        _refuse_wrong(settings)
    folder, directory = settings["fleet"]["tls_directory"], settings["directory"]
    tls = {name: f"{folder}/{file}" for name, file in TLS_FILES.items()}
    told = {name: settings[name] for name in ("directory", "clients", "keep_days", "keep_size", "close_every", "file_size", "reserve")}
    forward = log_forward.plan(settings, FORWARD, sender)
    if settings["forward_to"]:
        told["forward"] = forward["told"]
    told.update(group=settings["platform"]["group"], tls=tls, unit=RECEIVER)
    watch = _unit(
        "Stops the receiver of logs before the disk is full", [PROGRAM, "space", "--watch"], "CAP_DAC_READ_SEARCH", (), Restart="always"
    )
    metrics = textfile_timer.plan(METRICS, program, str(settings["textfile_directory"] or ""))
    units = textfile_timer.UNITS
    files: dict[str, Any] = {
        **metrics["files"],
        PROGRAM: {"content": program, "mode": "0755"},
        SETTINGS: {"content": json.dumps(told, indent=1) + "\n"},
        f"{units}/{RECEIVER}": {"content": unit_text.lay_out(_receiver(directory))},
        f"{units}/{SPACE}": {"content": unit_text.lay_out(watch)},
        **_timed(ARCHIVE, "Closes, chains and retires the logs of the fleet", "archive", "*:0/5", directory),
        **_timed(VERIFY, "Verifies the chain of the logs of the fleet", "verify", "daily", directory),
    }
    started = {"state": "started", "enabled": True}
    own = {
        "rsyslog.service": {**started, "restart_on": [FORMER[0]]},
        RECEIVER: {**started, "restart_on": [CONFIGURATION, f"{units}/{RECEIVER}", *tls.values()]},
        SPACE: {**started, "restart_on": [SETTINGS, PROGRAM, f"{units}/{SPACE}"]},
        f"{ARCHIVE}.timer": {**started, "restart_on": [f"{units}/{ARCHIVE}.timer"]},
        f"{VERIFY}.timer": {**started, "restart_on": [f"{units}/{VERIFY}.timer"]},
    }
    removal = textfile_timer.removal(METRICS, str(settings["textfile_directory"] or ""))
    names = (f"{ARCHIVE}.timer", f"{VERIFY}.timer", f"{ARCHIVE}.service", f"{VERIFY}.service", SPACE, RECEIVER, log_forward.KEEPER)
    stopped = {
        name: {"state": "stopped", **({} if name in (f"{ARCHIVE}.service", f"{VERIFY}.service") else {"enabled": False})} for name in names
    }
    absent = settings["state"] == "absent"
    return {
        "files": {**files, **({} if absent else forward["files"]), **{path: {"absent": True} for path in FORMER}},
        "folders": forward["folders"],
        "validate": forward["validate"],
        "units": {**own, **forward["units"], **metrics["units"]},
        "gone": {**metrics["gone"], **forward["gone"]},
        "checks": _checks(settings),
        "tls": {**tls, "priorities": "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1"},
        "spool": SPOOL,
        "segments": forward["segments"],
        "removal": {"units": {**stopped, **removal["units"]}, "files": removal["files"], "purged": forward["files"] if absent else {}},
    }


def _checks(settings: Mapping[str, Any]) -> dict[str, Any]:
    host = settings["address"] or "127.0.0.1"
    return {
        "receiver": {"systemd_unit": {"name": RECEIVER, "enabled": True}, "stable_for": "1s", "retries": 5},
        **{name: {"tcp": {"host": host, "port": settings[name]}, "retries": 10} for name in ("relp_port", "port")},
        "space": {"systemd_unit": {"name": SPACE, "enabled": True}},
    }
