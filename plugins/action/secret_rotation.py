# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a rotation on the controller: who uses which secret, what is due, the new versions, and who has them."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import (
    preflight,
    secret_recipe,
    secret_rotation,
    secret_rotation_report,
    secret_versions,
    services,
    settings,
)
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_rotation_state as rotation_state
from ansible_collections.groundwork.fleet.plugins.plugin_utils.controller_action import ControllerAction
from ansible_collections.groundwork.fleet.plugins.plugin_utils.private_files import write_atomically
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_broker import Run
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_values import NOT_OF_USERS, SecretValues

STATES = ("looked", "written", "promoted", "retired", "begun", "deployed", "proven", "finished", "reported")
ARGUMENTS: dict[str, dict[str, Any]] = {
    "state": {"type": "str", "required": True, "choices": list(STATES)},
    "services": {"type": "dict", "default": {}},
    "uses": {"type": "dict", "default": {}},
    "hosts": {"type": "list", "elements": "str", "default": []},
    "reached": {"type": "list", "elements": "str"},
    "rotate": {"type": "raw"},
    "periods": {"type": "dict", "default": {}},
    "names": {"type": "list", "elements": "str", "default": []},
    "step": {"type": "str", "choices": list(rotation_state.ON_HOSTS), "default": rotation_state.DEPLOYING},
    "taught": {"type": "bool", "default": False},
    "back": {"type": "bool", "default": False},
    "health": {"type": "dict", "default": {}},
    "directory": {"type": "path"},
    "textfile": {"type": "path"},
    "report": {"type": "path"},
}


class ActionModule(ControllerAction):
    """The action of this file."""

    _VALID_ARGS = frozenset(ARGUMENTS)

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what came of the step."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validation, given = self.validate_argument_spec(ARGUMENTS)
        variables = task_vars or {}
        self._values = SecretValues(self._loader, self._templar, variables)
        self._now = datetime.datetime.now(datetime.UTC)
        directory = given["directory"] or Path(self._templar.template(variables.get("inventory_dir")) or ".") / ".groundwork/rotation"
        self._place = rotation_state.Place(Path(directory))
        try:
            answer: dict[str, Any] = getattr(self, "_" + given["state"])(given, variables)
        except BadInput as error:
            raise AnsibleActionFail(str(error)) from None
        except OSError as error:  # of the state's own files: what a backend raises was told by the keeper
            raise AnsibleActionFail("%s: %s." % (error.filename or directory, error.strerror)) from None
        return {**result, "changed": False, **answer}

    def _looked(self, given: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the references that the host uses, without asking a backend."""
        context = self._values.context
        prefixes = {*preflight.role_names(settings.COLLECTION), preflight.SHARED}
        names = list(secret_rotation.raw_uses(variables, prefixes, NOT_OF_USERS))
        if given["services"]:  # all layers of them merged, with those of the catalogue
            names = [name for name in names if name not in services.LAYERS]
        asked = {**variables, "fleet_services": given["services"] or variables.get("fleet_services")}
        names += ["fleet_services"] if given["services"] else []
        uses, wrong = secret_rotation.used(asked, names, self._templar.template, context.backends)
        key = Run.current().directory.encode()  # so that what tells two stores apart says nothing of their options
        used_backends = {secret_rotation.backend_of(text) for _place, text in uses}
        meaning = {one: hmac.new(key, context.key_of(one).encode(), hashlib.sha256).hexdigest()[:16] for one in sorted(used_backends)}
        groups = [str(group) for group in variables.get("group_names") or ()]
        told = {"uses": [list(use) for use in uses], "meaning": meaning, "groups": groups}
        return {**told, "warnings": wrong} if wrong else told

    def _found(self, given: Mapping[str, Any]) -> dict[str, secret_rotation.Secret]:
        secret_rotation.unseen(given["uses"], given["hosts"])
        secret_rotation.one_meaning({host: seen["meaning"] for host, seen in given["uses"].items()})
        uses = {host: list(seen["uses"]) for host, seen in given["uses"].items()}
        return secret_rotation.gathered(uses, given["periods"], self._values.context.backends)

    def _decided(
        self, given: Mapping[str, Any], found: dict[str, secret_rotation.Secret], state: rotation_state.State, asked: bool
    ) -> list[secret_rotation.Decision]:
        ages = dict(zip(found, self._values.ages(list(found)), strict=True))
        for name, moment in state.finished.items():
            if name in ages and ages[name].changed is None:  # the backend does not know, we do
                ages[name] = replace(ages[name], changed=datetime.datetime.fromisoformat(moment).timestamp())
        names = secret_rotation.names_asked(given["rotate"] if asked else None, found)
        unreached = frozenset(given["hosts"]) - frozenset(given["hosts"] if given["reached"] is None else given["reached"])
        begun = {name: datetime.datetime.fromisoformat(one.begun).timestamp() for name, one in state.rotations.items()}
        return secret_rotation.decided(found, ages, names, begun, self._now, unreached, given["taught"])

    def _wanted(
        self, given: Mapping[str, Any], found: dict[str, secret_rotation.Secret], state: rotation_state.State
    ) -> list[secret_rotation.Decision]:
        decisions = self._decided(given, found, state, not given["back"])
        return secret_rotation.only_begun(decisions, secret_rotation.names_asked(given["rotate"], found)) if given["back"] else decisions

    def _written(self, given: Mapping[str, Any], _variables: Mapping[str, Any]) -> dict[str, Any]:
        """Write the next versions; with --check only say which."""
        found = self._found(given)
        if self._task.check_mode:
            state = self._place.read()
            decisions = self._wanted(given, found, state)
            return self._answer(given, found, decisions, state, [], secret_rotation_report.plan_lines(decisions, found, state))
        with self._place.alone() as state:  # what is due is judged within: a run that waited here sees what the other one wrote
            for name in set(state.rotations) - set(found):
                del state.rotations[name]  # no host uses it any more
            decisions, written = self._wanted(given, found, state), []
            names = [one.name for one in decisions if one.rotates]
            for name in names if given["back"] else ():
                rotation_state.go_back(name, state, self._place.keep, self._steps(found))
            plan = secret_rotation_report.plan_lines(decisions, found, state)
            for name in names:
                if rotation_state.write_once(name, state, self._place.keep, self._steps(found), self._now):
                    written.append(name)
            self._refresh(names)
            return self._answer(given, found, decisions, state, written, plan)

    def _answer(
        self,
        given: Mapping[str, Any],
        found: Mapping[str, secret_rotation.Secret],
        decisions: list[secret_rotation.Decision],
        state: rotation_state.State,
        written: list[str],
        plan: list[str],
    ) -> dict[str, Any]:
        names = [one.name for one in decisions if one.rotates]
        held = [one.words for one in decisions if one.state in (secret_rotation.BY_HAND, secret_rotation.WAITS)]
        changed = bool(written) or (self._task.check_mode and any(one.rotates and one.name not in state.rotations for one in decisions))
        hosts = self._hosts(given, found, state, rotation_state.ACCEPTING)
        answer = {"changed": changed, "names": names, "written": written, "rotating": hosts, "plan": plan}
        return {**answer, "warnings": held} if held else answer

    def _promoted(self, given: Mapping[str, Any], _variables: Mapping[str, Any]) -> dict[str, Any]:
        """Make the next versions current that are accepted everywhere."""
        return self._moved(given, rotation_state.promote, rotation_state.ACCEPTING, rotation_state.DEPLOYING)

    def _retired(self, given: Mapping[str, Any], _variables: Mapping[str, Any]) -> dict[str, Any]:
        """Retire the previous versions that nobody uses any more."""
        return self._moved(given, rotation_state.retire, rotation_state.DEPLOYING, rotation_state.LOCKING)

    def _moved(self, given: Mapping[str, Any], move: Callable[..., bool], before: str, after: str) -> dict[str, Any]:
        found = self._found(given)
        with self._place.alone() as state:
            names = sorted(set(state.rotations) & set(found))
            steps = self._steps(found)
            moved = [one for one in names if move(one, state, self._place.keep, steps, self._concerned(given, found[one], before))]
            self._refresh(names)
            return {"changed": bool(moved), "names": moved, "rotating": self._hosts(given, found, state, after)}

    @staticmethod
    def _concerned(given: Mapping[str, Any], one: secret_rotation.Secret, step: str) -> list[str]:
        groups = {host: seen["groups"] for host, seen in given["uses"].items()}
        return secret_rotation.concerned(secret_rotation.hosts_at(one, step), groups)

    @staticmethod
    def _hosts(
        given: Mapping[str, Any], found: Mapping[str, secret_rotation.Secret], state: rotation_state.State, step: str
    ) -> dict[str, dict[str, list[str]]]:
        return secret_rotation.hosts_of(found, state, step, {host: seen["groups"] for host, seen in given["uses"].items()})

    def _steps(self, found: Mapping[str, secret_rotation.Secret]) -> rotation_state.Steps:
        return rotation_state.Steps(
            lambda name, kind: self._values.refresh([secret_rotation.version_of(name, kind)])[0],
            lambda name: self._made(found[name]),
            lambda name, kind, value: self._values.replace(secret_rotation.version_of(name, kind), value),
        )

    def _refresh(self, names: list[str]) -> None:
        """Have the run go on with what the backends have: what it fetched before may be older than what another run wrote."""
        kinds = ("", secret_versions.NEXT, secret_versions.PREVIOUS)
        self._values.refresh([secret_rotation.version_of(name, kind) for name in names for kind in kinds])

    def _made(self, one: secret_rotation.Secret) -> bytes:
        if one.recipe is None:
            remedy = "Put it there again until the rotation has ended."
            raise bad_input("reference", one.name, "generate=…, which it had when its rotation began", remedy)
        return secret_recipe.make(one.recipe, self._values.refresh([one.name])[0])

    def _begun(self, given: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        with self._place.alone() as state:
            return {"health": rotation_state.before(state, given["names"], str(variables.get("inventory_hostname")), given["health"])}

    def _deployed(self, given: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        with self._place.alone() as state:
            rotation_state.deployed(state, given["names"], str(variables.get("inventory_hostname")), given["step"])
        return {}

    def _acceptors(self, given: Mapping[str, Any]) -> dict[str, list[str]]:
        return {name: self._concerned(given, one, rotation_state.LOCKING) for name, one in self._found(given).items()}

    def _proven(self, given: Mapping[str, Any], _variables: Mapping[str, Any]) -> dict[str, Any]:
        state, found = self._place.read(), self._found(given)
        places = {name: self._concerned(given, found[name], one.step) for name, one in state.rotations.items() if name in found}
        left = {name: rotation_state.waiting(state, name, hosts) for name, hosts in sorted(places.items())}
        proven = rotation_state.proven(state, self._acceptors(given))
        return {"names": proven, "waiting": {name: hosts for name, hosts in left.items() if name not in proven}}

    def _finished(self, given: Mapping[str, Any], _variables: Mapping[str, Any]) -> dict[str, Any]:
        with self._place.alone() as state:
            return {"names": rotation_state.finish(state, given["names"], self._acceptors(given), self._now)}

    def _reported(self, given: Mapping[str, Any], _variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the age of every secret, and write report and metrics where they are wanted."""
        uses = {host: seen for host, seen in given["uses"].items() if seen}
        found = self._found({**given, "uses": uses, "hosts": list(uses)})
        decisions = self._decided({**given, "hosts": []}, found, self._place.read(), False)
        metrics, listed = secret_rotation_report.to_textfile(decisions, self._now), [asdict(one) for one in decisions]
        document = {"time": self._now.isoformat(timespec="seconds"), "secrets": listed}
        for path, text in ((given["textfile"], metrics), (given["report"], json.dumps(document, indent=1) + "\n")):
            if path and not self._task.check_mode:
                write_atomically(Path(path), text.encode(), 0o644)
        return {"secrets": listed, "table": secret_rotation_report.table(decisions, self._now), "metrics": metrics}
