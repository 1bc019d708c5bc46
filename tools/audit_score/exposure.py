# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `systemd-analyze security` says of units."""

from __future__ import annotations

import re
from collections.abc import Mapping

OVERALL = re.compile(r"Overall exposure level for (?P<unit>\S+?): (?P<level>\d+(?:\.\d+)?) ")


def levels(text: str) -> Mapping[str, float]:
    """Return unit to exposure, 0.0 (least) to 10.0, from the output for one or more named units."""
    return {found["unit"]: float(found["level"]) for found in OVERALL.finditer(text)}
