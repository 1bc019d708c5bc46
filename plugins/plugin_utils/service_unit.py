# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit of a declared service: sandbox, limits and environment as directives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils.unit_text import SANDBOX

#: A directive may stand several times (SystemCallFilter, Environment): hence pairs.
Directives = list[tuple[str, str]]

RESTRICTING = ("CapabilityBoundingSet", "UMask")  # said by `sandbox` itself

#: What a service takes that makes machine code while it runs, or calls the system in unusual ways.
RELAXED: Directives = [
    ("NoNewPrivileges", "yes"),
    ("PrivateTmp", "yes"),
    ("ProtectSystem", "full"),
    ("ProtectHome", "yes"),
    ("ProtectControlGroups", "yes"),
    ("ProtectKernelModules", "yes"),
    ("RestrictSUIDSGID", "yes"),
    ("LockPersonality", "yes"),
]

#: The sandbox of all units of the collection, and what a plain service can do without on top of it.
STRICT: Directives = [
    *((key, value) for key, value in SANDBOX.items() if key not in RESTRICTING),
    ("SystemCallFilter", "~@privileged @resources"),
    ("SystemCallErrorNumber", "EPERM"),
    ("DevicePolicy", "closed"),
    ("KeyringMode", "private"),
    ("RemoveIPC", "yes"),
]

LIMITS = {
    "memory": "MemoryMax",
    "memory_high": "MemoryHigh",
    "swap": "MemorySwapMax",
    "cpu": "CPUQuota",
    "cpu_weight": "CPUWeight",
    "io_weight": "IOWeight",
    "tasks": "TasksMax",
    "open_files": "LimitNOFILE",
    "processes": "LimitNPROC",
    "core": "LimitCORE",
}


@dataclass(frozen=True)
class Preset:
    """How a service of its kind runs.

    sandbox: what it is kept from, nothing where it is empty. restart: when systemd starts it anew. binds: whether it binds its ports
    itself, so that one below 1024 needs a capability. timer, socket: what starts it instead of the boot.
    """

    sandbox: tuple[tuple[str, str], ...]
    restart: str = "on-failure"
    binds: bool = True
    timer: bool = False
    socket: bool = False


#: `relaxed` and `none` are for what cannot live in the sandbox; the others differ in how they run, not in what they may.
PRESETS: dict[str, Preset] = {
    "network_service": Preset(tuple(STRICT)),
    "worker": Preset(tuple(STRICT), restart="always", binds=False),
    "job": Preset(tuple(STRICT), restart="no", binds=False, timer=True),
    "socket_activated": Preset(tuple(STRICT), binds=False, socket=True),
    "relaxed": Preset(tuple(RELAXED)),
    "none": Preset(()),
}
PRESETS["strict"] = PRESETS["network_service"]  # its earlier name


def sandbox(preset: Preset, ports: Sequence[int], writable: Iterable[str]) -> Directives:
    """Return the sandbox of a preset. A port below 1024 keeps the one capability it needs; none is the rule."""
    if not preset.sandbox:
        return []
    capability = "CAP_NET_BIND_SERVICE" if preset.binds and any(port < 1024 for port in ports) else ""
    found = [("CapabilityBoundingSet", capability), ("AmbientCapabilities", capability), ("UMask", "0027")]
    return [*found, *preset.sandbox, *(("ReadWritePaths", path) for path in writable)]


def overridden(directives: Directives, own: Mapping[str, Any]) -> Directives:
    """Return the directives with the declaration's own in place of those of the same name; null takes one out."""
    found = [(key, value) for key, value in directives if key not in own]
    for key, value in own.items():
        if value is not None:
            found += [(key, _word(one)) for one in (value if isinstance(value, (list, tuple)) else [value])]
    return found


def _word(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def environment(where: str, variables: Mapping[str, Any]) -> Directives:
    """Return the variables as Environment= lines, quoted so that systemd hands over exactly these values."""
    texts = environment_texts(where, variables)
    return [("Environment", '"%s=%s"' % (name, _quoted(text).replace("%", "%%"))) for name, text in texts.items()]


def environment_file(where: str, variables: Mapping[str, Any]) -> str:
    """Return the variables as a file that EnvironmentFile= reads (systemd.exec(5)): quoted alike, but there is no specifier in it."""
    return "".join('%s="%s"\n' % (name, _quoted(text)) for name, text in environment_texts(where, variables).items())


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def environment_texts(where: str, variables: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables as texts. Raises BadInput for a name or a value that a process cannot get in one line."""
    found = {}
    for name, value in variables.items():
        if not re.match(r"^[A-Za-z_][A-Za-z0-9_]*$", name):
            raise bad_input(where, name, "names of letters, digits and '_'", "Rename the variable.")
        if not isinstance(value, (str, int, float)) or "\n" in str(value):
            raise bad_input(f"{where}.{name}", value, "a text of one line", "Put longer content into a file of the service.")
        found[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return found


def limits(where: str, wanted: Mapping[str, Any]) -> Directives:
    """Return the limits as directives."""
    for name in wanted:
        if name not in LIMITS:
            raise unknown_name("limit", where, name, LIMITS)
    return [(LIMITS[name], str(value)) for name, value in wanted.items() if value is not None]


def laid_out(sections: Mapping[str, Directives]) -> str:
    """Return the text of a unit file. Raises BadInput for a value of several lines: its rest would be directives."""
    blocks = []
    for name, lines in sections.items():
        for key, value in lines:
            if "\n" in value.strip():
                raise bad_input(f"{key}= of section [{name}]", value, "a text of one line", "Join the lines.")
        blocks.append(f"[{name}]\n" + "".join(f"{key}={value.strip()}\n" for key, value in lines))
    return "# Written by groundwork.fleet.services; changes are overwritten.\n" + "\n".join(blocks)
