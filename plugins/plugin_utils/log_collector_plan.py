# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a host's plan for its logs is the OpenTelemetry Collector's own: its program, folders, files and units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import log_drain
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_types, unit_text
from ansible_collections.groundwork.fleet.plugins.plugin_utils.exporter_entry import ARCHITECTURES
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import Setting
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import opentelemetry_collector as engine

USER = "groundwork-logs"
RELEASE = "groundwork-otelcol"
WHERE = "log_shipping_collector"
#: Below the address of a mirror; the names of the project's releases.
ASSET = "open-telemetry/opentelemetry-collector-releases/releases/download/v{version}/otelcol-contrib_{version}_linux_{architecture}.tar.gz"
PRIVILEGED = 1024  # ports below it need CAP_NET_BIND_SERVICE


def program(given: Mapping[str, Any], machine: str) -> tuple[str, dict[str, Any]]:
    """Return the path of the collector on the host, and the releases to install. given: log_shipping_collector. Raises BadInput."""
    if given.get("program"):
        return str(given["program"]), {}
    architecture = ARCHITECTURES.get(machine, machine)
    sums = given.get("sha256") or {}
    digest = sums if isinstance(sums, str) else sums.get(architecture)
    if not given.get("version") or not digest:
        shown = {key: value for key, value in given.items() if value}
        expected = "version and sha256, or program"
        remedy = (
            f"Name a release of the contrib distribution, 0.160 or later, with sha256: {{{architecture}: …}}, or where the program lies."
        )
        raise bad_input(WHERE, shown, expected, remedy)
    url = str(given.get("url") or "/".join([str(given["mirror"]).rstrip("/"), ASSET]))
    for word, value in {"version": str(given["version"]), "architecture": architecture}.items():
        url = url.replace("{%s}" % word, value)
    release = {"url": url, "version": str(given["version"]), "sha256": str(digest), "strip": 0, "keep": 2}
    return f"/opt/{RELEASE}/current/otelcol-contrib", {RELEASE: release}


def folders(setting: Setting) -> dict[str, Any]:
    """Return the folders in which the collector keeps its places and queues."""
    owned = {"directory": True, "mode": "0700", "owner": USER, "group": USER}
    return {f"{setting.state}/otelcol{part}": owned for part in ("", "/places", "/queue")}


def secrets(logs: log_types.Logs, setting: Setting) -> dict[str, Any]:
    """Return the files with what the collector is not to have in its configuration, and links to what it shows to others.

    The collector fills ${…} in what it reads from a file too, so a $ is doubled.
    """
    place = f"{setting.place}/secrets"
    files: dict[str, Any] = {place: {"directory": True, "mode": "0700", "purge": True}}
    for output in logs.outputs.values():
        for name, value in engine.secrets(output):
            files[f"{place}/{name}"] = {"content": value.replace("$", "$$"), "mode": "0600", "secret": True}
    for name in ("ca.crt", "host.crt", "host.key"):
        files[f"{place}/{name}"] = {"link": f"{setting.tls_directory}/{name}"}
    return files


def judge(path: str, logs: log_types.Logs, setting: Setting, executable: str) -> str:
    """Return the command that judges a configuration before it counts."""
    known = {"CREDENTIALS_DIRECTORY": f"{setting.place}/secrets", **{engine.bound_name(name): str(1 << 20) for name in logs.outputs}}
    words = " ".join(f"{key}={value}" for key, value in known.items())
    return "env %s %s validate --feature-gates=%s --config={%s}" % (words, executable, engine.FEATURES, path)


def units(logs: log_types.Logs, setting: Setting, executable: str, spool: str) -> dict[str, unit_text.Sections]:
    """Return the units: the collector, and what sends what waits in it when another engine has taken over (not enabled)."""
    place = f"{setting.place}/secrets"
    credentials = {name: f"{setting.tls_directory}/{name}" for name in ("ca.crt", "host.crt", "host.key")}
    credentials |= {name: f"{place}/{name}" for output in logs.outputs.values() for name, _value in engine.secrets(output)}
    files = [str(one.options["credentials_file"]) for one in logs.outputs.values() if one.options.get("credentials_file")]
    if files:
        credentials["aws"] = files[0]
    ports = [source.port for source in logs.inputs.values() if source.type == "syslog"]
    needed = "CAP_DAC_READ_SEARCH" + (" CAP_NET_BIND_SERVICE" if any(port < PRIVILEGED for port in ports) else "")
    base: dict[str, object] = {"Restart": "always", "RestartSec": "1", "LimitNOFILE": "16384", "TimeoutStopSec": "60"}
    base |= {"ReadWritePaths": f"{setting.state}/otelcol", "EnvironmentFile": f"-{setting.state}/otelcol/bounds.env"}
    base |= {"Environment": "AWS_SHARED_CREDENTIALS_FILE=%d/aws"} if files else {}
    reads = {"AmbientCapabilities": needed, "CapabilityBoundingSet": needed, "ProtectHome": "read-only", "ProtectProc": None}
    hooks = {"ExecStartPre": f"+{spool} before-collect", "ExecStopPost": f"+{spool} after-collect"}
    argv = [executable, f"--feature-gates={engine.FEATURES}"]
    collect = [*argv, f"--config={setting.place}/{engine.CONFIGURATION}"]
    drain = [*argv, f"--config={setting.place}/{engine.DRAIN}"]
    found = {
        "groundwork-log-collector.service": unit_text.service(
            "Collects the log lines of this host and sends them", collect, USER, None, credentials, {**base, **reads, **hooks}
        ),
        log_drain.DRAIN: unit_text.service(
            "Sends the log lines that wait in the OpenTelemetry Collector",
            drain,
            USER,
            None,
            credentials,
            {**base, **reads},
        ),
    }
    for sections in found.values():
        sections["Unit"]["StartLimitIntervalSec"] = "0"  # whatever ends it, lines go on waiting until it is back
    return found
