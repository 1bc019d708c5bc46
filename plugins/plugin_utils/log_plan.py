# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a host needs to ship its logs: packages, files, units, and what proves that it works."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import log_canaries, log_failover
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import (
    log_collector_plan,
    log_model,
    log_rotation,
    log_sender_plan,
    log_types,
    log_units,
    unit_text,
)
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import (
    COLLECTOR as OPENTELEMETRY,
)
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import (
    ENGINES,
    RSYSLOG,
    Rendered,
    Setting,
    opentelemetry_collector,
    rsyslog,
)

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
_RENDER = {RSYSLOG: rsyslog.render, OPENTELEMETRY: opentelemetry_collector.render}
#: To read the files of every account; a log input on a port of the system; to see what its processes have open.
CAPABILITIES = "CAP_DAC_READ_SEARCH CAP_NET_BIND_SERVICE CAP_SYSLOG"


def log_plan(
    settings: Mapping[str, Any], entries: Mapping[str, Any], program: str, family: str = "Debian", machine: str = "x86_64"
) -> dict[str, Any]:
    """Return `packages`, `users`, `releases`, `folders`, `files`, `validate`, `units`, `checks`, `proof` and `outputs`.

    settings: of the role. entries: the catalogue's log outputs. program: the text of groundwork-log-spool.
    machine: the architecture as the kernel calls it. Raises BadInput.
    """
    engine, state = str(settings["engine"]), str(settings["state_directory"])
    if engine not in ENGINES:
        raise unknown_name("engine", "log_shipping_engine", engine, ENGINES)
    logs = log_model.parsed(settings["logs"], settings["services"], settings["servers"], entries, engine)
    setting = Setting(str(settings["name"]), state, settings["fleet"]["tls_directory"], family, settings["labels"], PLACE)
    rendered = _RENDER[engine](logs, setting)
    own = (_of_collector if engine == OPENTELEMETRY else _of_rsyslog)(logs, rendered, setting, settings, machine)
    configuration = json.dumps({**_configuration(logs, rendered, settings, state), "engine": engine}, indent=2, sort_keys=True) + "\n"
    beats, rotated = _heartbeat(), log_rotation.validate(logs.inputs.values())
    laid = {path: {"content": unit_text.lay_out(text)} for path, text in beats.items()}
    files = {**own["files"], CONFIGURATION: {"content": configuration}, PROGRAM: {"content": program, "mode": "0755"}, **laid}
    files |= log_rotation.files(logs.inputs.values())
    for name, text in own["texts"].items():
        files[f"{UNITS}/{name}"] = {"content": unit_text.lay_out(text)}
    beat = {"state": "started", "enabled": True, "restart_on": list(beats)}
    return {
        "packages": dict.fromkeys([*rendered.packages, *(["logrotate"] if rotated else [])]),
        "users": own["users"],
        "releases": own["releases"],
        # In a step of their own before the files: who judges these refuses folders and secrets that are not there.
        "folders": own["folders"],
        "files": files,
        "validate": [*own["validate"], *rotated, "python3 -I {%s} {%s} check" % (PROGRAM, CONFIGURATION)],
        "units": {**own["units"], f"{HEARTBEAT}.timer": beat},
        "effect": _effect(own["units"]),
        "checks": _checks(logs, int(settings["proof_timeout"]), engine == RSYSLOG),
        "proof": own["proof"],
        # Tells which server an output with several sends to.
        "servers": [PROGRAM, CONFIGURATION, "servers"] if any(one.servers for one in logs.outputs.values()) else [],
        "outputs": list(logs.outputs),
    }


def _of_rsyslog(logs: log_types.Logs, rendered: Rendered, setting: Setting, settings: Mapping[str, Any], machine: str) -> dict[str, Any]:
    del machine
    timeout = int(settings["proof_timeout"])
    proof = [PROGRAM, CONFIGURATION, "prove", str(timeout)]
    texts = {path: {"content": text, "mode": "0600", "secret": path != f"{PLACE}/collect.conf"} for path, text in rendered.texts.items()}
    kept = {PLACE: {"directory": True, "mode": "0700", "purge": "*.conf"}, UNITS: {"directory": True, "purge": f"{SENDER}*.service"}}
    units = _units(logs, rendered, setting)
    return {
        "users": {},
        "releases": {},
        "folders": {path: {"directory": True, "mode": "0700"} for path in folders(logs, setting.state)},
        "files": {**kept, **texts, **log_sender_plan.program(logs)},
        "texts": units,
        "units": {name: _wanted(name, setting, logs) for name in units},
        "validate": list(rendered.validate),
        "proof": proof if any(log_sender_plan.proves(one, timeout) for one in logs.outputs.values()) else [],
    }


def _of_collector(logs: log_types.Logs, rendered: Rendered, setting: Setting, settings: Mapping[str, Any], machine: str) -> dict[str, Any]:
    """Return the collector's parts. What rsyslog's senders still have to send stays until the keeper finds it sent."""
    executable, releases = log_collector_plan.program(settings["collector"] or {}, machine)
    texts = log_collector_plan.units(logs, setting, executable, f"{PROGRAM} {CONFIGURATION}")
    texts[f"{KEEPER}.service"] = _keeper(setting)
    own = {path: {"content": text, "mode": "0640", "group": log_collector_plan.USER} for path, text in rendered.texts.items()}
    hidden = log_collector_plan.secrets(logs, setting)
    parts = (os.path.dirname(setting.state), setting.state, f"{setting.state}/collect", f"{setting.state}/recovered")
    common = {path: {"directory": True, "mode": "0700"} for path in parts}
    tls = [f"{setting.tls_directory}/{one}" for one in TLS_FILES]
    collect = [f"{UNITS}/{COLLECTOR}.service", *rendered.texts, *tls, *(path for path, one in hidden.items() if "content" in one)]
    release = [f"/opt/{name}/current" for name in releases]
    wanted = {"state": "started", "enabled": True}
    units = {
        f"{COLLECTOR}.service": {**wanted, "restart_on": [*collect, *release]},
        f"{KEEPER}.service": {**wanted, "restart_on": [f"{UNITS}/{KEEPER}.service", PROGRAM, CONFIGURATION]},
    }
    return {
        "users": {log_collector_plan.USER: {"comment": "groundwork.fleet log shipping"}},
        "releases": releases,
        "folders": {PLACE: {"directory": True, "mode": "0711"}, **common, **log_collector_plan.folders(setting), **hidden},
        "files": own,
        "texts": texts,
        "units": units,
        "validate": [log_collector_plan.judge(path, logs, setting, executable) for path in rendered.texts],
        "proof": [PROGRAM, CONFIGURATION, "prove", str(settings["proof_timeout"])],
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
            "lines": 0 if log_sender_plan.serves(one) else rendered.sent_again,
            "proves": log_sender_plan.proves(one, int(settings["proof_timeout"])),
            "address": str(one.options.get("host") or "") if one.entry.get("connection") else "",
            "port": int(one.options.get("port") or 0) if one.entry.get("connection") else 0,
            "clean_end": "connection" if one.entry.get("connection") else one.entry.get("clean_end") or "always",
            **_turns(one),
        }
        for name, one in logs.outputs.items()
    }
    return {
        "state": state,
        "textfile": f"{folder}/{TEXTFILE}" if folder else "",
        "lines": rendered.lines,
        "rsyslog_lines": rsyslog.COLLECTED_AGAIN,
        "user": log_collector_plan.USER,
        "tls_directory": settings["fleet"]["tls_directory"],
        "inputs": {one.name: list(one.paths) for one in logs.inputs.values() if one.paths},
        "outputs": outputs,
        "counters": list(rendered.counters),
    }


def _turns(output: log_types.Output) -> dict[str, Any]:
    """Return what the keeper has to know of an output with several servers."""
    if not output.servers:
        return {}
    paths = rsyslog.configurations(output, PLACE)
    found = [{**server, "configuration": path} for server, path in zip(output.servers, paths, strict=True)]
    return {"servers": found, "back": log_failover.BACK}


def _units(logs: log_types.Logs, rendered: Rendered, setting: Setting) -> dict[str, unit_text.Sections]:
    spool = f"{PROGRAM} {CONFIGURATION}"
    collect: dict[str, object] = {"ExecStartPre": f"+{spool} before-collect", "ExecStopPost": f"{spool} after-collect"}
    collect |= {"CapabilityBoundingSet": CAPABILITIES, "ProtectHome": "read-only", "ProtectSystem": "full", "ProtectKernelLogs": None}
    argv = [*rendered.collector, f"{PLACE}/collect.conf"]
    found = {f"{COLLECTOR}.service": log_units.rsyslogd("Collects the log lines of this host", argv, setting.state, **collect)}
    for name, output in logs.outputs.items():
        if log_sender_plan.serves(output):
            sections = log_sender_plan.unit(output, setting, f"{PLACE}/send-{name}.conf")
            found[f"{SENDER}{name}.service"] = log_units.lasting(sections)
            continue
        own = {"ProtectSystem": "full"} if output.entry["module"] == "omfile" else {}
        chosen = f"{setting.state}/{name}/{log_failover.LINK}" if output.servers else rsyslog.configurations(output, PLACE)[0]
        found[f"{SENDER}{name}.service"] = log_units.sender(name, [*rendered.sender, chosen], setting.state, spool, **own)
    found[f"{KEEPER}.service"] = _keeper(setting)
    return found


def _keeper(setting: Setting) -> unit_text.Sections:
    """Return the unit of what keeps bounds and tells; it also removes what is left of an engine that is no longer chosen."""
    return log_units.keeper(f"{PROGRAM} {CONFIGURATION}", f"{setting.place} {UNITS}")


def _wanted(name: str, setting: Setting, logs: log_types.Logs) -> dict[str, Any]:
    """Return the wanted state of a unit; it is restarted by what it reads."""
    read = [f"{UNITS}/{name}", PROGRAM]
    tls = [f"{setting.tls_directory}/{one}" for one in TLS_FILES]
    if name.startswith(SENDER):
        output = logs.outputs[name.removeprefix(SENDER).removesuffix(".service")]
        read += rsyslog.configurations(output, PLACE)
        if log_sender_plan.serves(output):
            return {"state": "started", "enabled": True, "restart_on": [read[0], read[2], *log_sender_plan.read(output, setting)]}
        read += tls if "tls_directory" in json.dumps(output.entry["parameters"]) else []
    elif name.startswith(COLLECTOR):
        secured = any(one.transport in ("tls", "relp") for one in logs.inputs.values())
        read += [f"{PLACE}/collect.conf", *(tls if secured else [])]
    else:
        read.append(CONFIGURATION)
    return {"state": "started", "enabled": True, "restart_on": read}


def _effect(units: Mapping[str, Any]) -> dict[str, Any]:
    """Return what decides whether this plan stays on the host: its parts come up, and stay."""
    lasts = {"stable_for": "1s", "retries": 5}
    return {name.removesuffix(".service"): {"systemd_unit": {"name": name, "enabled": True}, **lasts} for name in units}


def _checks(logs: log_types.Logs, timeout: int, connects: bool) -> dict[str, Any]:
    """Return what proves it beyond the host: the connections stand. connects: whether an engine holds them open."""
    checks: dict[str, Any] = {}
    for name, output in logs.outputs.items():
        if connects and output.entry.get("connection"):
            place = log_model.connection(output.servers or [output.options])
            label = "connection to %s" % (" or ".join(one["name"] for one in output.servers) or output.options.get("name") or name)
            checks[label] = {"connection": place, "stable_for": 2, "delay": 0.5, "retries": timeout * 2}
    return checks
