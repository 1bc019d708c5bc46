# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which controls a host gets, what they write together, and how each of them is observed. Decides, touches nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import kernel
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, nearest, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import hardening_names, sshd
from ansible_collections.groundwork.fleet.plugins.plugin_utils.controls import LEVELS, NEEDS, Control
from ansible_collections.groundwork.fleet.plugins.plugin_utils.layers import merge_layers

LOGIN_DEFS = "/etc/login.defs"
CONTAINER = "container"
#: The role's variables that are laid over a facet.
OVERRIDES = ("sshd", "sysctl", "modules_blocked", "login_defs")
#: Facets that are written for units that are not there yet: they come sandboxed, and a later run has nothing to change.
BEFOREHAND = {"sandbox"}
OWN = "inventory"  # the area of what the inventory declares beside the controls

Check = dict[str, Any]


@dataclass(frozen=True)
class Host:
    """What the plan has to know of a host.

    names: its platform names. container: whether it is one. waivers: control id to {name, reason, owner, expires}.
    waived_until: control id to the day (2027-03-31) on which its last waiver expired.
    missing: kind (programs, paths, units) to what the host lacks, None while it was not asked.
    """

    names: tuple[str, ...]
    container: bool = False
    waivers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    waived_until: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, Iterable[str]] | None = None


@dataclass
class Plan:
    """What follows from the selected controls.

    facets: what is written, facet to mapping. checks: name (`<control>/<number>`) to health check. selected: the controls, in the order of
    their ids. reasons: control id to why it does not apply. written: ids of those that the role brings into effect.
    overridden: control id to the variable of the role that changes what it writes. asks: what the host has to be asked for.
    """

    facets: dict[str, dict[str, Any]] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    selected: list[Control] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    overridden: dict[str, str] = field(default_factory=dict)
    asks: dict[str, list[str]] = field(default_factory=dict)


def selected(known: Mapping[str, Control], level: str, choices: Mapping[str, Any]) -> list[Control]:
    """Return the controls of a level and of those below it.

    choices: `hardening_controls`; true or a mapping adds a control, false leaves it out. Raises BadInput for an unknown level.
    """
    if level not in LEVELS:
        raise unknown_name("level", "hardening_level", level, LEVELS)
    levels = LEVELS[: LEVELS.index(level) + 1]
    return [one for one in known.values() if (choices[one.id] is not False if one.id in choices else one.level in levels)]


def derived(writes: Mapping[str, Mapping[str, Any]]) -> Iterator[Check]:
    """Yield the health checks that follow from what a control writes (docs/adr/0008)."""
    for facet, values in sorted(writes.items()):
        for name, value in values.items():
            yield from _derived(facet, str(name), value)


#: Facet to the check of one name in it.
_CHECKS: dict[str, Callable[[str, Any], Check]] = {
    "files": lambda name, value: {"file": {"path": name, "exists": not value.get("absent", False)}},
    "login_defs": lambda name, value: {"setting": {"path": LOGIN_DEFS, "name": name, "value": _text(value)}},
    "modules_blocked": lambda name, value: {"kernel_module": {"name": name, "blocked": bool(value)}},
    "mounts": lambda name, value: {"mount": {"path": name, "options": list(value["options"])}},
    "packages": lambda name, _value: {"package": {"name": name}},
    "permissions": lambda name, value: {"permissions": {"path": name, **{key: str(one) for key, one in value.items()}}},
    "sysctl": lambda name, value: {"sysctl": {"name": name, "value": kernel.normalised(value)}},
    "units_on": lambda name, _value: {"systemd_unit": {"name": name, "state": ["active", "activating"], "enabled": True}},
}


def _derived(facet: str, name: str, value: Any) -> Iterator[Check]:
    if facet in _CHECKS:
        yield _CHECKS[facet](name, value)
    elif facet == "sshd":
        wanted = [line.partition(" ")[2] for line in sshd.lines({name: value})]
        yield {"sshd": {"option": name, "includes" if name.lower() in sshd.CUMULATIVE else "value": wanted}}
    elif facet == "settings":
        separator = {"separator": value["separator"]} if "separator" in value else {}
        for key, wanted in value.get("values", {}).items():
            yield {"setting": {"path": name, "name": str(key), "value": _text(wanted), **separator}}
    elif facet == "units_off" and value:
        yield {"systemd_unit": {"name": name, "state": ["inactive", "failed"], "enabled": False}}


def _text(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def never(one: Control, host: Host) -> str:
    """Return why a control cannot apply to a host whatever is installed there, empty where it can."""
    if one.platforms and not set(one.platforms) & set(host.names):
        return f"only for {', '.join(one.platforms)}"
    return CONTAINER if host.container and not one.container else ""


def lacking(one: Control, host: Host) -> str:
    """Return what a host lacks of what a control needs, empty where it has all."""
    for kind in NEEDS:
        missing = set((host.missing or {}).get(kind, ()))
        for name in one.requires.get(kind, ()):
            if name in missing:
                return f"{name} is not installed" if kind != "paths" else f"there is no {name}"
    return ""


def plan(
    known: Mapping[str, Control], level: str, choices: Mapping[str, Any], overrides: Mapping[str, Mapping[str, Any]], host: Host
) -> Plan:
    """Return what a host gets.

    choices: `hardening_controls`. overrides: facet to the mapping of the role's own variable. Raises BadInput.
    """
    found = Plan(selected=selected(known, level, choices))
    found.asks = _asks(found.selected, overrides)
    hardening_names.refuse_unknown(overrides, {name for one in known.values() for name in one.writes.get("login_defs", {})})
    _refuse_unknown_sysctl(known, overrides.get("sysctl", {}), host)
    layers: dict[str, list[Mapping[str, Any]]] = {}
    for one in found.selected:
        reason = never(one, host) or lacking(one, host)
        if reason:
            found.reasons[one.id] = reason
            if set(one.writes) == BEFOREHAND and not never(one, host) and one.id not in host.waivers:
                layers.setdefault("sandbox", []).append(one.writes["sandbox"])
            continue
        for number, check in enumerate(one.observes or derived(one.writes), start=1):
            found.checks[f"{one.id}/{number}"] = dict(check)
        if one.id in host.waivers or not one.writes:
            continue
        found.written.append(one.id)
        changed = [facet for facet in OVERRIDES if _deviates(one.writes.get(facet, {}), overrides.get(facet, {}))]
        if changed:
            found.overridden[one.id] = f"hardening_{changed[0]}"
        for facet, values in one.writes.items():
            # No version means any; a null would take the package out of the merged mapping.
            any_version = {name: version or "*" for name, version in values.items()} if facet == "packages" else values
            layers.setdefault(facet, []).append(any_version)
    for facet in sorted({*layers, *(name for name, value in overrides.items() if value)}):
        found.facets[facet] = merge_layers([*layers.get(facet, []), overrides.get(facet, {})], f"hardening_{facet}")
    _observe_own(overrides, host, found)
    return found


def _deviates(writes: Mapping[str, Any], override: Mapping[str, Any]) -> bool:
    return any(name in override and override[name] != value for name, value in writes.items())


def _asks(controls: Iterable[Control], overrides: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return what the host has to be asked for; sshd always, for the proof that the user of the connection gets in."""
    names: dict[str, set[str]] = {kind: set() for kind in NEEDS}
    names["programs"].update(("sshd", "modprobe"))
    for one in controls:
        for kind, needed in one.requires.items():
            names[kind].update(needed)
    names["paths"].update(kernel.path_of(str(name)) for name, value in overrides.get("sysctl", {}).items() if value is not None)
    return {kind: sorted(found) for kind, found in names.items()}


def _refuse_unknown_sysctl(known: Mapping[str, Control], given: Mapping[str, Any], host: Host) -> None:
    """Raise BadInput for a kernel setting of the inventory that this kernel lacks; one of the catalogue is not applicable instead."""
    lacking = set((host.missing or {}).get("paths", ()))
    for name, value in given.items():
        if value is not None and kernel.path_of(str(name)) in lacking:
            names = {str(other) for one in known.values() for other in one.writes.get("sysctl", {})} - {str(name)}
            close = nearest(str(name), names)
            remedy = f"Did you mean {close!r}?" if close else "See sysctl -a on the host, or take it out of the variables of this host."
            raise bad_input(f"hardening_sysctl[{str(name)!r}]", value, "a setting that the host's kernel has", remedy)


def _observe_own(overrides: Mapping[str, Mapping[str, Any]], host: Host, found: Plan) -> None:
    """Add what the inventory itself declares to what is observed, so that it is proven like a control."""
    missing = set((host.missing or {}).get("programs", ()))
    for facet, program in (("sshd", "sshd"), ("sysctl", ""), ("modules_blocked", "modprobe"), ("login_defs", "")):
        given = {name: value for name, value in overrides.get(facet, {}).items() if value is not None}
        if not given:
            continue
        identifier = f"hardening_{facet}"
        own = Control(identifier, f"{identifier} is in effect", OWN, LEVELS[0], "The inventory asks for it.", writes={facet: given})
        found.selected.append(own)
        if program in missing:
            found.reasons[identifier] = f"{program} is not installed"
            continue
        found.written.append(identifier)
        for number, check in enumerate(derived(own.writes), start=1):
            found.checks[f"{identifier}/{number}"] = check
