# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What patching a host means: whether there is anything to do, whether it reboots, what is restarted. Decides, touches nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import patch_status
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name

UPGRADES = ("security", "all")
REBOOTS = ("when_needed", "never", "always")


def check(upgrade: object, reboot: object) -> None:
    """Refuse what patch_upgrade and patch_reboot do not know. Raises BadInput."""
    for where, value, known in (("patch_upgrade", upgrade, UPGRADES), ("patch_reboot", reboot, REBOOTS)):
        if value not in known:
            raise unknown_name("value", where, str(value), known)


def check_commands(where: str, declared: object) -> None:
    """Refuse what is no list of commands. Raises BadInput."""
    for number, one in enumerate(declared if isinstance(declared, list) else [declared]):
        if not isinstance(one, list) or not one or not all(isinstance(word, str) for word in one):
            remedy = "Write [[haproxyctl, disable, server, web/web-1]]; no shell reads it."
            raise bad_input(f"{where}[{number}]", one, "a command as a list of words", remedy)


def reboots(status: Mapping[str, Any], reboot: str) -> bool:
    """Return whether the host is to be rebooted after its upgrades; not again where a run goes on that has done it."""
    done = bool((status["unfinished"] or {}).get("rebooted"))
    return reboot != "never" and (bool(status["reboot"]["needed"]) or (reboot == "always" and not done))


def restarts(status: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the units to restart because they run what was replaced, as the step `units` takes them."""
    return {one["unit"]: {"state": "restarted"} for one in status["processes"] if one["restart"]}


def work(status: Mapping[str, Any], upgrade: str, reboot: str) -> list[str]:
    """Return what there is to do on a host, in words; empty where it is left alone."""
    found = []
    if status["unfinished"]:
        found.append("go on with the run of %s" % status["unfinished"]["begun"])
    if status["dpkg"]["interrupted"]:
        found.append("repair dpkg")
    if names := patch_status.due(status, upgrade):
        found.append("%d upgrade%s" % (len(names), "" if len(names) == 1 else "s"))
    if reboot != "never" and status["reboot"]["needed"]:
        found.append("reboot (%s)" % "; ".join(status["reboot"]["reasons"]))
    elif units := restarts(status):
        found.append("restart %s" % ", ".join(sorted(units)))
    return found


def plan(status: Mapping[str, Any], upgrade: str, reboot: str, hooks: Mapping[str, object] | None = None) -> dict[str, Any]:
    """Return `work`, `reboot` and `restarts` of a host. Raises BadInput.

    status: the answer of patch_status. upgrade, reboot: patch_upgrade and patch_reboot. hooks: variable to its commands.
    """
    check(upgrade, reboot)
    for where, declared in (hooks or {}).items():
        check_commands(where, declared)
    again = reboots(status, reboot)
    return {"work": work(status, upgrade, reboot), "reboot": again, "restarts": {} if again else restarts(status)}


def changed(run: Mapping[str, Any]) -> str:
    """Return in words what a run has changed. run: the answer of patch_run."""
    counts = {kind: len(run.get(kind) or {}) for kind in ("upgraded", "installed", "removed")}
    told = ", ".join("%d %s" % (count, kind) for kind, count in counts.items() if count) or "no package changed"
    return told + ("; rebooted" if run.get("rebooted") else "")


def returned(run: Mapping[str, Any]) -> str:
    """Return in words what the way back has brought. run: the answer of patch_run with state back."""
    count = len(run["restored"])
    had = "%d package%s of before" % (count, " has its version" if count == 1 else "s have their versions")
    told = [had] if count else ["no package had changed"]
    lost = ["%s %s" % one for one in sorted(run["unavailable"].items())]
    stays = ["%s (%s)" % one for one in sorted(run["stays"].items())]
    told += ["can be had nowhere any more: %s" % ", ".join(lost)] if lost else []
    told += ["stays: %s" % ", ".join(stays)] if stays else []
    return "; ".join(told)
