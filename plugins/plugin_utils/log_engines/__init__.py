# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What carries the logs of a host: one module per engine. `ENGINES` are the names that `log_shipping_engine` takes.

A module has `render(logs, setting) -> Rendered`: the files, units and folders of the host for what is declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

RSYSLOG, COLLECTOR = "rsyslog", "opentelemetry-collector"
ENGINES = (RSYSLOG, COLLECTOR)


@dataclass(frozen=True)
class Setting:
    """What an engine has to know of the host. state: the folder for what waits. labels: of every line. place: of the configuration.

    message_bytes: the longest message.
    """

    name: str
    state: str
    tls_directory: str
    family: str
    labels: Mapping[str, str] = field(default_factory=dict)
    place: str = "/etc/groundwork/logs"
    message_bytes: str = "64k"


@dataclass(frozen=True)
class Rendered:
    """What makes an engine run. texts: path to text of configurations. validate: commands that judge them. packages: to install."""

    texts: Mapping[str, str]
    validate: tuple[str, ...]
    packages: tuple[str, ...]
    lines: int
    """How many lines of a source are read again after an unclean end of the collector."""
    sent_again: int
    """How many lines an output gets again after an unclean end of its sender."""
    collector: tuple[str, ...] = ()
    sender: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()
    """What the flows count, `WHAT:FLOW:INPUT:SERVICE`; WHAT is unparsed, sampled or limited."""
    details: Mapping[str, Any] = field(default_factory=dict)
