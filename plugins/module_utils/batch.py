# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a list of steps in one process: the host's half of the module converge."""

from __future__ import annotations

import base64
import importlib
import json
import os
import traceback
import zlib
from typing import Any, Callable, Dict, List, NoReturn, Optional, Tuple

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.step import USUAL_UMASK, Step, nothing

MODULES = "ansible_collections.groundwork.fleet.plugins.module_utils."
TAKES_CHANGED_FILES = ("units", "blue_green")
LOOKS_AHEAD = ("deploy_hooks",)  # they have to know what the steps after them are going to do
NOT_TAKEN_BACK = ("packages", "patch_run")  # so they do not start the guard's time either, of which a download could take all


class Ended(BaseException):
    """A step has answered. Like SystemExit, which ends a module of its own, no `except Exception` catches it."""

    def __init__(self, failed: bool, answer: Dict[str, Any]) -> None:
        super().__init__(answer.get("msg", ""))
        self.failed = failed
        self.answer = answer


class BatchModule:
    """What a step sees of the module when it is one of many (step.StepModule)."""

    def __init__(self, host: Any, arguments: Dict[str, Any], given: Dict[str, Any], about_to_change: Callable[[], None]) -> None:
        self._host = host
        self._about_to_change: Optional[Callable[[], None]] = about_to_change
        self.check_mode: bool = host.check_mode
        checked = ArgumentSpecValidator(arguments).validate(given)
        if checked.error_messages:
            self.fail_json(msg="; ".join(checked.error_messages))
        self.params: Dict[str, Any] = checked.validated_parameters

    @property
    def tmpdir(self) -> str:
        """Return the module's own temporary directory, made when it is first asked for."""
        return str(self._host.tmpdir)

    def run_command(self, args: List[str]) -> Tuple[int, str, str]:
        """Run a program without a shell; returns exit status, output and errors."""
        code, output, errors = self._host.run_command(args)
        return code, output, errors

    def get_bin_path(self, arg: str, required: bool = False, opt_dirs: Optional[List[str]] = None) -> Any:
        """Return where a program stands, None where the host does not have it and it is not required."""
        path = self._host.get_bin_path(arg, opt_dirs=opt_dirs)
        if required and not path:
            self.fail_json(msg="This host has no %s. Install the package that brings it." % arg)
        return path

    def warn(self, warning: str) -> None:
        """Say something to the user."""
        self._host.warn(warning)

    def about_to_change(self) -> None:
        """Tell whoever guards the host, once for each step, that it is going to be modified."""
        if self._about_to_change is not None:
            tell, self._about_to_change = self._about_to_change, None
            try:
                tell()
            except BadInput as error:
                self.fail_json(msg=str(error))

    def fail_json(self, msg: Any, **answer: Any) -> NoReturn:
        """End the step: it failed."""
        raise Ended(True, {**answer, "msg": msg})

    def exit_json(self, **answer: Any) -> NoReturn:
        """End the step with its answer."""
        raise Ended(False, answer)


class Arming:
    """Arms the guard of the host before its first modification, where the call asks for one."""

    def __init__(self, payload: Dict[str, Any], warn: Callable[[str], None]) -> None:
        self.armed = False
        self.warn = warn
        self.run: str = payload.get("run", "")
        self.settings: Dict[str, Any] = payload.get("guard") or {}

    def __call__(self) -> None:
        """Called by each step before its first modification; arms once."""
        if self.settings.get("timeout") and not self.armed:
            guard, guard_record = load("guard"), load("guard_record")  # only where something changes
            last = guard_record.read_last()
            if last and not last.get("reported") and last.get("run") != self.run:
                self.warn("Before this run: %s" % guard_record.told(last))  # its own run did not live to say so
            guard.arm(self.run, self.settings["timeout"], self.settings["token"])
            self.armed = True

    def refuse_decided(self) -> None:
        """Raise BadInput where the guard that this call armed is not armed any more: no step may change the host unguarded."""
        if not self.armed:
            return
        guard_record = load("guard_record")
        record = guard_record.read()
        if record is None or record.run != self.run or guard_record.due_now(record):
            raise BadInput("The time of the guard was over before the last step: the rest was not done. Give `confirm` more seconds.")


class Batch:
    """What the steps of one call have answered so far; a call that goes on after a transfer takes it over."""

    def __init__(self, payload: Dict[str, Any]) -> None:
        self.steps: List[Dict[str, Any]] = payload["steps"]
        self.start: int = payload.get("start", 0)
        earlier: Dict[str, Any] = payload.get("earlier") or {}
        self.changed: bool = earlier.get("changed", False)
        self.results: Dict[str, Any] = dict(earlier.get("results", {}))
        self.changed_files: List[str] = list(earlier.get("changed_files", []))
        self.change: str = earlier.get("change", "")
        self.run: str = payload.get("run", "")
        self.diff: List[Dict[str, Any]] = list(earlier.get("diff", []))

    def take(self, name: str, answer: Dict[str, Any]) -> None:
        """Take in what a step answered. Its diff stands with those of the others, in their order."""
        found = answer.pop("diff", None) or []
        for diff in found if isinstance(found, list) else [found]:
            if diff.get("before") != diff.get("after"):
                self.diff.append(diff)
        self.changed = self.changed or bool(answer.get("changed"))
        self.changed_files += [path for path in answer.get("changed_files") or [] if path not in self.changed_files]
        self.change = answer.get("change") or self.change
        self.results[name] = answer

    def switched_back(self) -> str:
        """Say which releases were taken back."""
        lines = []
        for result in self.results.values():
            for name, versions in (result.get("switched") or {}).items():
                before = "%s is in use again" % versions["before"] if versions["before"] else "there was none before"
                lines.append("Release %s of %s was taken back, %s." % (versions["after"], name, before))
        return "\n".join(lines)

    def answer(self, arming: Arming, **more: Any) -> Dict[str, Any]:
        """Return what the module answers, and whether the guard of the host was armed."""
        if arming.armed:
            more["armed"] = True
        return dict(more, changed=self.changed, results=self.results, changed_files=self.changed_files, change=self.change, diff=self.diff)


def unpacked(payload: str) -> Dict[str, Any]:
    """Return what the action plugin packed: the steps and, after a transfer, where to go on and what there is already."""
    content: Dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(payload)))
    return content


def load(name: str) -> Any:
    """Import a module of module_utils when it is used: on a host each import is compiled anew, every time, and the controller
    sends only what the steps need (plugin_utils/step_code.py), so Ansible may see no import of it here."""
    return importlib.import_module(MODULES + name)


def load_step(kind: str) -> Step:
    """Import a step."""
    return load("steps." + kind)  # type: ignore[no-any-return]


def ended(host: Any, kind: str, options: Dict[str, Any], about_to_change: Callable[[], None], context: Dict[str, str]) -> Ended:
    """Run one step and return how it ended. What it sets for the process ends with it. context: `run` and `change`, for who asks."""
    mask = os.umask(USUAL_UMASK)
    try:
        step = load_step(kind)
        known = {name: value for name, value in context.items() if name in step.ARGUMENTS and not options.get(name)}
        step.run(BatchModule(host, step.ARGUMENTS, {**options, **known}, about_to_change))
    except Ended as end:
        return end
    except Exception as error:  # pylint: disable=broad-except  # what the steps before it changed has to be reported
        text = "%s: %s" % (type(error).__name__, error)
        return Ended(True, {"msg": "The step broke off unexpectedly: %s" % text, "exception": traceback.format_exc()})
    finally:
        os.umask(mask)
    return Ended(True, {"msg": "The step %s gave no answer." % kind})


def foreseen(host: Any, batch: Batch, number: int) -> List[str]:
    """Return the paths that the later steps would change and the units they would start or restart; nothing is done. Raises Ended."""
    found: List[str] = []
    for step in batch.steps[number + 1 :]:
        module: Any = load_step(step["kind"])
        if hasattr(module, "foreseen"):
            try:
                found += module.foreseen(BatchModule(host, module.ARGUMENTS, step["options"], nothing), [*batch.changed_files, *found])
            except (BadInput, OSError) as error:
                raise Ended(True, {"msg": str(error)}) from error
    return found


class NoDeployment:
    """Stands where what the steps change stays, whatever becomes of the later ones (rollback.Deployment)."""

    def __call__(self) -> None:
        """Note nothing."""

    def step_ended(self, failed: bool) -> None:
        """Note nothing."""

    def proven(self) -> None:
        """Note nothing."""

    def take_back(self) -> str:
        """Take nothing back."""
        return ""


def _deployment(payload: Dict[str, Any]) -> Any:
    if not payload.get("rollback"):
        return NoDeployment()
    return load("rollback").Deployment(payload)


def _failed(batch: Batch, arming: Arming, deployment: Any, answer: Dict[str, Any], name: str) -> Dict[str, Any]:
    """Return what the module answers for a step that failed; a deployment is taken back, unless the guard does that."""
    exception = {"exception": answer.pop("exception")} if "exception" in answer else {}
    batch.take(name, {**answer, "failed": True})
    told = "" if arming.armed else deployment.take_back()
    message = "\n".join(filter(None, [answer.get("msg", ""), told, batch.switched_back() if told else ""]))
    return batch.answer(arming, msg=message, step=name, **({"rolled_back": True} if told else {}), **exception)


def run(host: Any, payload: Dict[str, Any], arming: Arming) -> NoReturn:
    """Run the steps in their order until one fails or needs something from the controller; `host` is the AnsibleModule."""
    batch, deployment = Batch(payload), _deployment(payload)

    def about_to_change() -> None:
        arming()
        deployment()

    for number, step in list(enumerate(batch.steps))[batch.start :]:
        name, kind, options = step["id"], step["kind"], dict(step["options"])
        if step.get("skip_in_check") and host.check_mode:
            batch.results[name] = {"changed": False, "skipped": True}
            continue
        try:
            arming.refuse_decided()
        except BadInput as error:
            host.fail_json(**batch.answer(arming, msg=str(error), step=name))
        if kind in TAKES_CHANGED_FILES:
            options["changed_files"] = list(dict.fromkeys([*(options.get("changed_files") or []), *batch.changed_files]))
        told = nothing if kind in NOT_TAKEN_BACK else about_to_change
        try:
            if kind in LOOKS_AHEAD:
                options["foreseen"] = foreseen(host, batch, number)
            end = ended(host, kind, options, told, {"run": batch.run, "change": batch.change})
        except Ended as refused:
            end = refused
        answer = end.answer
        deployment.step_ended(end.failed)
        needed = answer.pop("needed", None)
        if needed and not end.failed and not host.check_mode:
            host.exit_json(**batch.answer(arming, resume=number, pending={**answer, "needed": needed}))
        if end.failed:
            host.fail_json(**_failed(batch, arming, deployment, answer, name))
        batch.take(name, answer)
        if step.get("last_proof") and not host.check_mode:
            deployment.proven()
    if not host.check_mode:
        deployment.proven()
    host.exit_json(**batch.answer(arming))
    raise AssertionError("exit_json came back")
