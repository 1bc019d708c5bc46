# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units of what sends segments of lines, on a host that ships and on a log server that forwards."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.groundwork.fleet.plugins.plugin_utils import unit_text


def rsyslogd(description: str, argv: Iterable[str], state: str, **more: object) -> unit_text.Sections:
    """Return a unit that runs an rsyslogd, started again for ever. state: where it may write. more: settings of the service."""
    base: dict[str, object] = {"Type": "notify", "Restart": "always", "RestartSec": "1", "LimitNOFILE": "16384", "TimeoutStopSec": "30"}
    base |= {"ReadWritePaths": state, "StandardOutput": "journal", **more}
    return lasting(unit_text.service(description, argv, user="root", service=base))


def sender(name: str, argv: Iterable[str], state: str, spool: str, **more: object) -> unit_text.Sections:
    """Return the unit of what sends to the output `name`. spool: the command of `log_keeper` with its configuration."""
    hooks = {"ExecStartPre": f"{spool} before-send {name}", "ExecStop": f"{spool} stop-send {name}"}
    return rsyslogd(f"Sends log lines to {name}", argv, state, **hooks, ExecStopPost=f"{spool} after-send {name}", **more)


def keeper(spool: str, writes: str) -> unit_text.Sections:
    """Return the unit of what keeps bounds and tells; it also removes what is left of what is no longer declared."""
    keep: dict[str, object] = {
        "Restart": "always",
        "ProtectSystem": "full",
        "ReadWritePaths": writes,
        "CapabilityBoundingSet": "CAP_DAC_READ_SEARCH CAP_DAC_OVERRIDE",
        "MemoryMax": "256M",
    }
    argv = [*spool.split(), "keep"]
    return lasting(unit_text.service("Keeps the log lines that wait within bounds", argv, user="root", service=keep))


def lasting(sections: unit_text.Sections) -> unit_text.Sections:
    """Return a unit that is started again however often it ends: lines go on waiting until it is back."""
    return {**sections, "Unit": {**sections["Unit"], "StartLimitIntervalSec": "0"}}
