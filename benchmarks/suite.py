# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every suite is given, and how one is found: a module of this package with NAME, hosts_needed() and run()."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """What the user asked for."""

    rounds: int = 3
    sizes: tuple[int, ...] = (20, 100, 500)
    hosts: tuple[int, ...] = (1, 5, 20)
    lines: int = 3_000_000
    devsec: Path | None = None
    prometheus: Path | None = None
    peer_variables: Path | None = None
