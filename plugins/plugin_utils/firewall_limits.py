# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits of a rate: how many new connections a source may open, and how many lines a log may get."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
RATE = re.compile(r"([1-9][0-9]{0,5})/(second|minute|hour|day)")
MAXIMUM_BURST = 1_000_000
USUAL_BURST = 5  # that of nftables
SSH_MINIMUM = 10  # connections: one task without a persistent connection opens up to five, the confirmation one more


@dataclass(frozen=True)
class Limit:
    """So many per unit of time, and so many at once before that counts."""

    count: int
    unit: str
    burst: int

    @property
    def text(self) -> str:
        """Return it as nftables writes it."""
        return f"{self.count}/{self.unit} burst {self.burst} packets"

    @property
    def per_minute(self) -> float:
        """Return how many a minute has."""
        return self.count * 60 / SECONDS[self.unit]

    @property
    def memory(self) -> int:
        """Return for how many seconds an idle source is remembered: until it may use the whole burst again."""
        return max(60, math.ceil(self.burst * SECONDS[self.unit] / self.count))


def checked(where: str, rate: Any, burst: Any = None, burst_where: str = "") -> Limit | None:
    """Return the limit, None where `rate` is empty. burst: by default the count of the rate, 5 at least. Raises BadInput."""
    burst_where = burst_where or f"{where} (burst)"
    if rate in (None, ""):
        if burst not in (None, ""):
            raise bad_input(burst_where, burst, "nothing where there is no rate", "Give the rate as well, such as 20/minute.")
        return None
    match = RATE.fullmatch(rate) if isinstance(rate, str) else None
    if not match:
        raise bad_input(where, rate, "a number per second, minute, hour or day, such as 20/minute", "An empty text sets no limit.")
    count = int(match[1])
    most = max(count, USUAL_BURST) if burst in (None, "") else burst
    if isinstance(most, bool) or not re.fullmatch("[0-9]{1,7}", str(most)) or not 1 <= int(most) <= MAXIMUM_BURST:
        raise bad_input(burst_where, burst, f"a number from 1 to {MAXIMUM_BURST}", "It is how many may come at once.")
    return Limit(count, match[2], int(most))


def checked_ssh(rate: Any, burst: Any) -> Limit | None:
    """Return the limit of new SSH connections. Raises BadInput for one under which Ansible itself would not get through."""
    limit = checked("firewall_ssh_rate", rate, burst if rate else None, "firewall_ssh_burst")
    if limit and limit.burst < SSH_MINIMUM:
        remedy = "Ansible opens several connections for one task: a smaller number locks the controller out."
        raise bad_input("firewall_ssh_burst", burst, f"{SSH_MINIMUM} or more", remedy)
    if limit and limit.per_minute < SSH_MINIMUM:
        remedy = "Ansible opens several connections for one task: a lower rate locks the controller out."
        raise bad_input("firewall_ssh_rate", rate, f"{SSH_MINIMUM}/minute or more", remedy)
    return limit
