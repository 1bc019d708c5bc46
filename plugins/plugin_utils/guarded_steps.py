# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a guarded list of steps answers, once its guard has decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import guard
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input


def guard_timeout(declared: Any) -> int:
    """Return the seconds of the option `confirm`, 0 for none. Raises BadInput."""
    try:
        timeout = int(declared or 0)
    except (TypeError, ValueError):
        expected = f"0, or {guard.SHORTEST} to {guard.LONGEST} seconds"
        raise bad_input("confirm", declared, expected, "0 asks for no confirmation.") from None
    if timeout:
        guard.check_timeout(timeout)
    return timeout


def confirmed(answer: Mapping[str, Any], decided: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer of steps that went well, after the host was asked to keep what they changed."""
    result = {**answer, "confirmed": shown(decided)}
    if decided.get("failed") or decided.get("unreachable"):
        flags = {key: True for key in ("failed", "unreachable") if decided.get(key)}
        if decided.get("state") == "restored":
            result["changed"] = False
        return {**result, **flags, "msg": decided.get("msg", "Not confirmed.")}
    return result


def taken_back(answer: Mapping[str, Any], back: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer of steps of which one failed, after the host was told to take back what they had changed."""
    reason = str(answer.get("msg", "")).rstrip()
    if back.get("failed") or back.get("unreachable"):
        text = f"{reason} What these steps had changed could not be taken back at once ({back.get('msg', 'no answer')}); the host does it."
        return {**answer, "msg": text, "confirmed": shown(back)}
    paths = (back.get("last") or {}).get("paths") or []
    text = f"{reason} What these steps had changed was taken back: {', '.join(paths) or 'nothing yet'}."
    return {**answer, "changed": False, "msg": text, "confirmed": shown(back)}


def interrupted(reason: str, decided: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer where the connection was lost while the steps ran and the host was told to take them back."""
    if decided.get("failed") or decided.get("unreachable"):
        return {**decided, "msg": f"{decided.get('msg', '')} The connection was lost while the steps ran: {reason}".strip()}
    text = f"The connection was lost while the steps ran: {reason} A new one comes about; what they had changed was taken back. Run again."
    return {"failed": True, "msg": text, "confirmed": shown(decided)}


def shown(decided: Mapping[str, Any]) -> dict[str, Any]:
    """Return of the guard's answer what a user needs."""
    return {key: decided[key] for key in ("state", "fresh", "last", "msg") if key in decided}
