# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of steps of one converge call: what was declared, judged, and packed for the host."""

from __future__ import annotations

import base64
import functools
import importlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.groundwork.fleet.plugins.module_utils import steps as registry
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import step_code

FLAGS = ("skip_in_check", "last_proof")
SETTINGS = ("id", *FLAGS)
REMEDY = "See ansible-doc groundwork.fleet.converge."


@dataclass
class Step:
    """One step; `options` are those of the module of its kind, at first as declared, then as prepared for the host."""

    where: str
    kind: str
    id: str
    options: dict[str, Any]
    skip_in_check: bool = False
    last_proof: bool = False


@functools.cache
def kinds() -> tuple[str, ...]:
    """Return the kinds of steps that exist: the files of module_utils/steps."""
    return tuple(sorted(path.stem for path in Path(str(registry.__file__)).parent.glob("*.py") if path.stem != "__init__"))


def arguments_of(kind: str) -> dict[str, Any]:
    """Return the options of a kind, as the host checks them."""
    arguments: dict[str, Any] = importlib.import_module(f"{registry.__name__}.{kind}").ARGUMENTS
    return arguments


def plain(value: Any) -> Any:
    """Return a value as JSON takes it: what Ansible marks or encrypts is a text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)


@dataclass(frozen=True)
class Looks:
    """What the host is asked before the steps are known; `register` is the variable that takes the answer."""

    commands: dict[str, Any]
    register: str


def looks(declared: Any) -> Looks:
    """Judge the looks. Raises BadInput."""
    if declared is None:
        return Looks({}, "")
    expected = "a mapping with commands, as groundwork.fleet.observe takes them, and register, the name of a variable"
    if not isinstance(declared, Mapping) or set(declared) != {"commands", "register"}:
        raise bad_input("looks", sorted(map(str, declared)) if isinstance(declared, Mapping) else declared, expected, REMEDY)
    commands, register = declared["commands"], declared["register"]
    if not isinstance(commands, Mapping) or not isinstance(register, str) or not register.isidentifier():
        raise bad_input("looks", type(commands).__name__ + ", " + str(register), expected, REMEDY)
    return Looks(dict(commands), str(register))


def parse(declared: Any) -> list[Step]:
    """Judge the list; no value is shown, any of them may be a secret. Raises BadInput."""
    if not isinstance(declared, list):
        raise bad_input("steps", type(declared).__name__, "a list of mappings with one step each", REMEDY)
    found: list[Step] = []
    for number, given in enumerate(declared):
        step = _parsed(f"steps[{number}]", given)
        other = next((other for other in found if other.id == step.id), None)
        if other is not None:
            remedy = f"{other.where} has it already. Give one of them an id of its own."
            raise bad_input(f"{step.where}.id", step.id, "a name that no other step has", remedy)
        found.append(step)
    return found


def _parsed(where: str, given: Any) -> Step:
    if not isinstance(given, Mapping):
        raise bad_input(where, type(given).__name__, "a mapping with one step", "Write {packages: {owner: web, present: {nginx: }}}.")
    for key in given:
        if key not in kinds() and key not in SETTINGS:
            raise unknown_name("step or setting", where, str(key), [*kinds(), *SETTINGS])
    used = [str(key) for key in given if key in kinds()]
    if len(used) != 1:
        raise bad_input(where, sorted(map(str, given)), "exactly one step", f"Give each step an entry of its own: {', '.join(kinds())}.")
    kind = used[0]
    options = {} if given[kind] is None else given[kind]
    if not isinstance(options, Mapping):
        raise bad_input(f"{where}.{kind}", type(options).__name__, "a mapping of options", f"See ansible-doc groundwork.fleet.{kind}.")
    name, flags = given.get("id", kind), {flag: given.get(flag, False) for flag in FLAGS}
    if not isinstance(name, str) or not name:
        raise bad_input(f"{where}.id", name, "a name", "Leave it out to take that of the step.")
    for flag, value in flags.items():
        if not isinstance(value, bool):
            raise bad_input(f"{where}.{flag}", value, "true or false", "Write it without quotes.")
    return Step(where, kind, str(name), dict(options), **flags)


def checked(step: Step) -> Step:
    """Return a prepared step after the check that the host makes, here before any host is touched. Raises BadInput."""
    arguments = arguments_of(step.kind)
    for name in step.options:
        if name not in arguments:
            raise unknown_name("option", f"{step.where}.{step.kind}", str(name), arguments)
    options = plain(step.options)
    errors = ArgumentSpecValidator(arguments).validate(options).error_messages
    if errors:
        raise BadInput(f"{step.where}.{step.kind}: {'; '.join(errors)}. See ansible-doc groundwork.fleet.{step.kind}.")
    return replace(step, options=options)


def _modules(steps: list[Step], guard: bool, rollback: bool) -> list[str]:
    """Return the modules that the host imports by their names (batch.load)."""
    found = [f"steps.{step.kind}" for step in steps]
    return [*found, *(["guard", "guard_record"] if guard else []), *(["rollback"] if rollback else [])]


def packed(
    steps: list[Step],
    start: int = 0,
    earlier: Mapping[str, Any] | None = None,
    run: str = "",
    guard: Mapping[str, Any] | None = None,
    rollback: bool = False,
    deployment: str = "",
) -> str:
    """Return the one text in which the steps travel, with what an earlier call answered where this one goes on.

    run: who asks. guard: `timeout` and `token` of the guard that is armed before the first modification.
    rollback: whether the steps are one deployment, to be taken back where one fails. deployment: its name.
    """
    content = {
        "steps": [
            {"kind": step.kind, "id": step.id, "options": step.options, **{flag: getattr(step, flag) for flag in FLAGS}} for step in steps
        ],
        "start": start,
        "run": run,
        "guard": dict(guard or {}),
        "rollback": rollback,
        "deployment": deployment,
        "earlier": plain(earlier) if earlier else None,
        "code": step_code.sources(_modules(steps, bool(guard), rollback)),
    }
    return base64.b64encode(zlib.compress(json.dumps(content).encode(), 6)).decode()
