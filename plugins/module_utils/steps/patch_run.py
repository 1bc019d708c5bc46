# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Note the versions of a host before it is patched, and bring them back."""

from __future__ import annotations

import os
import time
from typing import Any, Callable, Dict, List, Mapping, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import apt, apt_host, package_lists, patch_record
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {
    "state": {"type": "str", "choices": ["begun", "rebooting", "back", "ended"], "required": True},
    "health": {"type": "dict", "default": {}},
    "lock_timeout": {"type": "int", "default": 300},
}


def told(before: Mapping[str, str], now: Mapping[str, str]) -> Dict[str, Any]:
    """Return what has changed since the note, both versions of what was upgraded."""
    found: Dict[str, Any] = dict(apt.changes(before, now))
    return dict(found, upgraded={name: [before[name], after] for name, after in found["upgraded"].items()})


def begin(module: StepModule, host: apt_host.Apt) -> Dict[str, Any]:
    """Keep a note, unless there is one."""
    now = apt.installed(host.packages())
    record = patch_record.read()
    if record is not None:
        return dict(told(record["versions"], now), changed=False)
    if not module.check_mode:
        begun = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        patch_record.write({"begun": begun, "versions": now, "automatic": host.automatic(), "health": module.params["health"]})
    return dict(told(now, now), changed=False)  # the record of a run is no change of the host


def leave(module: StepModule, host: apt_host.Apt) -> Dict[str, Any]:
    """Note the boot that is about to end."""
    record = patch_record.read()
    if record is None:
        raise apt_host.AptError("No reboot can be noted: %s does not exist, so no run has begun on this host." % patch_record.PATH)
    now = apt.installed(host.packages())
    if not module.check_mode:
        patch_record.write({**record, "leaving": patch_record.leaving(now)})
    return dict(told(record["versions"], now), changed=False)


def end(module: StepModule, host: apt_host.Apt) -> Dict[str, Any]:
    """Forget the note."""
    record = patch_record.read()
    now = apt.installed(host.packages())
    if record is not None and not module.check_mode:
        patch_record.forget()
    rebooted = record is not None and patch_record.rebooted(record)
    return dict(told(now if record is None else record["versions"], now), rebooted=rebooted, changed=False)


def sources(host: apt_host.Apt, versions: Mapping[str, str]) -> Tuple[List[str], Dict[str, str]]:
    """Return apt's arguments for the versions that can be had, and those that cannot."""
    offered = package_lists.parse_madison(host.must(["apt-cache", "madison", *versions]).out) if versions else {}
    arguments: List[str] = []
    unavailable: Dict[str, str] = {}
    for name, version in versions.items():
        kept = patch_record.archive(name, version, host.architecture)
        if version in offered.get(name, []):
            arguments.append("%s=%s" % (name, version))
        elif kept:
            arguments.append(kept)
        else:
            unavailable[name] = version
    return arguments, unavailable


def agreed(host: apt_host.Apt, arguments: List[str], gone: List[str], stays: Dict[str, str]) -> Tuple[List[str], str]:
    """Return the command and apt's refusal: with the removal of what is new, where that takes nothing else along."""
    base = ["--purge", "--allow-downgrades", "--allow-change-held-packages", "install", *arguments]
    if gone:
        command = base + [name + "-" for name in gone]
        simulation, refusal = host.simulate(command)
        if not refusal and set(simulation.remove) <= set(gone):
            return command, ""
        stays.update(dict.fromkeys(gone, "apt would have to remove more than it, or refuses: %s" % (refusal or "others need it")))
    simulation, refusal = host.simulate(base)
    if not refusal and simulation.remove:
        refusal = "it would remove %s" % ", ".join(sorted(simulation.remove))
    return base, refusal


def back(module: StepModule, host: apt_host.Apt) -> Dict[str, Any]:
    """Bring the noted versions back."""
    record = patch_record.read()
    if record is None:
        raise apt_host.AptError("There is no way back: %s does not exist, so no run has begun on this host." % patch_record.PATH)
    if not module.check_mode and host.needs_repair():
        module.about_to_change()
        host.repair()
    before = apt.installed(host.packages())
    way = patch_record.way_back(record["versions"], before, os.uname().release)
    arguments, unavailable = sources(host, way.versions)
    answer: Dict[str, Any] = {"unavailable": unavailable, "stays": way.stays}
    if not arguments and not way.gone:
        return dict(answer, **told(record["versions"], before), restored={}, changed=False)
    command, refusal = agreed(host, arguments, way.gone, way.stays)
    if refusal:
        lost = "".join(" %s %s can be had nowhere any more." % one for one in unavailable.items())
        raise apt_host.AptError("apt-get refuses the way back: %s.%s Nothing was changed by it." % (refusal.rstrip("."), lost))
    if module.check_mode:
        restored = {name: version for name, version in way.versions.items() if name not in unavailable}
        return dict(answer, **told(record["versions"], before), restored=restored, changed=True)
    module.about_to_change()
    host.transaction(command)
    after = apt.installed(host.packages())
    host.mark("auto", [name for name in record["automatic"] if name in way.versions and name in after])
    changed = apt.changes(before, after)
    names = [name for kind in changed.values() for name in kind]
    diff = {"before_header": "packages", "after_header": "packages"}
    diff.update(before=apt.as_text(names, before), after=apt.as_text(names, after))
    restored = {name: version for name, version in way.versions.items() if after.get(name) == version}
    return dict(answer, **told(record["versions"], after), restored=restored, diff=diff, changed=bool(names))


WITHOUT_CHANGE: Dict[str, Callable[[StepModule, apt_host.Apt], Dict[str, Any]]] = {"begun": begin, "rebooting": leave, "ended": end}


def run(module: StepModule) -> None:
    """Do what the state asks for."""
    apt_host.demand_apt(module)
    try:
        host = apt_host.Apt(module.params["lock_timeout"], False)
        if module.params["state"] in WITHOUT_CHANGE:
            answer = WITHOUT_CHANGE[module.params["state"]](module, host)
        elif module.check_mode:
            answer = back(module, host)
        else:
            with apt_host.only_one(module.params["lock_timeout"]):
                answer = back(module, host)
    except apt_host.AptError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**answer)
