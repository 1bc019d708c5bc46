#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring many systemd units into their wanted state in one call."""

from __future__ import annotations

DOCUMENTATION = r"""
module: units
short_description: Bring many systemd units into their wanted state at once
version_added: 0.1.0
author: groundwork.fleet contributors (@groundwork)
description:
  - Masks, enables, stops, starts, restarts and reloads any number of units in one call.
  - Reloads systemd where a file in a unit directory changed or systemd asks for it. That alone is not reported as a change.
  - A unit restarts when one of O(changed_files) is covered by its C(restart_on), and also when a file of C(restart_on)
    is newer than the start of the unit, which is what an interrupted run leaves behind.
  - A unit that has to run is watched until it is active; otherwise the module fails with the last lines of its journal.
options:
  units:
    description:
      - Unit name, with its type, to a mapping of C(state) (V(started), V(stopped), V(restarted), V(reloaded)), C(enabled), C(masked),
        C(restart_on) and C(reload_on).
      - What is left out is left alone. C(restart_on) and C(reload_on) are lists of absolute paths; a directory covers what is in it.
      - With C(state=stopped) a unit that does not exist is fine.
    type: dict
    default: {}
  changed_files:
    description: Paths that were changed before, usually RV(groundwork.fleet.files#module:changed_files).
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds to wait for units to become active or to stop.
    type: int
    default: 30
attributes:
  check_mode:
    description: Predicts the changes; a unit that does not exist yet counts as changed.
    support: full
  diff_mode:
    description: Shows state and enablement of the units before and after.
    support: full
"""

EXAMPLES = r"""
- name: Run the service
  groundwork.fleet.units:
    units:
      rsyslog.service:
        state: started
        enabled: true
        restart_on: [/etc/rsyslog.d/10-groundwork.conf]
    changed_files: "{{ __log_shipping_written.changed_files }}"
"""

RETURN = r"""
started:
  description: Units that were started.
  type: list
  elements: str
  returned: always
restarted:
  description: Units that were restarted.
  type: list
  elements: str
  returned: always
reloaded:
  description: Units that were reloaded.
  type: list
  elements: str
  returned: always
stopped:
  description: Units that were stopped.
  type: list
  elements: str
  returned: always
enabled:
  description: Units that were enabled.
  type: list
  elements: str
  returned: always
disabled:
  description: Units that were disabled.
  type: list
  elements: str
  returned: always
masked:
  description: Units that were masked.
  type: list
  elements: str
  returned: always
unmasked:
  description: Units that were unmasked.
  type: list
  elements: str
  returned: always
daemon_reloaded:
  description: Whether systemd read its unit files again.
  type: bool
  returned: always
unit:
  description: The unit that is not as wanted.
  type: str
  returned: failure
result:
  description: What systemd calls the result of that unit.
  type: str
  returned: failure
exit_status:
  description: The exit status of its main process.
  type: str
  returned: failure
journal:
  description: The last lines of its journal.
  type: list
  elements: str
  returned: failure
"""

import os
import subprocess
import time
from typing import Any, Dict, List, Sequence

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils import processes, systemd
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

SETTLE = 0.6  # seconds that a freshly started service must stay up


class Host:
    """The systemd of this host."""

    def __init__(self, module: AnsibleModule, timeout: int) -> None:
        self.module = module
        self.timeout = timeout
        self.systemctl = module.get_bin_path("systemctl")

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
            if running and False in states:
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
    for verb, names in (("disable", plan.disable), ("stop", plan.stop), ("enable", plan.enable)):
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


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "units": {"type": "dict", "default": {}},
            "changed_files": {"type": "list", "elements": "str", "default": []},
            "timeout": {"type": "int", "default": 30},
        },
        supports_check_mode=True,
    )
    host = Host(module, module.params["timeout"])
    changed_files: List[str] = module.params["changed_files"]
    try:
        wanted = systemd.wanted_units(module.params["units"])
        names = [unit.name for unit in wanted]
        if host.systemctl:
            observed = host.observe(names)
        elif module.check_mode or all(unit.state == "stopped" for unit in wanted):
            observed = {name: systemd.Observed(name=name) for name in names}
        else:
            raise BadInput("systemctl is not on this host; units need a host that runs systemd.")
    except BadInput as error:
        module.fail_json(msg=str(error))
    times = {path: newest_change(path) for unit in wanted for path in unit.restart_on + unit.reload_on}
    plan = systemd.decide(wanted, observed, changed_files, times, time.time())
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
        "daemon_reloaded": plan.daemon_reload,
        "diff": {"before": systemd.described(wanted, observed), "after": systemd.described(wanted, observed, plan)},
    }

    def fail(seen: systemd.Observed, message: str = "") -> None:
        journal = host.journal(seen.name)
        if not seen.exists:
            result["changed"] = bool(plan.mask or plan.unmask)
        module.fail_json(
            **dict(
                result,
                msg=message or systemd.failure(seen, host.timeout, journal),
                unit=seen.name,
                result=seen.result,
                exit_status=seen.exit_status,
                journal=journal,
            )
        )

    if host.systemctl and not module.check_mode:
        carry_out(host, plan, wanted, fail)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
