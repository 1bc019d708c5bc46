# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to happen to systemd units: from what is wanted and what is, to the steps. Nothing here runs a program."""

from __future__ import annotations

import dataclasses
import datetime
import re
from typing import Dict, Iterable, List, Mapping, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import unit_input

PROPERTIES = (
    "Id", "LoadState", "ActiveState", "SubState", "UnitFileState", "NeedDaemonReload", "Type", "RemainAfterExit",
    "Result", "ExecMainStatus", "ExecMainCode", "NRestarts", "CanReload", "Job", "ConditionResult", "LoadError",
    "ActiveEnterTimestamp", "StateChangeTimestamp", "InactiveExitTimestamp",
)  # fmt: skip
UNIT_DIRECTORIES = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/etc/systemd/system.control",
    "/run/systemd/generator",
    "/etc/containers/systemd",  # of which Podman's generator makes units
)
RUNNING = ("active", "reloading", "activating", "refreshing")
ENABLED = ("enabled", "static", "indirect", "alias", "generated", "transient")
Wanted = unit_input.Wanted
wanted_units = unit_input.wanted_units


@dataclasses.dataclass(frozen=True)
class Observed:
    """One unit as systemd knows it."""

    name: str
    load: str = "not-found"
    active: str = "inactive"
    sub: str = "dead"
    unit_file: str = ""
    needs_daemon_reload: bool = False
    kind: str = ""
    remains: bool = False
    result: str = "success"
    exit_status: str = ""
    restarts: str = ""
    can_reload: bool = False
    job: bool = False
    condition_met: bool = True
    load_error: str = ""
    active_since: Optional[float] = None
    changed_at: Optional[float] = None
    left_inactive_at: Optional[float] = None

    @property
    def exists(self) -> bool:
        return self.load not in ("not-found", "error", "bad-setting", "")

    @property
    def is_masked(self) -> bool:
        return self.load == "masked" or self.unit_file in ("masked", "masked-runtime")

    @property
    def runs_once(self) -> bool:
        """A job that is done when it has ended: it is never `active`."""
        return self.kind == "oneshot" and not self.remains

    @property
    def running(self) -> bool:
        return self.active in RUNNING and self.sub != "auto-restart"

    @property
    def in_effect(self) -> bool:
        """True where `state: started` needs nothing more."""
        if self.runs_once and self.active == "inactive":
            return self.left_inactive_at is not None and self.result == "success"
        return self.running


@dataclasses.dataclass
class Plan:
    """The steps, in the order in which they are taken; `reasons` says per unit why it restarts or reloads."""

    daemon_reload: bool = False
    mask: List[str] = dataclasses.field(default_factory=list)
    unmask: List[str] = dataclasses.field(default_factory=list)
    enable: List[str] = dataclasses.field(default_factory=list)
    disable: List[str] = dataclasses.field(default_factory=list)
    stop: List[str] = dataclasses.field(default_factory=list)
    start: List[str] = dataclasses.field(default_factory=list)
    restart: List[str] = dataclasses.field(default_factory=list)
    reload: List[str] = dataclasses.field(default_factory=list)
    reasons: Dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def changed(self) -> bool:
        return any((self.mask, self.unmask, self.enable, self.disable, self.stop, self.start, self.restart, self.reload))


def parse_show(text: str, names: Sequence[str]) -> Dict[str, Observed]:
    """Read the output of `systemctl show --timestamp=us+utc -p ... NAMES`: one block for each name, in their order."""
    blocks = [block for block in re.split(r"\n[ \t]*\n", text.strip("\n")) if block.strip()]
    observed: Dict[str, Observed] = {}
    for name, block in zip(names, blocks):
        values = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        observed[name] = Observed(
            name=name,
            load=values.get("LoadState", "not-found"),
            active=values.get("ActiveState", "inactive"),
            sub=values.get("SubState", "dead"),
            unit_file=values.get("UnitFileState", ""),
            needs_daemon_reload=values.get("NeedDaemonReload") == "yes",
            kind=values.get("Type", ""),
            remains=values.get("RemainAfterExit") == "yes",
            result=values.get("Result", "success"),
            exit_status=values.get("ExecMainStatus", ""),
            restarts=values.get("NRestarts", ""),
            can_reload=values.get("CanReload") == "yes",
            job=values.get("Job", "0") not in ("", "0"),
            condition_met=values.get("ConditionResult", "yes") != "no",
            load_error=values.get("LoadError", "").partition(" ")[2].strip('" .'),
            active_since=parse_timestamp(values.get("ActiveEnterTimestamp", "")),
            changed_at=parse_timestamp(values.get("StateChangeTimestamp", "")),
            left_inactive_at=parse_timestamp(values.get("InactiveExitTimestamp", "")),
        )
    for name in names:
        observed.setdefault(name, Observed(name=name))
    return observed


def parse_timestamp(text: str) -> Optional[float]:
    """Read 'Mon 2026-11-23 14:05:22.123456 UTC' as seconds since the epoch; None for an empty or unknown form."""
    match = re.search(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d+)? UTC", text)
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    moment = datetime.datetime(year, month, day, hour, minute, second, tzinfo=datetime.timezone.utc)
    return moment.timestamp() + float(match.group(7) or 0)


def below(path: str, prefix: str) -> bool:
    """True where `path` is `prefix` or lies in it."""
    return path == prefix or path.startswith(prefix.rstrip("/") + "/")


def touched(watched: Iterable[str], changed_files: Iterable[str]) -> Optional[str]:
    """Return the first changed file that one of the watched paths covers."""
    changed = list(changed_files)
    for prefix in watched:
        for path in changed:
            if below(path, prefix):
                return path
    return None


def newer(watched: Iterable[str], times: Mapping[str, float], since: Optional[float], now: float) -> Optional[str]:
    """Return the first watched path that changed after `since`. A time in the future says nothing and is ignored."""
    if since is None:
        return None
    for path in watched:
        if since < times.get(path, 0.0) <= now:
            return path
    return None


def reason(
    unit: str, watched: Sequence[str], changed_files: Sequence[str], times: Mapping[str, float], since: Optional[float], now: float
) -> Optional[str]:
    """Say why `unit` has to take its files in again, or None."""
    path = touched(watched, changed_files)
    if path:
        return "%s changed" % path
    path = newer(watched, times, since, now)
    return "%s is newer than the start of %s" % (path, unit) if path else None


def decide(
    wanted: Sequence[Wanted], observed: Mapping[str, Observed], changed_files: Sequence[str], times: Mapping[str, float], now: float
) -> Plan:
    """Decide the steps for all units. `times` has the newest modification time of each watched path."""
    plan = Plan()
    plan.daemon_reload = (
        touched(UNIT_DIRECTORIES, changed_files) is not None
        or any(observed[unit.name].needs_daemon_reload for unit in wanted)
        or any(observed[unit.name].load == "not-found" and unit.state not in (None, "stopped") for unit in wanted)
    )
    for unit in wanted:
        seen = observed[unit.name]
        _decide_file(plan, unit, seen)
        _decide_state(plan, unit, seen, changed_files, times, now)
    return plan


def _decide_file(plan: Plan, unit: Wanted, seen: Observed) -> None:
    if unit.masked is True and not seen.is_masked:
        plan.mask.append(unit.name)
    if unit.masked is False and seen.is_masked:
        plan.unmask.append(unit.name)
    if unit.enabled is True and seen.unit_file not in ENABLED:
        plan.enable.append(unit.name)
    if unit.enabled is False and seen.exists and seen.unit_file in ("enabled", "enabled-runtime"):
        plan.disable.append(unit.name)


def _decide_state(plan: Plan, unit: Wanted, seen: Observed, changed_files: Sequence[str], times: Mapping[str, float], now: float) -> None:
    if unit.state == "stopped":
        if seen.active in RUNNING:
            plan.stop.append(unit.name)
        return
    if not seen.in_effect:
        if unit.state is not None:
            plan.start.append(unit.name)
        return
    since = seen.left_inactive_at if seen.runs_once else seen.active_since
    restart = reason(unit.name, unit.restart_on, changed_files, times, since, now)
    last = max((moment for moment in (since, seen.changed_at) if moment is not None), default=None)
    reload = reason(unit.name, unit.reload_on, changed_files, times, last, now)
    if unit.state == "restarted" or restart:
        plan.restart.append(unit.name)
        plan.reasons[unit.name] = restart or "asked for"
    elif unit.state == "reloaded" or reload:
        (plan.reload if seen.can_reload else plan.restart).append(unit.name)
        plan.reasons[unit.name] = reload or "asked for"


def settled(seen: Observed) -> Optional[bool]:
    """After a start: True runs, False has failed for good, None is still on its way."""
    if seen.job or seen.active in ("activating", "deactivating"):
        return None
    if seen.active in RUNNING:
        return True
    if seen.runs_once and seen.active == "inactive":
        return seen.result == "success" and seen.left_inactive_at is not None
    return False


def described(wanted: Sequence[Wanted], observed: Mapping[str, Observed], plan: Optional[Plan] = None) -> str:
    """Lay the units out as text for a diff: as they are, or as they will be after `plan`."""
    lines: List[str] = []
    for unit in wanted:
        seen = observed[unit.name]
        state = "missing" if seen.load == "not-found" else seen.active
        enabled = seen.unit_file or "no"
        why = ""
        if plan is not None:
            if unit.name in plan.start + plan.restart + plan.reload:
                state = "active"
            elif unit.name in plan.stop:
                state = "inactive"
            if unit.name in plan.mask:
                enabled = "masked"
            elif unit.name in plan.enable:
                enabled = "enabled"
            elif unit.name in plan.disable + plan.unmask:
                enabled = "disabled"
            if unit.name in plan.restart:
                why = "restarted: %s" % plan.reasons[unit.name]
            elif unit.name in plan.reload:
                why = "reloaded: %s" % plan.reasons[unit.name]
        lines += ["%s:" % unit.name, "  state: %s" % state, "  enabled: %s" % enabled]
        if why:
            lines.append("  %s" % why)
    return "\n".join(lines) + "\n" if lines else ""


def failure(seen: Observed, timeout: int, journal: Sequence[str]) -> str:
    """Build the error for a unit that did not come up."""
    name = seen.name
    if not seen.exists:
        what = "%s does not exist on this host%s." % (name, " (%s)" % seen.load_error if seen.load_error else "")
        remedy = "Install the package or write the unit file that brings it, or correct the name."
    elif not seen.condition_met:
        what = "%s was not started: one of its conditions (Condition...=) is not met on this host." % name
        remedy = "See `systemctl status %s`; leave the unit out on hosts it is not made for." % name
    else:
        waited = " within %d s" % timeout if settled(seen) is None else ""
        state = "state %s (%s), result %s, exit status %s" % (seen.active, seen.sub, seen.result, seen.exit_status or "unknown")
        what = "%s is not active%s: %s." % (name, waited, state)
        remedy = "Mend what the journal shows and run again; `journalctl -u %s` has all of it." % name
        if settled(seen) is None:
            remedy += " A service that needs longer to start needs a larger `timeout`."
    text = "%s %s" % (what, remedy)
    if journal:
        text += "\nLast journal lines:\n" + "\n".join("  " + line for line in journal)
    return text
