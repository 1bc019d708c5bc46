# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which secrets of an inventory are to be replaced, and which hosts and roles use them. Decides, asks nobody, sees no value."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ansible.errors import AnsibleError
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, nearest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import (
    secret_recipe,
    secret_reference,
    secret_rotation_state,
    secret_versions,
    secrets,
)
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_keeper import CANNOT_REPLACE, Age
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SCHEME

PERIODS = "fleet_secret_rotation"
ASKED = "rotate"
#: Variables that name secrets and do not use them.
NO_USE = re.compile(r"^(rotate$|rotation_|fleet_secret_rotation$|_)")
#: Roles of which a variable may hold a secret, in the order in which playbooks run them; the group whose hosts alone have the role.
ROLES = {
    "packages": "",
    "users": "",
    "time_sync": "",
    "certificates": "",
    "hardening": "",
    "firewall": "",
    "services": "",
    "postgresql_logins": "",
    "log_server": "log_servers",
    "log_shipping": "",
    "exporters": "",
    "monitoring": "monitoring",
    "health": "",
}
FACETS = {"metrics": "exporters", "logs": "log_shipping", "health": "health"}  # of a service, to the role that reads it
_OF_SERVICE = re.compile(r"^fleet_services(?:_group|_host)?\.[^.]+\.(\w+)")
_PAIRS = ("ssh_key", "tls_key")

RESUMED, DUE, BY_NAME = "goes on where it was broken off", "is due", "was asked for"
WAITS = "is due and waits for hosts that cannot be reached"
FRESH, UNKNOWN, NO_PERIOD, BY_HAND = "is not due", "has an unknown age", "has no rotate_after", "is due and has to be changed by hand"


def raw_uses(variables: Mapping[str, Any], prefixes: Iterable[str], skip: re.Pattern[str]) -> Iterator[str]:
    """Yield the names of a host's variables in which a reference may be: written out in them, or composed in one of the collection.

    prefixes: those of the collection's variables. skip: variables that the inventory does not set.
    """
    begins = tuple(prefix + "_" for prefix in prefixes)
    for name in sorted(str(name) for name in variables):
        if not NO_USE.match(name) and not skip.match(name) and (name.startswith(begins) or SCHEME in str(variables[name])):
            yield name


def used(
    variables: Mapping[str, Any], names: Iterable[str], render: Callable[[Any], Any], backends: Mapping[str, Mapping[str, Any]]
) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the (place, reference) of every use in the named variables, and what is wrong with those that are no references.

    What cannot be rendered is left out: preflight tells of it.
    """
    found, wrong = [], []
    for name in names:
        try:
            value = render(variables[name])
        except AnsibleError:
            continue
        for place, text in secret_reference.references(secret_reference.present(value), name):
            try:
                secrets.checked(text, place, backends)
                found.append((place, text))
            except BadInput as error:
                wrong.append(str(error))
    return found, wrong


def role_of(place: str) -> str:
    """Return the role that puts a variable's secret on the host. A user's own variable is taken to be for the files of a service."""
    owned = next((role for role in sorted(ROLES, key=len, reverse=True) if place.startswith(role + "_")), None)
    if owned:
        return owned
    if place.startswith("fleet_admins"):
        return "users"
    facet = _OF_SERVICE.match(place)
    return FACETS.get(facet[1], "services") if facet else "services"


def roles_of(places: Iterable[str], groups: Iterable[str]) -> list[str]:
    """Return the roles that bring a host's secrets into effect, in their order. groups: those of the host."""
    wanted, own = {role_of(place) for place in places}, set(groups)
    return [role for role, group in ROLES.items() if role in wanted and (not group or group in own)]


@dataclass
class Secret:
    """One secret of the inventory, as its backend knows it. users: host to the places where it is used. acceptors: to those that let in."""

    name: str
    backend: str
    kind: str
    recipe: secret_recipe.Recipe | None = None
    public: bool = False
    after: timedelta | None = None
    declared: bool = False
    users: dict[str, list[str]] = field(default_factory=dict)
    acceptors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def hosts(self) -> set[str]:
        """Return all hosts that a new version concerns."""
        return {*self.users, *self.acceptors}


def name_of(text: str) -> str:
    """Return a reference without what the core takes of it: what one secret is called however it is written."""
    return str(secret_recipe.stored(secret_versions.current(secret_reference.parse(text))))


def version_of(name: str, kind: str) -> str:
    """Return the reference to a version of a secret. kind: one of `secret_versions`, or "" for the one in use."""
    return str(secret_versions.of(secret_reference.parse(name), kind))


def backend_of(text: str) -> str:
    """Return the name of a reference's backend."""
    return secret_reference.parse(text).backend


def gathered(
    uses: Mapping[str, Sequence[tuple[str, str]]], periods: object, backends: Mapping[str, Mapping[str, Any]]
) -> dict[str, Secret]:
    """Return name to secret. uses: host to its (place, reference). periods: the value of fleet_secret_rotation. Raises BadInput."""
    patterns = rules(periods)
    found: dict[str, Secret] = {}
    for host in sorted(uses):
        for place, text in uses[host]:
            reference = secret_reference.parse(text, place)
            name = name_of(text)
            one = found.setdefault(name, Secret(name, reference.backend, str(backends[reference.backend]["backend"])))
            accepts = secret_versions.accepts(reference)
            (one.acceptors if accepts else one.users).setdefault(host, []).append(place)
            one.public = one.public or (secret_recipe.wants_public(reference) and not accepts)
            _same_recipe(one, secret_recipe.recipe(reference, place), place)
            if "rotate_after" in reference.options:
                _shortest(one, secret_recipe.period(reference.options["rotate_after"], place))
    for one in found.values():
        rule = next((after for pattern, after in patterns if fnmatch.fnmatchcase(one.name, pattern)), None)
        if not one.declared and rule is not None:
            one.after = rule
    return found


def rules(periods: object) -> list[tuple[str, timedelta | None]]:
    """Return the patterns of fleet_secret_rotation and their periods, in their order. Raises BadInput."""
    if periods is None:
        return []
    if not isinstance(periods, Mapping):
        raise bad_input(PERIODS, periods, "a mapping of references to periods", 'Write {"secret://production/*": 90d}.')
    for pattern in periods:
        if not secret_reference.is_reference(pattern):
            raise bad_input("a key of %s" % PERIODS, pattern, "a reference, in which * stands for any text", "Write secret://production/*.")
    return [(str(pattern), secret_recipe.period(value, "%s[%r]" % (PERIODS, pattern))) for pattern, value in periods.items()]


def _same_recipe(one: Secret, recipe: secret_recipe.Recipe | None, place: str) -> None:
    """Note how a secret is made. Raises BadInput where two uses differ: nobody could tell which of them the new version follows."""
    if recipe is not None and one.recipe not in (None, recipe):
        raise bad_input(
            place, one.name, "the same generate, length, charset, algorithm and users as in its other uses", "Write them alike."
        )
    one.recipe = one.recipe or recipe


def _shortest(one: Secret, after: timedelta | None) -> None:
    one.declared = True
    if after is not None and (one.after is None or after < one.after):
        one.after = after


def obstacle(one: Secret, replaces: bool, taught: bool = False) -> str:
    """Return why a secret cannot be replaced by a run; empty where it can. taught: tasks of the inventory tell those who let in."""
    if not replaces:
        return CANNOT_REPLACE % one.kind
    if one.recipe is None:
        return "Its reference does not say how it is made (generate=…): change it in the backend yourself."
    if one.recipe.kind in _PAIRS and one.public:
        return (
            "Its public half is used too, and the new one has to be accepted before anybody uses it: write part=public&rotation=accepted "
            "where it is let in."
        )
    if one.recipe.kind == "login" and not one.acceptors and not taught:
        return "Nobody accepts the login of the next user: write rotation=accepted where it is let in, or give rotation_written_tasks."
    return ""


@dataclass(frozen=True)
class Decision:
    """What is to be done with a secret and why. changed, due, begun: seconds since 1970; limit: the age in seconds; None where unknown.

    begun: when the rotation began that is under way.
    """

    name: str
    backend: str
    state: str
    changed: float | None = None
    due: float | None = None
    remedy: str = ""
    limit: float | None = None
    begun: float | None = None

    @property
    def rotates(self) -> bool:
        """Tell whether a new version is deployed."""
        return self.state in (RESUMED, DUE, BY_NAME)

    @property
    def words(self) -> str:
        """Return it in one line; no value."""
        return "%s %s%s" % (self.name, self.state, ": " + self.remedy if self.remedy else "")


def only_begun(decisions: Iterable[Decision], asked: frozenset[str]) -> list[Decision]:
    """Return the rotations that were broken off, of those asked for or of all. Raises BadInput where one that was asked for was not."""
    begun = [one for one in decisions if one.state == RESUMED]
    for name in sorted(asked - {one.name for one in begun}):
        raise bad_input(ASKED, name, "a rotation that has begun and not ended", "The others have nothing to go back from.")
    return [one for one in begun if not asked or one.name in asked]


def names_asked(asked: object, known: Iterable[str]) -> frozenset[str]:
    """Return the names that `-e rotate=…` gives: one reference, or several with commas or as a list. Raises BadInput."""
    texts = asked if isinstance(asked, (list, tuple)) else [one for one in str(asked or "").split(",") if one.strip()]
    names, found = sorted(known), set()
    for text in texts:
        text = str(text).strip()
        text = text if secret_reference.is_reference(text) or "/" not in text else SCHEME + text  # as the metrics name it
        name = name_of(text) if secret_reference.is_reference(text) else text
        if name not in names:
            close = nearest(name, names)
            remedy = "Did you mean %s?" % close if close else "The report lists them: ansible-playbook groundwork.fleet.secrets_report."
            raise bad_input(ASKED, text, "a reference that a host of the inventory uses", remedy)
        found.add(name)
    return frozenset(found)


def decided(
    found: Mapping[str, Secret],
    ages: Mapping[str, Age],
    asked: frozenset[str],
    unfinished: Mapping[str, float],
    now: datetime,
    unreached: frozenset[str] = frozenset(),
    taught: bool = False,
) -> list[Decision]:
    """Return what is to be done with each secret. Raises BadInput for one that was asked for and cannot be replaced, or not be asked.

    ages: name to what its backend says. asked: what `names_asked` returned. unfinished: rotations that were broken off, to when they began.
    unreached: hosts that cannot be reached now; no new version is written that one of them would not get. taught: see `obstacle`.
    """
    decisions = []
    for name in sorted(found):
        one, age = found[name], ages[name]
        due = None if one.after is None or age.changed is None else age.changed + one.after.total_seconds()
        state, remedy = _state(one, due, name in asked, name in unfinished, now), ""
        if state in (DUE, BY_NAME):
            remedy = age.refusal or obstacle(one, age.replaces, taught)
            missing = sorted(unreached & one.hosts)
            if remedy or missing:
                state, remedy = (BY_HAND, remedy) if remedy else (WAITS, ", ".join(missing))
                if name in asked:
                    expected = "a secret that a run can replace" if state == BY_HAND else "a secret whose hosts can all be reached"
                    raise bad_input(ASKED, name, expected, remedy if state == BY_HAND else "Not now: %s." % remedy)
        elif age.refusal:
            remedy = age.refusal
        limit = None if one.after is None else one.after.total_seconds()
        decisions.append(Decision(name, one.backend, state, age.changed, due, remedy, limit, unfinished.get(name)))
    return decisions


def _state(one: Secret, due: float | None, asked: bool, begun: bool, now: datetime) -> str:
    if begun:
        return RESUMED
    if asked:
        return BY_NAME
    if one.after is None:
        return NO_PERIOD
    if due is None:
        return UNKNOWN
    return DUE if due <= now.timestamp() else FRESH


def hosts_at(one: Secret, step: str) -> dict[str, list[str]]:
    """Return host to the places that a step of the rotation is for."""
    return one.users if step == secret_rotation_state.DEPLOYING else one.acceptors


def hosts_of(
    found: Mapping[str, Secret], state: secret_rotation_state.State, step: str, groups: Mapping[str, Iterable[str]]
) -> dict[str, dict[str, list[str]]]:
    """Return host to `names` and `roles`: of which secrets the step is still to be done there, by which roles. groups: of hosts."""
    hosts: dict[str, dict[str, list[str]]] = {}
    for name in sorted(name for name, one in state.rotations.items() if one.step == step and name in found):
        places = hosts_at(found[name], step)
        for host in secret_rotation_state.waiting(state, name, concerned(places, groups)):
            roles = roles_of(places[host], groups.get(host, ()))
            entry = hosts.setdefault(host, {"names": [], "roles": []})
            entry["names"].append(name)
            entry["roles"] = [role for role in ROLES if role in entry["roles"] or role in roles]
    return hosts


def concerned(places: Mapping[str, Sequence[str]], groups: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the hosts that have a role for one of their places."""
    return sorted(host for host in places if roles_of(places[host], groups.get(host, ())))


def unseen(uses: Mapping[str, Any], hosts: Iterable[str]) -> None:
    """Raise BadInput where a host of the inventory was not looked at: it would keep an old secret that nobody accepts any more."""
    missing = sorted(set(hosts) - set(uses))
    if missing:
        shown = ", ".join(missing[:5]) + (" and %d more" % (len(missing) - 5) if len(missing) > 5 else "")
        raise bad_input(
            "uses", shown, "every host of the inventory", "Run it without --limit: each host that uses a secret gets the new one."
        )


def one_meaning(meanings: Mapping[str, Mapping[str, str]]) -> None:
    """Raise BadInput where a backend's name leads two hosts to different stores. meanings: host to name to what tells stores apart."""
    first: dict[str, tuple[str, str]] = {}
    for host in sorted(meanings):
        for name, meaning in meanings[host].items():
            other, same = first.setdefault(name, (host, meaning))
            if same != meaning:
                expected = "to have the same options for every host"
                raise bad_input("fleet_secret_backends", name, expected, "They differ between %s and %s: use two names." % (other, host))
