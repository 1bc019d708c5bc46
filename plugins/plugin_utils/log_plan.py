# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a host needs to ship its logs: packages, files, units, and what proves that it works."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import log_canaries
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_model, log_types, unit_text
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import ENGINES, Rendered, Setting, rsyslog

PROGRAM = "/usr/local/sbin/groundwork-log-spool"
PLACE = "/etc/groundwork/logs"
CONFIGURATION = f"{PLACE}/spool.json"
UNITS = "/etc/systemd/system"
COLLECTOR, KEEPER = "groundwork-log-collector", "groundwork-log-keeper"
SENDER = "groundwork-log-sender-"
HEARTBEAT = "groundwork-log-heartbeat"
TEXTFILE = "groundwork_logs.prom"
TLS_FILES = ("ca.crt", "host.crt", "host.key")
#: Of an output with `disk: auto`: a quarter of what is free, and no more than this.
SHARE, MOST = 0.25, 8 << 30
_RENDER = {"rsyslog": rsyslog.render}
#: To read the files of every account; a log input on a port of the system; to see what its processes have open.
CAPABILITIES = "CAP_DAC_READ_SEARCH CAP_NET_BIND_SERVICE CAP_SYSLOG"


def log_plan(settings: Mapping[str, Any], entries: Mapping[str, Any], program: str, family: str = "Debian") -> dict[str, Any]:
    """Return `packages`, `folders`, `files`, `validate`, `units`, `checks` and `outputs`.

    settings: of the role. entries: the catalogue's log outputs. program: the text of groundwork-log-spool. Raises BadInput.
    """
    engine, state = str(settings["engine"]), str(settings["state_directory"])
    if engine not in ENGINES:
        raise unknown_name("engine", "log_shipping_engine", engine, ENGINES)
    logs = log_model.parsed(settings["logs"], settings["services"], settings["servers"], entries, engine)
    setting = Setting(str(settings["name"]), state, settings["fleet"]["tls_directory"], family, settings["labels"], PLACE)
    rendered = _RENDER[engine](logs, setting)
    texts = {path: {"content": text, "mode": "0600", "secret": path != f"{PLACE}/collect.conf"} for path, text in rendered.texts.items()}
    files: dict[str, Any] = {
        PLACE: {"directory": True, "mode": "0700", "purge": "*.conf"},
        UNITS: {"directory": True, "purge": f"{SENDER}*.service"},
        **texts,
        CONFIGURATION: {"content": json.dumps(_configuration(logs, rendered, settings, state), indent=2, sort_keys=True) + "\n"},
        PROGRAM: {"content": program, "mode": "0755"},
    }
    units = _units(logs, rendered, setting)
    for name, text in units.items():
        files[f"{UNITS}/{name}"] = {"content": unit_text.lay_out(text)}
    beats = _heartbeat()
    files |= {path: {"content": unit_text.lay_out(text)} for path, text in beats.items()}
    return {
        "packages": dict.fromkeys(rendered.packages),
        # In a step of their own before the files: rsyslogd -N1 refuses a working directory that is not there.
        "folders": {path: {"directory": True, "mode": "0700"} for path in folders(logs, state)},
        "files": files,
        "validate": [*rendered.validate, "python3 -I {%s} {%s} check" % (PROGRAM, CONFIGURATION)],
        "units": {
            **{name: _wanted(name, setting, logs) for name in units},
            f"{HEARTBEAT}.timer": {"state": "started", "enabled": True, "restart_on": list(beats)},
        },
        "checks": _checks(logs, units, int(settings["proof_timeout"])),
        "outputs": list(logs.outputs),
    }


def _heartbeat() -> dict[str, unit_text.Sections]:
    """Return the units that say something every minute: a log server tells how long it took, and for how long a host has been silent."""
    argv = ["/usr/bin/logger", "--tag", log_canaries.HEARTBEAT, "beat"]
    service = unit_text.timed(unit_text.service("Says that the logs of this host arrive", argv, user="root", oneshot=True))
    times = {"OnCalendar": "minutely", "RandomizedDelaySec": "20s", "AccuracySec": "1s", "Unit": f"{HEARTBEAT}.service"}
    timer = unit_text.timer("Says every minute that the logs of this host arrive", times)
    return {f"{UNITS}/{HEARTBEAT}.service": service, f"{UNITS}/{HEARTBEAT}.timer": timer}


def folders(logs: log_types.Logs, state: str) -> list[str]:
    """Return the folders for what waits."""
    parts = [state, f"{state}/collect", f"{state}/recovered"]
    for name in logs.outputs:
        parts += [f"{state}/{name}", f"{state}/{name}/segments", f"{state}/{name}/state"]
    return parts


def _configuration(logs: log_types.Logs, rendered: Rendered, settings: Mapping[str, Any], state: str) -> dict[str, Any]:
    folder = str(settings["textfile_directory"] or "")
    outputs = {
        name: {
            "bound": one.bound,
            "share": SHARE / len(logs.outputs),
            "most": MOST,
            "policy": one.policy,
            "lines": rendered.sent_again,
            "address": str(one.options.get("host") or "") if one.entry.get("connection") else "",
            "port": int(one.options.get("port") or 0) if one.entry.get("connection") else 0,
            "clean_end": "connection" if one.entry.get("connection") else one.entry.get("clean_end") or "always",
        }
        for name, one in logs.outputs.items()
    }
    return {
        "state": state,
        "textfile": f"{folder}/{TEXTFILE}" if folder else "",
        "lines": rendered.lines,
        "inputs": {one.name: list(one.paths) for one in logs.inputs.values() if one.paths},
        "outputs": outputs,
        "counters": list(rendered.counters),
    }


def _units(logs: log_types.Logs, rendered: Rendered, setting: Setting) -> dict[str, unit_text.Sections]:
    base = {"Type": "notify", "Restart": "always", "RestartSec": "1", "LimitNOFILE": "16384", "TimeoutStopSec": "30"}
    base |= {"ReadWritePaths": setting.state, "StandardOutput": "journal"}
    spool = f"{PROGRAM} {CONFIGURATION}"
    collect: dict[str, object] = {**base, "ExecStartPre": f"{spool} before-collect", "ExecStopPost": f"{spool} after-collect"}
    collect |= {"CapabilityBoundingSet": CAPABILITIES, "ProtectHome": "read-only", "ProtectSystem": "full", "ProtectKernelLogs": None}
    found = {
        f"{COLLECTOR}.service": unit_text.service(
            "Collects the log lines of this host", [*rendered.collector, f"{PLACE}/collect.conf"], user="root", service=collect
        )
    }
    for name, output in logs.outputs.items():
        hooks = {"ExecStartPre": f"{spool} before-send {name}", "ExecStop": f"{spool} stop-send {name}"}
        own: dict[str, object] = {**base, **hooks, "ExecStopPost": f"{spool} after-send {name}"}
        if output.entry["module"] == "omfile":
            own["ProtectSystem"] = "full"
        argv = [*rendered.sender, f"{PLACE}/send-{name}.conf"]
        found[f"{SENDER}{name}.service"] = unit_text.service(f"Sends log lines to {name}", argv, user="root", service=own)
    keep: dict[str, object] = {
        "Restart": "always",
        "ProtectSystem": "full",
        "CapabilityBoundingSet": "CAP_DAC_READ_SEARCH",
        "MemoryMax": "256M",
    }
    found[f"{KEEPER}.service"] = unit_text.service(
        "Keeps the log lines that wait within bounds", [PROGRAM, CONFIGURATION, "keep"], user="root", service=keep
    )
    for sections in found.values():
        sections["Unit"]["StartLimitIntervalSec"] = "0"  # whatever ends them, lines go on waiting until they are back
    return found


def _wanted(name: str, setting: Setting, logs: log_types.Logs) -> dict[str, Any]:
    """Return the wanted state of a unit; it is restarted by what it reads."""
    read = [f"{UNITS}/{name}", PROGRAM]
    tls = [f"{setting.tls_directory}/{one}" for one in TLS_FILES]
    if name.startswith(SENDER):
        output = logs.outputs[name.removeprefix(SENDER).removesuffix(".service")]
        read += [f"{PLACE}/send-{output.name}.conf", *(tls if "tls_directory" in json.dumps(output.entry["parameters"]) else [])]
    elif name.startswith(COLLECTOR):
        secured = any(one.transport in ("tls", "relp") for one in logs.inputs.values())
        read += [f"{PLACE}/collect.conf", *(tls if secured else [])]
    else:
        read.append(CONFIGURATION)
    return {"state": "started", "enabled": True, "restart_on": read}


def _checks(logs: log_types.Logs, units: Mapping[str, Any], timeout: int) -> dict[str, Any]:
    """Return what proves it: the parts run, and the connections stand."""
    checks: dict[str, Any] = {name.removesuffix(".service"): {"systemd_unit": {"name": name, "enabled": True}} for name in units}
    for name, output in logs.outputs.items():
        if output.entry.get("connection"):
            place = {"host": output.options["host"], "port": output.options["port"]}
            label = f"connection to {output.options.get('name') or name}"
            checks[label] = {"connection": place, "stable_for": 2, "delay": 0.5, "retries": timeout * 2}
    return checks
