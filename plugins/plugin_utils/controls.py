# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controls as the catalogue holds them (docs/adr/0008): read once, judged, typed."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.module_utils.health import check_types
from ansible_collections.groundwork.fleet.plugins.plugin_utils import catalogue
from ansible_collections.groundwork.fleet.plugins.plugin_utils.layers import kind_of, merge_layers

KIND = "controls"
LEVELS = ("baseline", "strict", "high")
RISKS = ("lock_out", "reboot", "breaks")
STANDARDS = ("anssi_bp_028", "cis_debian_12", "disa_stig", "lynis", "manual", "rfc", "scap")
FACETS = (
    "files",
    "leftovers",
    "login_defs",
    "modules_blocked",
    "mounts",
    "packages",
    "pam",
    "password_ages",
    "permissions",
    "sandbox",
    "settings",
    "sshd",
    "sudo_group",
    "sysctl",
    "units_off",
    "units_on",
)
# What they do is seen elsewhere than where they write.
UNDERIVED = ("pam", "password_ages", "sandbox", "sudo_group")
NEEDS = ("paths", "programs", "units")
KEYS = (
    "area",
    "container",
    "level",
    "mend",
    "observes",
    "platforms",
    "rationale",
    "references",
    "requires",
    "risk",
    "title",
    "writes",
)
REQUIRED = ("title", "area", "level", "rationale")
MEND = "Apply the role hardening: `ansible-playbook groundwork.fleet.site --tags hardening`."
REMEDY = "See docs/adr/0008-controls-are-content.md."
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Control:
    """One control. platforms: names of platform files, none for all. requires: kind (programs, paths, units) to names.

    container: whether a container can take it. writes: facet to mapping. observes: health checks, none where they follow from `writes`.
    """

    id: str
    title: str
    area: str
    level: str
    rationale: str
    mend: str = MEND
    references: Mapping[str, list[str]] = field(default_factory=dict)
    risk: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    requires: Mapping[str, list[str]] = field(default_factory=dict)
    container: bool = True
    writes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    observes: tuple[Mapping[str, Any], ...] = ()


def _read(path: str) -> Any:
    # No template stands in a control, so PyYAML reads it: Ansible's own loader takes ten times as long.
    try:
        return yaml.load(Path(path).read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506  # the C twin of the safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise bad_input("catalogue file %s" % path, "line %d" % line, "YAML (%s)" % error.problem, "Quote what holds a colon.") from None


@functools.cache
def _entries(roots: tuple[Path, ...]) -> Mapping[str, Any]:
    return dict(catalogue.Entries(roots, KIND, _read))


def entries(roots: list[Path]) -> dict[str, Any]:
    """Return the entries of the catalogue by id, those of later directories laid over those of earlier ones. Raises BadInput."""
    return dict(_entries(tuple(roots)))


def _texts(where: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise bad_input(where, value, "a list of words", "Quote numbers; write a list also for one.")
    return list(value)


def _named(where: str, value: Any, known: tuple[str, ...], kind: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise bad_input(where, value, "a mapping", f"It is {kind_of(value)}. {REMEDY}")
    for name in value:
        if name not in known:
            raise unknown_name(kind, where, str(name), known)
    return dict(value)


def _choice(where: str, value: Any, known: tuple[str, ...], kind: str) -> str:
    if value not in known:
        raise unknown_name(kind, where, str(value), known)
    return str(value)


def _observes(where: str, value: Any) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(value, list):
        raise bad_input(where, value, "a list of health checks", REMEDY)
    for number, check in enumerate(value):
        here = f"{where}[{number}]"
        types = tuple(check_types())
        if not isinstance(check, Mapping) or len(set(check) - {"timeout"}) != 1:
            raise bad_input(here, check, "a mapping of one check type to its options", "Give each check an item of its own.")
        _named(here, check, (*types, "timeout"), "check type")
    return tuple(value)


def control(identifier: str, entry: Any) -> Control:
    """Return one entry as a control. Raises BadInput naming the key that is wrong."""
    where = f"control {identifier}"
    given = _named(where, entry, KEYS, "key of a control")
    for key in REQUIRED:
        if not isinstance(given.get(key), str) or not given[key].strip():
            raise bad_input(f"{where}: {key}", given.get(key), "a text", REMEDY)
    writes = _named(f"{where}: writes", given.get("writes", {}), FACETS, "facet")
    for facet, value in writes.items():
        if not isinstance(value, Mapping) or not value:
            raise bad_input(f"{where}: writes.{facet}", value, "a mapping that is not empty", REMEDY)
    observes = _observes(f"{where}: observes", given.get("observes", []))
    if not writes and not observes:
        raise bad_input(where, sorted(given), "`writes` or `observes`", "A control has to be observed.")
    if not observes and set(writes) & set(UNDERIVED):
        remedy = f"The effect of {', '.join(UNDERIVED)} does not follow from what is written."
        raise bad_input(f"{where}: observes", None, "health checks", remedy)
    if not isinstance(given.get("container", True), bool):
        raise bad_input(f"{where}: container", given["container"], "true or false", "Write it without quotes.")
    return Control(
        id=identifier,
        title=given["title"].strip(),
        area=given["area"].strip(),
        level=_choice(f"{where}: level", given["level"], LEVELS, "level"),
        rationale=" ".join(given["rationale"].split()),
        mend=" ".join(str(given.get("mend") or MEND).split()),
        references={
            name: _texts(f"{where}: references.{name}", value)
            for name, value in _named(f"{where}: references", given.get("references", {}), STANDARDS, "standard").items()
        },
        risk=tuple(_choice(f"{where}: risk", one, RISKS, "risk") for one in _texts(f"{where}: risk", given.get("risk", []))),
        platforms=tuple(_texts(f"{where}: platforms", given.get("platforms", []))),
        requires={
            name: _texts(f"{where}: requires.{name}", value)
            for name, value in _named(f"{where}: requires", given.get("requires", {}), NEEDS, "kind of need").items()
        },
        container=given.get("container", True),
        writes=writes,
        observes=observes,
    )


def controls(known: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Control]:
    """Return all controls by id, the mappings among `overrides` (`hardening_controls`) laid over their entries. Raises BadInput."""
    found = dict(known)
    for identifier, override in overrides.items():
        where = f"hardening_controls[{identifier!r}]"
        if identifier not in known:
            raise unknown_name("control", "hardening_controls", str(identifier), known)
        if isinstance(override, Mapping):
            found[identifier] = merge_layers([known[identifier], override], where)
        elif not isinstance(override, bool):
            raise bad_input(where, override, "true, false or a mapping that is laid over the control", REMEDY)
    return {identifier: control(identifier, entry) for identifier, entry in sorted(found.items())}
