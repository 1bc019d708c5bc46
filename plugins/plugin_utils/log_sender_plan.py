# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a host's plan for its logs is that of `groundwork-log-send`, which sends for outputs that rsyslog has no module for.

Such an output's entry of the catalogue has `sender: {protocol: NAME, parameters: {…}}` (module_utils/log_protocols.py), and instead of
rsyslog's `module` and `parameters`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_types, unit_text
from ansible_collections.groundwork.fleet.plugins.plugin_utils.health_program import plain_program
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import Setting
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_options import filled

PROGRAM = "/usr/local/sbin/groundwork-log-send"
CREDENTIAL = "aws"
SYSTEM = "system"
MEMORY = "256M"


def serves(output: log_types.Output) -> bool:
    """Return whether an output is sent by groundwork-log-send where the engine is rsyslog."""
    return bool(output.entry.get("sender"))


def proves(output: log_types.Output, timeout: int) -> bool:
    """Return whether a line has to be taken within so many seconds; the objects of S3 may take longer."""
    return serves(output) and int(output.options.get("interval") or 0) < timeout / 2


def program(logs: log_types.Logs) -> dict[str, Any]:
    """Return the file of the program: there where an output needs it."""
    needed = any(map(serves, logs.outputs.values()))
    return {PROGRAM: {"content": plain_program("log_send"), "mode": "0755"} if needed else {"absent": True}}


def authority(output: log_types.Output, setting: Setting) -> str:
    """Return the file of the authority that a server has to be of, `system` for those of the host."""
    if "ca" not in (output.entry.get("option_spec") or {}):
        return SYSTEM
    return str(output.options.get("ca") or f"{setting.tls_directory}/ca.crt")


def shows_certificate(output: log_types.Output) -> bool:
    """Return whether the host shows its certificate."""
    return bool(output.options.get("client_certificate"))


def configuration(output: log_types.Output, setting: Setting) -> str:
    """Return the configuration of the sender of an output, JSON. It may hold secrets."""
    sender = output.entry["sender"]
    known = {**output.options, "output": output.name, "host_name": setting.name}
    found = {name: filled(value, known) for name, value in sender["parameters"].items()}
    shown = shows_certificate(output)
    told = {
        "protocol": sender["protocol"],
        "parameters": {name: value for name, value in found.items() if value not in (None, "")},
        "folder": f"{setting.state}/{output.name}",
        "host": setting.name,
        "labels": list(setting.labels),
        "credentials": bool(output.options.get("credentials_file")),
        "tls": {
            "ca": authority(output, setting),
            "certificate": f"{setting.tls_directory}/host.crt" if shown else "",
            "key": f"{setting.tls_directory}/host.key" if shown else "",
        },
    }
    return json.dumps(told, indent=1, sort_keys=True) + "\n"


def judge(path: str) -> str:
    """Return the command that judges a configuration before it counts."""
    return "python3 -I {%s} {%s} check" % (PROGRAM, path)


def read(output: log_types.Output, setting: Setting) -> Iterator[str]:
    """Yield the files that the sender of an output reads when it starts."""
    yield PROGRAM
    if authority(output, setting) != SYSTEM:
        yield authority(output, setting)
    if shows_certificate(output):
        yield from (f"{setting.tls_directory}/host.{end}" for end in ("crt", "key"))
    if output.options.get("credentials_file"):
        yield str(output.options["credentials_file"])


def unit(output: log_types.Output, setting: Setting, path: str) -> unit_text.Sections:
    """Return the unit of the sender of an output. path: of its configuration."""
    own: dict[str, object] = {"Type": "notify", "Restart": "always", "RestartSec": "1", "TimeoutStopSec": "45", "MemoryMax": MEMORY}
    own |= {"ReadWritePaths": f"{setting.state}/{output.name}"}
    file = str(output.options.get("credentials_file") or "")
    credentials = {CREDENTIAL: file} if file else None
    return unit_text.service(f"Sends log lines to {output.name}", [PROGRAM, path], "root", None, credentials, own)
