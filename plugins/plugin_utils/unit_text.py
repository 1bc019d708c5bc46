# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a systemd service that may do only what it has to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Sections = dict[str, dict[str, str]]

#: Every service of the collection begins here; what it needs more, it says.
SANDBOX: dict[str, str] = {
    "CapabilityBoundingSet": "",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "NoNewPrivileges": "yes",
    "PrivateDevices": "yes",
    "PrivateTmp": "yes",
    "ProtectClock": "yes",
    "ProtectControlGroups": "yes",
    "ProtectHome": "yes",
    "ProtectHostname": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectProc": "invisible",
    "ProtectSystem": "strict",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "SystemCallArchitectures": "native",
    "SystemCallErrorNumber": "EPERM",
    "SystemCallFilter": "@system-service",
    "UMask": "0077",
}


def quoted(word: str, command: bool = False) -> str:
    """Return one word so that systemd reads it as it is. command: it stands in an Exec line, where $ expands too."""
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("\n", "\\n")
    if command:
        text = text.replace("$", "$$")
    return f'"{text}"' if text != word or not word or set(word) & set(" \t'\";") else text


def service(
    description: str,
    argv: Iterable[str],
    user: str | None = None,
    environment: Mapping[str, str] | None = None,
    credentials: Mapping[str, str] | None = None,
    service: Mapping[str, object] | None = None,
    oneshot: bool = False,
) -> Sections:
    """Return the sections of a sandboxed service.

    user: an account, or None for one that exists only while the service runs. credentials: name to path of a file that only root may read.
    service: further settings; they win over the sandbox's, null takes one away. oneshot: it runs once and counts as active then.
    """
    own: dict[str, str] = {"ExecStart": " ".join(quoted(str(word), command=True) for word in argv)}
    own.update({"Type": "oneshot", "RemainAfterExit": "yes"} if oneshot else {"Restart": "on-failure", "RestartSec": "5"})
    own.update({"User": user} if user else {"DynamicUser": "yes"})
    if environment:
        own["Environment"] = " ".join(quoted(f"{key}={value}") for key, value in sorted(environment.items()))
    for name, path in sorted((credentials or {}).items()):
        own[f"LoadCredential={name}"] = path
    settings: dict[str, object] = {**SANDBOX, **(service or {})}
    own.update({key: str(value) for key, value in sorted(settings.items()) if value is not None})
    return {"Unit": {"Description": description, "After": "network.target"}, "Service": own, "Install": {"WantedBy": "multi-user.target"}}


def timed(sections: Sections) -> Sections:
    """Return a service as a timer runs it: it ends by itself, and nothing else starts it."""
    rest = {key: value for key, value in sections["Service"].items() if key not in ("RemainAfterExit", "Restart", "RestartSec")}
    return {"Unit": sections["Unit"], "Service": {**rest, "Type": "oneshot"}}


def timer(description: str, times: Mapping[str, str]) -> Sections:
    """Return the sections of a timer. times: of systemd.timer(5)."""
    return {"Unit": {"Description": description}, "Timer": dict(times), "Install": {"WantedBy": "timers.target"}}


def lay_out(sections: Mapping[str, Mapping[str, str]]) -> str:
    """Return the text of a unit file. Several lines of a setting: a key `LoadCredential=NAME` stands for one, a value of lines for all."""
    blocks = []
    for name, settings in sections.items():
        lines = [f"{key}:{value}" if "=" in key else f"{key}={line}" for key, value in settings.items() for line in value.split("\n")]
        blocks.append("\n".join([f"[{name}]", *lines]))
    return "# Written by groundwork.fleet.\n" + "\n\n".join(blocks) + "\n"
