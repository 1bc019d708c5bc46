# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring many systemd units into their wanted state."""

from __future__ import annotations

import os
import subprocess
import time
from typing import Any, Dict, List, Sequence, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import (
    change_journal,
    processes,
    rollback,
    systemd,
    undo_effects,
    unit_instances,
    unit_watch,
)
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

SETTLE = 0.6  # seconds that a freshly started service must stay up

ARGUMENTS: Dict[str, Any] = {
    "units": {"type": "dict", "default": {}},
    "changed_files": {"type": "list", "elements": "str", "default": []},
    "timeout": {"type": "int", "default": 30},
    "change": {"type": "str", "default": ""},
    "run": {"type": "str", "default": ""},
}
JOURNAL = change_journal.JOURNAL


class Host:
    """The systemd of this host."""

    def __init__(self, module: StepModule, timeout: int) -> None:
        self.module = module
        self.timeout = timeout
        self.systemctl = module.get_bin_path("systemctl")
        self.hasty: Sequence[str] = ()  # units that have failed as soon as systemd has to start them anew

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = dict(os.environ, LC_ALL="C", SYSTEMD_COLORS="0", SYSTEMD_PAGER="")
        command = [self.systemctl, "--no-ask-password", *arguments]
        limit = self.timeout + 5
        return processes.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=limit
        )

    def observe(self, names: Sequence[str]) -> Dict[str, systemd.Observed]:
        if not names:
            return {}
        answer = self.run("show", "--timestamp=us+utc", "-p", ",".join(systemd.PROPERTIES), "--", *names)
        if answer.returncode != 0:
            raise BadInput("systemctl show failed: %s" % answer.stderr.strip())
        return systemd.parse_show(answer.stdout, names)

    def act(self, verb: str, names: Sequence[str]) -> str:
        """Run one verb on many units; returns the error text, empty where all went well."""
        try:
            answer = self.run(verb, "--", *names) if names else self.run(verb)
        except subprocess.TimeoutExpired:
            return "systemctl %s %s did not end within %d s" % (verb, " ".join(names), self.timeout + 5)
        return answer.stderr.strip() or "exit status %d" % answer.returncode if answer.returncode else ""

    def wait(self, names: Sequence[str], running: bool) -> Dict[str, systemd.Observed]:
        """Return the units' states once none of them is on its way any more, or when the time is over."""
        deadline = time.monotonic() + self.timeout
        while True:
            seen = self.observe(names)
            states = [systemd.settled(unit) for unit in seen.values()]
            if all(state is not None for state in states) or time.monotonic() >= deadline:
                return seen
            if running and (False in states or any(seen[name].sub == "auto-restart" for name in self.hasty if name in seen)):
                return seen
            time.sleep(0.2)

    def journal(self, name: str) -> List[str]:
        program = self.module.get_bin_path("journalctl")
        if not program:
            return []
        answer = self.module.run_command([program, "-u", name, "-n", "15", "-o", "cat", "--no-pager", "-q"])
        return [line for line in answer[1].splitlines() if line.strip()]


def changed_at(info: os.stat_result) -> float:
    """Return when a file changed on this host: its modification time can be set to any, even to come; the inode's is of the clock."""
    return min(info.st_mtime, info.st_ctime)


def newest_change(path: str) -> float:
    """Return the newest change of a path; of a directory with all that is in it; 0 where it is missing."""
    try:
        newest = changed_at(os.lstat(path))
        if os.path.islink(path):
            return newest if os.path.isdir(path) else max(newest, changed_at(os.stat(path)))
    except OSError:
        return 0.0
    for directory, subdirectories, files in os.walk(path):
        for name in subdirectories + files:
            try:
                newest = max(newest, changed_at(os.lstat(os.path.join(directory, name))))
            except OSError:
                continue
    return newest


def carry_out(host: Host, plan: systemd.Plan, wanted: Sequence[systemd.Wanted], fail: Any) -> None:
    """Take the steps of the plan and prove that what has to run runs."""
    for verb, names in (("unmask", plan.unmask), ("mask", plan.mask)):
        error = host.act(verb, names) if names else ""
        if error:
            fail(host.observe(names[:1])[names[0]], "systemctl %s %s failed: %s" % (verb, " ".join(names), error))
    if plan.daemon_reload or plan.mask or plan.unmask:
        host.act("daemon-reload", [])
    present = host.observe([unit.name for unit in wanted])
    for name in plan.enable + plan.start:
        if not present[name].exists:
            fail(present[name])
    # `disable` has systemd read all units anew, and a timer that has OnActiveSec=0 starts its service then (seen with systemd 252).
    for verb, names in (("stop", plan.stop), ("disable", plan.disable), ("enable", plan.enable)):
        error = host.act(verb, names) if names else ""
        if error:
            fail(host.observe(names[:1])[names[0]], "systemctl %s %s failed: %s" % (verb, " ".join(names), error))
    broken = [name for name in plan.start + plan.restart if present[name].active == "failed"]
    if broken:
        host.act("reset-failed", broken)
    errors = {
        verb: host.act(verb, names) for verb, names in (("start", plan.start), ("restart", plan.restart), ("reload", plan.reload)) if names
    }
    prove(host, plan, wanted, errors, fail)


def watched(plan: systemd.Plan, wanted: Sequence[systemd.Wanted], unproven: Sequence[str]) -> Dict[str, float]:
    """Return the units to watch, to the seconds: those that were acted upon, by this run or by one that was interrupted."""
    acted = {*plan.start, *plan.restart, *plan.reload, *unproven}
    return {unit.name: unit.stable_for for unit in wanted if unit.name in acted and unit.stable_for}


def keep_watch(host: Host, plan: systemd.Plan, wanted: Sequence[systemd.Wanted], unproven: Sequence[str], fail: Any) -> None:
    """Fail unless every unit that was acted upon stays up for as long as it is to."""
    seconds = watched(plan, wanted, unproven)
    if not seconds:
        return
    broken = unit_watch.watch(host.observe, seconds, [name for name in seconds if name not in plan.reload])
    if broken:
        name = broken.seen.name
        fail(broken.seen, unit_watch.told(broken, seconds[name], host.journal(name)))


def prove(host: Host, plan: systemd.Plan, wanted: Sequence[systemd.Wanted], errors: Dict[str, str], fail: Any) -> None:
    """Fail unless every unit that has to run does, and keeps doing so for a moment."""
    for name, seen in host.wait(plan.stop, running=False).items():
        if seen.active in systemd.RUNNING:
            fail(
                seen,
                "%s still runs %d s after it was stopped: state %s (%s). See what holds it with `systemctl status %s`."
                % (name, host.timeout, seen.active, seen.sub, name),
            )
    acted = plan.start + plan.restart + plan.reload
    must_run = [unit.name for unit in wanted if unit.state not in (None, "stopped") or unit.name in acted]
    host.hasty = [unit.name for unit in wanted if unit.stable_for and unit.name in acted]
    units = host.wait(must_run, running=True)
    if acted and all(systemd.settled(unit) for unit in units.values()):
        time.sleep(SETTLE)
        units = host.wait(must_run, running=True)
    for unit in units.values():
        if not systemd.settled(unit):
            fail(unit)
    if errors.get("reload"):
        fail(
            units[plan.reload[0]],
            "Reload of %s failed: %s. The old configuration is still in effect; check it with the "
            "service's own test and run again." % (" ".join(plan.reload), errors["reload"]),
        )
    for verb in ("start", "restart"):
        if errors.get(verb):
            names = getattr(plan, verb)
            fail(units[names[0]], "systemctl %s %s failed: %s" % (verb, " ".join(names), errors[verb]))


def looked(
    module: StepModule, host: Host, changed_files: List[str]
) -> Tuple[List[systemd.Wanted], Dict[str, systemd.Observed], systemd.Plan]:
    """Return the units, what they are, and what has to happen to them. Raises BadInput."""
    wanted = systemd.wanted_units(unit_instances.expanded(module.params["units"]))
    names = [unit.name for unit in wanted]
    if host.systemctl:
        observed = host.observe(names)
    elif module.check_mode or all(unit.state == "stopped" for unit in wanted):
        observed = {name: systemd.Observed(name=name) for name in names}
    else:
        raise BadInput("systemctl is not on this host; units need a host that runs systemd.")
    times = {path: newest_change(path) for unit in wanted for path in unit.restart_on + unit.reload_on}
    return wanted, observed, systemd.decide(wanted, observed, changed_files, times, time.time())


def foreseen(module: StepModule, changed_files: List[str]) -> List[str]:
    """Return the units that would be started or restarted, once these files have changed."""
    _wanted, _observed, plan = looked(module, Host(module, module.params["timeout"]), changed_files)
    return plan.start + plan.restart


def run(module: StepModule) -> None:
    """Observe, decide, carry out, prove."""
    host = Host(module, module.params["timeout"])
    changed_files: List[str] = module.params["changed_files"]
    try:
        wanted, observed, plan = looked(module, host, changed_files)
    except BadInput as error:
        module.fail_json(msg=str(error))
    result = {
        "changed": plan.changed,
        "started": plan.start,
        "restarted": plan.restart,
        "reloaded": plan.reload,
        "stopped": plan.stop,
        "enabled": plan.enable,
        "disabled": plan.disable,
        "masked": plan.mask,
        "unmasked": plan.unmask,
        "change": "",
        "daemon_reloaded": plan.daemon_reload,
        "diff": {"before": systemd.described(wanted, observed), "after": systemd.described(wanted, observed, plan)},
    }

    def fail(seen: systemd.Observed, message: str = "") -> None:
        journal = host.journal(seen.name)
        if not seen.exists:
            result["changed"] = bool(plan.mask or plan.unmask)
        about = next((unit.about for unit in wanted if unit.name == seen.name and unit.about), "")
        text = message or systemd.failure(seen, host.timeout, journal)
        module.fail_json(
            **dict(
                result,
                msg="%s: %s" % (about, text) if about else text,
                unit=seen.name,
                result=seen.result,
                exit_status=seen.exit_status,
                journal=journal,
            )
        )

    if host.systemctl and not module.check_mode:
        if plan.changed:
            module.about_to_change()
            result["change"] = undo_effects.noted(module, undo_effects.of_units(plan, observed), JOURNAL)
        unproven = rollback.unproven(JOURNAL)
        carry_out(host, plan, wanted, fail)
        keep_watch(host, plan, wanted, unproven, fail)
    module.exit_json(**result)
