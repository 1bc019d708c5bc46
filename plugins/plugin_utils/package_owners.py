# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which roles will install packages in this run, so that one transaction can do it for all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

EVERY = ("all", "tagged")  # tags of the command line that select every role; each role's tag is its name


def package_owners(roles: Iterable[str], variables: Mapping[str, Any], run: Collection[str], skipped: Collection[str]) -> list[str]:
    """Return those of the roles that are played and not to be absent.

    variables: of the host; `<role>_state` tells. run, skipped: the tags that were asked for and left out.
    """
    played = [role for role in roles if role not in skipped and (role in run or any(tag in run for tag in EVERY))]
    return [role for role in played if variables.get(f"{role}_state", "present") != "absent"]
