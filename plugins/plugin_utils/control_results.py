# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How each control of a plan ended, from what its health checks found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

PASS, FAIL, WAIVED, NOT_APPLICABLE = "pass", "fail", "waived", "not applicable"
NOT_OBSERVED = "not observed"
#: What differs from run to run at the end of a message's first line: what is the same on many hosts has to read the same.
TOOK = re.compile(r"(?:, \d+ attempts)?, \d+\.\d s(?=\n|\Z)")


def verdict(found: list[Mapping[str, Any]]) -> tuple[str, str]:
    """Return status and reason of a control from the results of its checks: one that failed decides, then one that passed."""
    failed = [TOOK.sub("", str(result["message"]), count=1) for result in found if result["status"] == "failed"]
    if failed:
        return FAIL, "\n".join(failed)
    if not found:
        return NOT_APPLICABLE, NOT_OBSERVED
    passing = [result for result in found if result["status"] != "not_applicable"]
    return (PASS, "") if passing else (NOT_APPLICABLE, str(found[0]["message"]))


def results(plan: Mapping[str, Any], checks: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each selected control with its `status` and `reason`.

    plan: what the lookup control_plan gives. checks: the results of its health checks by name.
    """
    by_control: dict[str, list[Mapping[str, Any]]] = {}
    for name, result in checks.items():
        by_control.setdefault(name.rpartition("/")[0], []).append(result)
    ended = []
    for one in plan["controls"]:
        if one["applies"]:
            status, reason = verdict(by_control.get(one["id"], []))
        else:
            status, reason = NOT_APPLICABLE, one["why_not"]
        if status == FAIL and one["overridden"]:
            reason = f"{one['overridden']} sets it otherwise: {reason}"
        if status == FAIL and one["waived_until"]:
            reason = f"was waived until {one['waived_until']}: {reason}"
        if status == FAIL and one["waiver"]:
            status = WAIVED
        ended.append(
            {
                **{key: value for key, value in one.items() if key not in ("applies", "why_not", "waived_until")},
                "status": status,
                "reason": reason,
            }
        )
    return ended


def unproven(ended: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a sentence for each control that the role wrote and that is not in effect; one that the inventory overrides is not asked."""
    wrong = [one for one in ended if one["status"] == FAIL and one["written"] and not one["overridden"]]
    return [f"{one['id']}: {'; '.join(one['reason'].splitlines())}" for one in wrong]
