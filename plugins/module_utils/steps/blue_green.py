# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replace what serves by starting its successor beside it, proving it, leading the requests over, and only then stopping the old one."""

from __future__ import annotations

import dataclasses
import os
import time
from typing import Any, Dict, List, Mapping, NoReturn

from ansible_collections.groundwork.fleet.plugins.module_utils import (
    blue_green,
    change_journal,
    file_set,
    file_swap,
    health,
    health_input,
    health_net,
    health_result,
    health_run,
    reboot,
    switches,
    undo_effects,
    unit_verify,
)
from ansible_collections.groundwork.fleet.plugins.module_utils.blue_green import Colour, Deployment, Seen, Steps
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import units

ARGUMENTS: Dict[str, Any] = {
    "services": {"type": "dict", "required": True},
    "base": {"type": "path", "default": "/opt"},
    "timeout": {"type": "str", "default": "5m"},
    "changed_files": {"type": "list", "elements": "str", "default": []},
    "sources": {"type": "dict", "default": {}, "no_log": True},
    "change": {"type": "str", "default": ""},
    "run": {"type": "str", "default": ""},
}
TRAVELS = (health_net, reboot)  # the check types import them; that they stand here is what makes Ansible send them along
JOURNAL = change_journal.JOURNAL
FRONT = ""  # the checks of no colour
START_SECONDS = 60  # for systemctl


class Deploy:
    """One service on this host."""

    def __init__(self, module: StepModule, deployment: Deployment) -> None:
        self.module, self.wanted = module, deployment
        self.host = units.Host(module, START_SECONDS)
        self.switch: Any
        if deployment.switch["kind"] == "nginx":
            self.switch = switches.Nginx(deployment.switch, self._act_on, self._main_pid, self._write)
        else:
            self.switch = switches.HaProxy(deployment.switch, self._write)
        self.changes: List[str] = []
        self.begun = self.led = False  # whether a new colour is there, and whether it has the requests
        self.ports = {name: colour.port for name, colour in deployment.colours.items()}

    def _act_on(self, verb: str, unit: str) -> str:
        return self.host.act(verb, [unit])

    def _main_pid(self, unit: str) -> int:
        said = self.host.run("show", "-p", "MainPID", "--value", "--", unit).stdout.strip()
        return int(said) if said.isdigit() else 0

    def _apply(self, entries: List[file_set.Entry]) -> None:
        outcome = file_swap.apply(entries, [], file_swap.Conditions(self.module.params["run"], JOURNAL))
        for note in outcome.notes:
            self.module.warn(note)
        if outcome.change:
            self.changes.append(outcome.change)

    def _write(self, path: str, content: bytes) -> None:
        self._apply([file_set.Entry(path, "file", 0o644, "root", "root", content)])

    def _link(self, colour: str) -> str:
        return os.path.join(self.module.params["base"], self.wanted.name, colour)

    def seen(self) -> Dict[str, Seen]:
        """Return both colours as they are."""
        observed = self.host.observe([colour.unit for colour in self.wanted.colours.values()])
        found = {}
        for name, colour in self.wanted.colours.items():
            state, link, unit = file_set.observe(colour.path), self._link(name), observed[colour.unit]
            found[name] = Seen(
                written=state.content.decode("utf-8", "replace") if state.kind == "file" else None,
                release=os.path.basename(os.readlink(link)) if os.path.islink(link) else "",
                active=unit.running,
                enabled=unit.unit_file in ("enabled", "enabled-runtime", "generated") and unit.exists,
                since=unit.active_since,
            )
        return found

    def decided(self, seen: Mapping[str, Seen]) -> Steps:
        """Return what has to happen."""
        served = self.switch.served(self.ports)
        settled = {colour: self.switch.settled(colour) for colour in blue_green.COLOURS}
        times = {path: units.newest_change(path) for path in self.wanted.watch}
        if not served and not isinstance(self.switch, switches.Nginx):
            served = blue_green.live_colour("", seen)  # a HAProxy that does not tell has nothing to be set right
        steps = blue_green.decide(self.wanted, seen, served, settled, self.module.params["changed_files"], times, time.time())
        return dataclasses.replace(steps, succeed=bool(self.wanted.predecessor[1]) and os.path.lexists(self.wanted.predecessor[1]))

    def finish(self, steps: Steps) -> None:
        """Take away what does not serve any more, once the requests are led over. Raises BadInput."""
        stays = steps.target or steps.live
        if steps.enable:
            self.host.act("enable", [self.wanted.colours[stays].unit])
        for colour in steps.retire:
            self._retire(colour)
        if steps.succeed:
            self._remove(self.wanted.predecessor[0], [self.wanted.predecessor[1]])
        self._name_current()
        self.switch.note()

    def withdraw(self, steps: Steps) -> str:
        """Go back to what serves because another service failed. Returns what there is to tell, empty where nothing was begun."""
        if not self.begun:
            return ""
        colour = self.wanted.colours[steps.target]
        if steps.live and self.led:
            try:
                self.switch.lead_to(steps.live)
            except BadInput as error:
                return "%s serves: the requests cannot be led back. %s" % (colour.unit, error)
            self._drain(colour)
        self._leave_nothing(colour)
        return "%s was taken away too. %s." % (colour.unit, self._serves(steps))

    def prepare(self, steps: Steps, checks: Mapping[str, List[health.Check]], total: float) -> None:
        """Start the colour that is to serve, and prove it. Raises BadInput, and then nothing of it is left."""
        if not steps.target:
            return
        colour = self.wanted.colours[steps.target]
        release = os.path.join(self.module.params["base"], self.wanted.name, "releases", self.wanted.release)
        if self.wanted.release and not os.path.isdir(release):
            raise BadInput(
                "services[%r].release: %s is not installed. Have the step `release` install it before." % (self.wanted.name, release)
            )
        if steps.live:
            self.switch.check()
        self._note([{"unit": colour.unit, "before": {"active": False, "enabled": ""}, "did": ["enable", "start"]}])
        self.switch.keep_out(colour.name)
        self.begun = True
        try:
            self._write_colour(colour)
            self._bring_up(colour)
            self._prove(checks[colour.name], total)
        except BaseException as error:
            self._give_up(steps, colour, error)

    def lead(self, steps: Steps, checks: Mapping[str, List[health.Check]], total: float) -> None:
        """Lead the requests to the colour that was proven. Raises BadInput, and then what served before serves."""
        if steps.target:
            colour = self.wanted.colours[steps.target]
            try:
                # It may have had to wait for other services to be proven.
                self._hold([dataclasses.replace(check, retries=0, stable_for=0.0) for check in checks[colour.name]], total)
                self._lead_over(steps, checks[FRONT], total)
            except BaseException as error:
                self._give_up(steps, colour, error)
            self.led = True
        elif steps.settle:
            self.switch.lead_to(steps.live)

    def _give_up(self, steps: Steps, colour: Colour, error: BaseException) -> NoReturn:
        self._leave_nothing(colour)
        if not isinstance(error, BadInput):
            raise error
        self._fail(steps, colour, str(error))

    def _leave_nothing(self, colour: Colour) -> None:
        """Take a colour down, and what is noted of it: all of it is as it was, there is nothing to take back."""
        self.begun = False
        self._take_down(colour)
        for change in self.changes:
            change_journal.forget(change, JOURNAL)

    def _lead_over(self, steps: Steps, checks: List[health.Check], total: float) -> None:
        """Lead the requests over, and back where those who made them would not be served. Raises BadInput."""
        effects = []
        if steps.live:
            unit, before = self.wanted.colours[steps.live].unit, {"active": True, "enabled": "enabled"}
            effects.append({"unit": unit, "before": before, "did": ["disable", "stop"]})
        if self.wanted.switch["kind"] == "nginx" and self._main_pid(self.wanted.switch["unit"]):
            effects.append({"unit": self.wanted.switch["unit"], "before": {"active": True, "enabled": ""}, "did": ["reload"]})
        self._note(effects)
        self.switch.lead_to(steps.target)
        if not steps.live:
            return  # what leads to it may be started later in this run
        try:
            self._hold(checks, total)
        except BadInput as error:
            self.switch.lead_to(steps.live)
            self._drain(self.wanted.colours[steps.target])
            raise BadInput("The requests were led over and back again, for the service as a whole failed:\n%s" % error) from None

    def _note(self, effects: List[Dict[str, Any]]) -> None:
        """Record what is going to happen to units, so that undo brings back what served."""
        if effects:
            self.changes.append(undo_effects.noted(self.module, effects, JOURNAL))

    def _write_colour(self, colour: Colour) -> None:
        said = unit_verify.refused({colour.path: colour.content.encode()}) if unit_verify.possible() else ""
        if said:
            raise BadInput("systemd refuses the new unit: %s" % said)
        entries = [file_set.Entry(colour.path, "file", 0o644, "root", "root", colour.content.encode())]
        if self.wanted.release:
            target = os.path.join("releases", self.wanted.release)
            entries.append(file_set.Entry(self._link(colour.name), "link", target=target))
        self._apply(entries)
        self.host.act("daemon-reload", [])

    def _bring_up(self, colour: Colour) -> None:
        self.host.act("reset-failed", [colour.unit])
        error = self.host.act("restart", [colour.unit])
        if error:
            journal = "\n".join("  " + line for line in self.host.journal(colour.unit))
            raise BadInput("%s did not start: %s\nLast journal lines:\n%s" % (colour.unit, error, journal))
        # It starts at boot from here on: after a reboot the switch may lead to it already.
        self.host.act("enable", [colour.unit])

    def _prove(self, checks: List[health.Check], total: float) -> None:
        """Wait until a colour is ready, then see that it stays so: what fails once in that time has failed."""
        ready = [dataclasses.replace(check, stable_for=0.0) for check in checks]
        for phase in (ready, [dataclasses.replace(check, retries=0) for check in checks]):
            self._hold(phase, total)

    def _hold(self, checks: List[health.Check], total: float) -> None:
        results = health_run.run(checks, total)
        if any(result["status"] == "failed" for result in results.values()):
            raise BadInput(health_result.report(results))

    def _take_down(self, colour: Colour) -> None:
        """Leave nothing of a colour: it serves nobody."""
        self._remove(colour.unit, [colour.path, self._link(colour.name)])

    def _remove(self, unit: str, paths: List[str]) -> None:
        for verb in ("stop", "disable", "reset-failed"):
            self.host.act(verb, [unit])
        self._apply([file_set.Entry(path, "absent") for path in paths if os.path.lexists(path)])
        self.host.act("daemon-reload", [])

    def _drain(self, colour: Colour) -> None:
        """Let a colour finish what it has begun."""
        switches.until(lambda: bool(self.switch.idle(colour.port, colour.name)), self.wanted.drain)
        self.switch.keep_out(colour.name)

    def _retire(self, name: str) -> None:
        """Let a colour finish what it has begun, then take it away."""
        self._drain(self.wanted.colours[name])
        self._take_down(self.wanted.colours[name])

    def _name_current(self) -> None:
        """Lead `current` to the release that serves, for people and for who looks for it there."""
        link = self._link("current")
        target = os.path.join("releases", self.wanted.release)
        if self.wanted.release and (not os.path.islink(link) or os.readlink(link) != target):
            self._apply([file_set.Entry(link, "link", target=target)])

    def _fail(self, steps: Steps, colour: Colour, why: str) -> NoReturn:
        what = "release %s of %s" % (self.wanted.release, self.wanted.name) if self.wanted.release else self.wanted.name
        raise BadInput("%s did not prove itself as %s and was taken away. %s.\n%s" % (what, colour.unit, self._serves(steps), why))

    def _serves(self, steps: Steps) -> str:
        return "%s goes on serving, untouched" % self.wanted.colours[steps.live].unit if steps.live else "Nothing served before"


def parsed(module: StepModule, deployment: Deployment, total: float) -> Dict[str, List[health.Check]]:
    """Return the checks of each colour, and of the service as a whole."""
    sources = module.params["sources"]

    def load(name: str) -> health.CheckType:
        return health.load_type(name, sources[name])

    given = {**{name: colour.checks for name, colour in deployment.colours.items()}, FRONT: deployment.checks}
    return {name: health_input.parse(dict(checks), sources, load, total) for name, checks in given.items()}


@dataclasses.dataclass(frozen=True)
class Task:
    """What is to be done about one service."""

    deploy: Deploy
    steps: Steps
    checks: Mapping[str, List[health.Check]]


def run(module: StepModule) -> None:
    """Observe, decide, carry out."""
    result: Dict[str, Any] = {"changed": False, "live": {}, "deployed": [], "changed_files": [], "change": ""}
    before, after, failure = "", "", ""
    tasks: List[Task] = []
    try:
        total = health_input.seconds(module.params["timeout"], "timeout")
        todo = [(Deploy(module, one), parsed(module, one, total)) for one in blue_green.wanted(module.params["services"])]
        for deploy, checks in todo:
            seen = deploy.seen() if deploy.host.systemctl else {colour: Seen() for colour in blue_green.COLOURS}
            steps = deploy.decided(seen)
            before += blue_green.described(deploy.wanted, steps.live, seen[steps.live].release if steps.live else "")
            stays = steps.target or steps.live
            after += blue_green.described(
                deploy.wanted, stays, deploy.wanted.release, steps.reason or ("set right" if steps.changed else "")
            )
            result["deployed"] += [deploy.wanted.name] if steps.target else []
            result["live"][deploy.wanted.name] = stays
            tasks += [Task(deploy, steps, checks)] if steps.changed else []
        result["changed"] = bool(tasks)
        if tasks and not module.check_mode:
            module.about_to_change()
            failure = carried_out(tasks, total)
            result["change"] = next((task.deploy.changes[-1] for task in reversed(tasks) if task.deploy.changes), "")
            if failure:
                result["live"].update({task.deploy.wanted.name: task.steps.live for task in tasks})
    except BadInput as error:
        module.fail_json(msg=str(error), **result)
    except OSError as error:
        module.fail_json(msg="%s: %s." % (error.filename or "blue_green", error.strerror), **result)
    result["diff"] = {"before": before, "after": after}
    if failure:
        module.fail_json(msg=failure, **result)
    module.exit_json(**result)


def carried_out(tasks: List[Task], total: float) -> str:
    """Replace services: none of them has another colour serve before all are proven, and none loses its old one before all are led over.

    Returns why that failed, empty where it did not.
    """
    try:
        for task in tasks:
            task.deploy.prepare(task.steps, task.checks, total)
        for task in tasks:
            task.deploy.lead(task.steps, task.checks, total)
    except BaseException as error:
        withdrawn = [task.deploy.withdraw(task.steps) for task in tasks]
        if not isinstance(error, BadInput):
            raise
        return "\n".join(line for line in (str(error), *withdrawn) if line)
    try:
        for task in tasks:
            task.deploy.finish(task.steps)
    except BadInput as error:
        return str(error)
    return ""
