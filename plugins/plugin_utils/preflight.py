# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge the variables of one host before anything is touched: names, types, services, references to secrets."""

from __future__ import annotations

import datetime
import fnmatch
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleError
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, nearest, told, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import (
    declaration_checks,
    role_checks,
    secret_reference,
    secret_rotation,
    services,
    spec_check,
    waivers,
)

Spec = Mapping[str, Mapping[str, Any]]
Services = Mapping[str, Mapping[str, Any]]
SHARED = "fleet"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: What users may put beside the inventory, where Ansible would read it as inventory.
FOLDERS_BESIDE_INVENTORY = ("secrets", "catalogue")

#: Variables of Ansible's own that hold those of everybody.
NOT_OF_USERS = frozenset(("hostvars", "vars", "groups", "ansible_facts"))

#: Shared variables without a safe default, and what to do about a missing one.
ASKED_FOR = {"fleet_admins": "It has no safe default: name your administrators, or write {} to say that there are none."}


@dataclass(frozen=True)
class Resolution:
    """What came of one reference to a secret. problem: empty where it resolves. pending: it would be generated. secret: never shown."""

    place: str
    reference: str
    backend: str = ""
    problem: str = ""
    pending: bool = False
    secret: str | None = field(default=None, repr=False)

    def told(self) -> dict[str, str]:
        """Return what a user may know of it."""
        state = "would be generated" if self.pending else "resolves"
        summary = "%s: %s by %s, for %s" % (self.reference, state, self.backend, self.place)
        return {"variable": self.place, "reference": self.reference, "backend": self.backend, "state": state, "summary": summary}


@dataclass(frozen=True)
class Surroundings:
    """What the judgement needs from Ansible, as functions.

    prefixes: the names of all roles. spec: the argument spec of a role, or of the shared variables (`fleet`).
    render: renders the templates in a value. resolve: a list of (place, reference) to what came of each.
    service_catalogue: the services of the catalogue. exporters: those of the catalogue. defaults: the rendered defaults of a role.
    controls: the ids of the controls in the catalogue. log_outputs: those of the catalogue.
    hosts, groups: the names of the inventory. today: the day in UTC. folders: where a role writes, by family of distributions.
    """

    prefixes: frozenset[str]
    spec: Callable[[str], Spec]
    render: Callable[[Any], Any]
    resolve: Callable[[list[tuple[str, str]]], list[Resolution]]
    service_catalogue: Callable[[], Mapping[str, Any]]
    exporters: Callable[[], Mapping[str, Any]]
    controls: Callable[[], Iterable[str]]
    today: datetime.date
    defaults: Callable[[str], Mapping[str, Any]] = lambda _role: {}
    hosts: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    log_outputs: Callable[[], Mapping[str, Any]] = dict
    folders: Callable[[str], Mapping[str, str]] = lambda _role: {}


@dataclass
class Judgement:
    """What was found: everything wrong, what will be wrong soon, and which references lead to which backend.

    bounds: what may be written on the host, for reach.py.
    """

    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    references: list[dict[str, str]] = field(default_factory=list)
    bounds: list[dict[str, Any]] = field(default_factory=list)
    checked: int = 0


def judge(variables: Mapping[str, Any], roles: Iterable[str], around: Surroundings) -> Judgement:
    """Judge all variables of a host that belong to the collection.

    roles: those that the host will get; their required variables have to be set.
    """
    found = Judgement()
    values: dict[str, Any] = {}
    allowed = _allowed(variables, around)
    prefixes = around.prefixes | {SHARED}
    for name in sorted(str(variable) for variable in variables):
        owner = owner_of(name, prefixes)
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in allowed):
            continue
        if owner is None:
            found.problems.extend(_strayed(name, prefixes, around))
            _judge_own(name, variables[name], around, found)
        elif name not in around.spec(owner):
            found.problems.append(_unknown(name, owner, around.spec(owner)))
        elif variables[name] is not None:
            _judge_value(name, variables[name], around.spec(owner)[name], around, found, values)
    found.problems.extend(_missing(variables, roles, around))
    people = [values.get(name) for name in ("fleet_admins", "users_sudo_roles", "users_service_accounts")]
    found.problems.extend(declaration_checks.admin_problems(*people))
    found.problems.extend(declaration_checks.lock_out_problems(people[0], around.render(variables.get("ansible_user"))))
    found.problems.extend(declaration_checks.network_problems(values.get("fleet_networks"), around.hosts | around.groups))
    services_declared = _judge_services(variables, values, around, found)
    _judge_exporters(values, around, found)
    _judge_controls(values, around, found)
    periods = values.get(secret_rotation.PERIODS)
    found.problems.extend(told(lambda: secret_rotation.rules(periods)) if isinstance(periods, Mapping) else ())
    role_checks.judge_logins(values, found)
    role_checks.judge_certificates(variables, values, services_declared, found)
    role_checks.judge_scrapes(variables, values, found)
    role_checks.judge_firewall(variables, values, around, found)
    role_checks.judge_logs(variables, values, services_declared, around, found)
    role_checks.judge_health(variables, values, services_declared, around, found)
    found.problems = list(dict.fromkeys(found.problems))
    return found


@functools.cache
def role_spec(collection: Path, role: str) -> Spec:
    """Return the options of a role, or the shared variables for `fleet`. Their templates are of no interest here, so PyYAML reads them."""
    shared = role == SHARED
    path = collection / ("catalogue/variables/fleet.yml" if shared else "roles/%s/meta/argument_specs.yml" % role)
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506  # the C twin of the safe loader
    options: Spec = data if shared else data["argument_specs"]["main"].get("options", {})
    return options


def role_names(collection: Path) -> frozenset[str]:
    """Return the names of all roles that declare variables."""
    return frozenset(path.parent.parent.name for path in collection.glob("roles/*/meta/argument_specs.yml"))


def owner_of(name: str, prefixes: Iterable[str]) -> str | None:
    """Return the role (or `fleet`) whose prefix `name` has; of several the longest."""
    fitting = [prefix for prefix in prefixes if name.startswith(prefix + "_")]
    return max(fitting, key=len) if fitting else None


def read_as_inventory(sources: object, ignored: Iterable[str]) -> Iterator[str]:
    """Yield a problem for each folder of secrets or of a catalogue that Ansible reads as inventory: secrets would become hosts.

    sources: what was given with -i. ignored: the patterns of names that Ansible passes over (INVENTORY_IGNORE_PATTERNS).
    """
    for source in sources if isinstance(sources, (list, tuple)) else ():
        for name in FOLDERS_BESIDE_INVENTORY:
            folder = Path(str(source)) / name
            if folder.is_dir() and not any(re.search(pattern, name) for pattern in ignored):
                remedy = "Move it to .groundwork/%s beside the inventory, or give -i a file." % name
                yield str(bad_input("folder in the inventory", str(folder), "a folder that Ansible does not read as inventory", remedy))


def _allowed(variables: Mapping[str, Any], around: Surroundings) -> list[str]:
    try:
        value = around.render(variables.get("fleet_allowed_variables")) or []
    except AnsibleError:
        return []
    return [str(pattern) for pattern in value] if isinstance(value, (list, tuple)) else []


def _unknown(name: str, owner: str, spec: Spec) -> str:
    close = nearest(name, spec)
    first = "Did you mean %r?" % close if close else "See the variables of %s." % (owner if owner != SHARED else "fleet_*")
    kind = "a shared variable (fleet_*)" if owner == SHARED else "a variable of the role %s" % owner
    return _not_declared(name, kind, first)


def _not_declared(name: str, kind: str, remedy: str) -> str:
    return "%s is not declared; expected %s. %s A variable of your own goes into fleet_allowed_variables." % (name, kind, remedy)


def _strayed(name: str, prefixes: Iterable[str], around: Surroundings) -> Iterator[str]:
    """Yield a problem where `name` looks like a declared variable whose prefix is misspelt."""
    if name.startswith(("_", "ansible_", "inventory_", "group", "hostvars", "play", "role_", "vars", "omit")):
        return
    for count in (1, 2):
        words = name.split("_")
        begin = "_".join(words[:count])
        similar = [prefix for prefix in prefixes if prefix[0] == begin[:1] and abs(len(prefix) - len(begin)) <= 3]
        prefix = nearest(begin, similar) if similar and len(words) > count else None
        if prefix is None:
            continue
        meant = "_".join([prefix, *words[count:]])
        if meant in around.spec(prefix):
            kind = "a shared variable (fleet_*)" if prefix == SHARED else "a variable of the role %s" % prefix
            yield _not_declared(name, kind, "Did you mean %r?" % meant)
            return


def _judge_value(name: str, raw: Any, option: Mapping[str, Any], around: Surroundings, found: Judgement, values: dict[str, Any]) -> None:
    found.checked += 1
    try:
        value = around.render(raw)
    except AnsibleError:
        found.problems.extend(_unrendered(name, raw, around))
        return
    value = _with_secrets(name, value, around, found)
    wrong = list(spec_check.problems(name, option, value)) if value is not None else []
    found.problems.extend(wrong)
    values[name] = value


def _unrendered(where: str, raw: Any, around: Surroundings) -> Iterator[str]:
    """Yield the places inside of `raw` whose template cannot be rendered."""
    if isinstance(raw, Mapping):
        inner = [("%s.%s" % (where, key), raw[key]) for key in raw]
    elif isinstance(raw, (list, tuple)):
        inner = [("%s[%d]" % (where, number), one) for number, one in enumerate(raw)]
    else:
        inner = []
    told = [problem for place, one in inner for problem in _unrendered(place, one, around)]
    if told:
        yield from told
        return
    try:
        around.render(raw)
    except AnsibleError as error:
        reason = str(getattr(error, "message", error)).splitlines()[0].rstrip(".")
        secret = spec_check.is_secret_name(where)
        remedy = "Set what it refers to." if secret else "Ansible says: %s." % reason
        yield str(bad_input(where, raw, "a template whose variables all exist", remedy, secret=secret))


def _missing(variables: Mapping[str, Any], roles: Iterable[str], around: Surroundings) -> Iterator[str]:
    for name, remedy in ASKED_FOR.items():
        if variables.get(name) is None and name in around.spec(SHARED):
            yield spec_check.missing(name, "a mapping", remedy)
    for role in roles:
        if role not in around.prefixes:
            yield str(unknown_name("role", "preflight: roles", role, around.prefixes))
            continue
        for name, option in around.spec(role).items():
            if option.get("required") and variables.get(name) is None:
                kind = "a value of the type %s" % option.get("type", "str")
                yield spec_check.missing(name, kind, "The role %s needs it and it has no safe default: set it." % role)


def _judge_services(variables: Mapping[str, Any], values: Mapping[str, Any], around: Surroundings, found: Judgement) -> Services | None:
    """Return the services of the host, None where they are not in order."""
    if any(variables.get(layer) is not None and layer not in values for layer in services.LAYERS):
        return None  # what could not be rendered has been told
    if not any(values.get(layer) for layer in services.LAYERS):
        return {}
    try:
        declared, wrong = services.checked_services(values, around.service_catalogue())
        found.problems.extend(wrong)
    except BadInput as error:
        if str(error) not in found.problems and not _told(found, error):
            found.problems.append(str(error))
        return None
    known = {*around.hosts, *around.groups, *map(str, values.get("fleet_networks") or ())}
    found.problems.extend(declaration_checks.problems(declared, known) if not wrong else [])
    for item in services.facet(declared, "metrics") if not wrong else []:
        where = "fleet_services.%s.metrics: exporter" % item["service"]
        found.problems.extend(_exporter_problems(where, item.get("exporter"), around))
    return declared if not wrong else None


def _judge_exporters(values: Mapping[str, Any], around: Surroundings, found: Judgement) -> None:
    enabled = values.get("exporters_enabled")
    for name, options in enabled.items() if isinstance(enabled, Mapping) else ():
        meant = options.get("exporter") if isinstance(options, Mapping) else None
        if options is not None:
            found.problems.extend(_exporter_problems("exporters_enabled.%s" % name, meant or name, around))


def _judge_controls(values: Mapping[str, Any], around: Surroundings, found: Judgement) -> None:
    choices, declared = values.get("hardening_controls"), values.get(waivers.VARIABLE)
    if choices or declared:
        known = frozenset(around.controls())
        found.problems.extend(declaration_checks.control_problems(choices, known))
        if isinstance(declared, Mapping):  # what else it is has been told
            found.problems.extend(waivers.checked(declared, known, around.today, around.hosts, around.groups))
            found.warnings.extend(waivers.ending(declared, around.today))


def _exporter_problems(where: str, name: object, around: Surroundings) -> Iterator[str]:
    if name is not None and str(name) not in around.exporters():
        yield str(unknown_name("exporter", where, str(name), around.exporters()))


def _told(found: Judgement, error: BadInput) -> bool:
    """Return whether the type check has told of the same variable already."""
    place = str(error).split(" is ", 1)[0]
    return any(problem.startswith(place + " is ") for problem in found.problems)


def _with_secrets(name: str, value: Any, around: Surroundings, found: Judgement) -> Any:
    """Return a value with its secrets in place of the references, for they have to fit as well; tell which there are and which fail."""
    resolutions = around.resolve(list(secret_reference.references(secret_reference.present(value), name)))
    found.problems.extend(one.problem for one in resolutions if one.problem)
    found.references.extend(one.told() for one in resolutions if not one.problem)
    return secret_reference.replaced(value, {one.reference: one.secret for one in resolutions})


def _judge_own(name: str, raw: Any, around: Surroundings, found: Judgement) -> None:
    """Judge the references in a variable of the user's own; whether a run needs it nobody knows, so a failure is a warning."""
    # What playbooks of the collection keep begins with two underscores.
    if name in NOT_OF_USERS or name.startswith("__") or not any(secret_reference.references(raw, name)):
        return
    try:
        value = around.render(raw)
    except AnsibleError:
        return  # it is told where it is used
    for one in around.resolve(list(secret_reference.references(secret_reference.present(value), name))):
        if one.problem:
            found.warnings.append(one.problem)
        else:
            found.references.append(one.told())
