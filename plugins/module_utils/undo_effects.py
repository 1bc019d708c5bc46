# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a change did besides files: units and commands, remembered so that it can be taken back."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any, Dict, Iterable, List, Mapping

from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, originals, processes
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

SECONDS = 90  # for one systemctl or one command
DONE_ALREADY = {"userdel": 6, "groupdel": 6, "groupadd": 9}  # exit status where there was nothing left to do: userdel(8), groupadd(8)
VERBS = ("mask", "unmask", "enable", "disable", "start", "stop", "restart", "reload")
RUNNING = ("active", "reloading", "activating", "refreshing")


def of_units(plan: Any, observed: Mapping[str, Any]) -> List[Dict[str, Any]]:
    """Return the effects of a plan of units (systemd.Plan), from what was observed before."""
    found = []
    for name in sorted({name for verb in VERBS for name in getattr(plan, verb)}):
        seen = observed[name]
        did = [verb for verb in VERBS if name in getattr(plan, verb)]
        found.append({"unit": name, "before": {"active": seen.active in RUNNING, "enabled": seen.unit_file}, "did": did})
    return found


def noted(module: Any, effects: List[Dict[str, Any]], journal: str) -> str:
    """Record for a step what it is about to do, and return the id of the change. Fails the step where another run holds the host."""
    try:
        return change_journal.add_effects(effects, module.params["change"], module.params["run"], journal)
    except BadInput as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg="%s: %s. Nothing was changed." % (error.filename or journal, error.strerror))
    raise AssertionError("fail_json came back")


def merged(units: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    """Return one effect for each unit of several changes, newest first: what it was before the oldest, and all that was done since."""
    found: Dict[str, Dict[str, Any]] = {}
    for effect in units:
        did = found.get(effect["unit"], {"did": []})["did"]
        found[effect["unit"]] = {**effect, "did": [*did, *(verb for verb in effect["did"] if verb not in did)]}
    return list(found.values())


def _run(command: List[str], errors: List[str]) -> str:
    program = shutil.which(command[0], path="/usr/sbin:/usr/bin:/sbin:/bin")
    if program is None:
        errors.append("this host has no %s" % command[0])
        return ""
    try:
        done = processes.run(
            [program, *command[1:]], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        errors.append("%s did not end within %d s" % (" ".join(command), SECONDS))
        return ""
    if done.returncode and done.returncode != DONE_ALREADY.get(command[0]):
        errors.append("%s failed: %s" % (" ".join(command), done.stderr.strip()))
    return str(done.stdout)


def observed(units: Iterable[Mapping[str, Any]]) -> List[Dict[str, Any]]:
    """Return the units of effects as they are now, as the effects of taking these back."""
    names = sorted({effect["unit"] for effect in units})
    if not names:
        return []
    text = _run(["systemctl", "show", "-p", "Id,ActiveState,UnitFileState", "--", *names], [])
    found = []
    for name, block in zip(names, text.split("\n\n")):
        facts = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        before = {"active": facts.get("ActiveState") in RUNNING, "enabled": facts.get("UnitFileState", "")}
        found.append({"unit": name, "before": before, "did": ["mask", "unmask", "enable", "disable", "restart"]})
    return found


def stop(units: List[Dict[str, Any]], errors: List[str]) -> List[List[str]]:
    """Stop and disable, the newest first and while their files are still there, what did not run and was not enabled before.

    Returns the commands that take this back.
    """
    back = []
    for effect in units:
        before, did, name = effect["before"], effect["did"], effect["unit"]
        if "enable" in did and not before["enabled"].startswith("enabled"):
            _run(["systemctl", "disable", "--", name], errors)
            back.append(["systemctl", "enable", "--", name])
        if not before["active"] and {"start", "restart", "reload"} & set(did):
            _run(["systemctl", "stop", "--", name], errors)
            back.append(["systemctl", "start", "--", name])
    return back


def again(back: List[List[str]], errors: List[str]) -> None:
    """Take `stop` back, where the files could not be brought back."""
    for command in reversed(back):
        _run(command, errors)


def commands(effects: List[Dict[str, Any]], errors: List[str]) -> List[str]:
    """Run the commands that take effects back, in the order given: the newest first. Returns them as texts."""
    done = []
    for effect in effects:
        _run(effect["undo"], errors)
        done.append(" ".join(effect["undo"]))
    return done


def records(effects: Iterable[Mapping[str, Any]], errors: List[str]) -> None:
    """Have the owners remember again what they forgot when they put it back."""
    for effect in effects:
        try:
            originals.remember_again(effect)
        except OSError as error:
            errors.append("%s: %s" % (error.filename or effect["record"], error.strerror))


def start(units: List[Dict[str, Any]], changed: List[str], errors: List[str]) -> List[str]:
    """Bring the units to what they were, the oldest first, once their files are. Returns the units that were touched."""
    if units or any(path.endswith((".service", ".timer", ".socket", ".conf")) and "/systemd/" in path for path in changed):
        _run(["systemctl", "daemon-reload"], errors)
    for effect in reversed(units):
        before, did, name = effect["before"], effect["did"], effect["unit"]
        if "mask" in did and before["enabled"] != "masked":
            _run(["systemctl", "unmask", "--", name], errors)
        if "unmask" in did and before["enabled"] == "masked":
            _run(["systemctl", "mask", "--", name], errors)
        if "disable" in did and before["enabled"].startswith("enabled"):
            _run(["systemctl", "enable", "--", name], errors)
        if before["active"]:
            verb = "start" if "stop" in did else "reload-or-restart" if "reload" in did else "restart"
            _run(["systemctl", verb, "--", name], errors)
    return [effect["unit"] for effect in units]
