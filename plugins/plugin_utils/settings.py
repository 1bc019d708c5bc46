# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role's settings: its argument spec with the defaults filled in, the types coerced and the platform's values added."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, unknown_name

COLLECTION = Path(__file__).parents[2]
FLEET_SPEC = COLLECTION / "catalogue" / "variables" / "fleet.yml"

PLATFORM_FACTS = ("os_family", "distribution", "distribution_version", "distribution_major_version")

Spec = Mapping[str, Mapping[str, Any]]
LoadYaml = Callable[[Path], Any]
Render = Callable[[Any], Any]


def role_directory(role: str) -> Path:
    """Return the directory of one of this collection's roles. Raises BadInput with the nearest name for another."""
    directory = COLLECTION / "roles" / role
    if not (directory / "meta" / "argument_specs.yml").is_file():
        known = [path.parent.parent.name for path in COLLECTION.glob("roles/*/meta/argument_specs.yml")]
        raise unknown_name("role", "settings", role, known)
    return directory


def role_spec(role: str, load_yaml: LoadYaml) -> Spec:
    """Return the options of the role's `main` entry point by name."""
    data = load_yaml(role_directory(role) / "meta" / "argument_specs.yml")
    options: Spec = data["argument_specs"]["main"].get("options", {})
    return options


def fleet_spec(load_yaml: LoadYaml) -> Spec:
    """Return the shared `fleet_*` options by name."""
    options: Spec = load_yaml(FLEET_SPEC) if FLEET_SPEC.is_file() else {}
    return options


def coerced(spec: Spec, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of `spec` with defaults and types. Raises BadInput naming the option that does not fit."""
    result = ArgumentSpecValidator(dict(spec)).validate(dict(given))
    if result.error_messages:
        raise BadInput("; ".join(result.error_messages))
    values: dict[str, Any] = result.validated_parameters
    return values


def without_prefix(values: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return `values` with `prefix_` taken off each key."""
    return {name.removeprefix(prefix + "_"): value for name, value in values.items()}


def given_values(spec: Spec, variables: Mapping[str, Any], render: Render) -> dict[str, Any]:
    """Return for each option of `spec` what the inventory says, or its rendered default where it says nothing."""
    values = {}
    for name, option in spec.items():
        if name in variables:
            values[name] = render(variables[name])
        elif option.get("default") is not None:
            values[name] = render(option["default"])
    return values


def platform_names(facts: Mapping[str, Any]) -> list[str]:
    """Return the names of the platform files that fit a host, the most general first.

    facts: the host's `ansible_facts`; os_family, distribution and distribution_major_version are read.
    """
    family = facts.get("os_family")
    distribution = facts.get("distribution")
    major = facts.get("distribution_major_version")
    names = [family, distribution, f"{distribution}-{major}" if distribution else None]
    return list(dict.fromkeys(name for name in names if name))


def work_directories(role: str, load_yaml: LoadYaml) -> dict[str, str]:
    """Return where a role keeps what it works with, by family of distributions."""
    files = {path.stem: load_yaml(path) for path in sorted((role_directory(role) / "platforms").glob("*.yml"))}
    return {family: str(values["work_directory"]) for family, values in files.items() if "work_directory" in (values or {})}


def platform_values(role: str, facts: Mapping[str, Any], load_yaml: LoadYaml) -> dict[str, Any]:
    """Return the role's values for the host's platform, {} for a role that has no platform files.

    Raises BadInput where the role has platform files, but none for this host.
    """
    files = {path.stem: path for path in (role_directory(role) / "platforms").glob("*.yml")}
    names = [name for name in platform_names(facts) if name in files]
    if files and not facts:
        raise bad_input("ansible_facts", facts, "the gathered facts of the host", "Gather facts before the role (gather_facts: true).")
    if files and not names:
        raise bad_input(
            "ansible_facts.distribution",
            " ".join(str(facts.get(key)) for key in ("distribution", "distribution_version")),
            f"a platform of the role {role}: {', '.join(sorted(files))}",
            "Take the host out of the role's group or add a platform file.",
        )
    values: dict[str, Any] = {}
    for name in names:
        values.update(load_yaml(files[name]) or {})
    return values
