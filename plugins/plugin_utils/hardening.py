# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hardening of one host: from the role's settings and what is known of the host to the whole plan."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import control_plan, controls, hardening_steps, waivers
from ansible_collections.groundwork.fleet.plugins.plugin_utils.settings import platform_names

SSH_CONNECTIONS = ("ssh", "smart", "paramiko", "paramiko_ssh", "ansible.netcommon.libssh")
CONTAINERS = ("docker", "podman", "container", "containerd", "lxc", "systemd-nspawn", "openvz")


def is_container(facts: Mapping[str, Any]) -> bool:
    """Tell from the facts whether a host shares its kernel with others."""
    return facts.get("virtualization_role") == "guest" and facts.get("virtualization_type") in CONTAINERS


def host_of(settings: Mapping[str, Any], variables: Mapping[str, Any], missing: Mapping[str, Any] | None) -> control_plan.Host:
    """Return what the plan has to know of a host."""
    facts = variables.get("ansible_facts", {})
    name, groups = str(variables.get("inventory_hostname", "")), variables.get("group_names", [])
    declared, today = settings.get("fleet", {}).get("waivers"), waivers.today()
    in_force, expired = waivers.in_force(declared, name, groups, today), waivers.expired(declared, name, groups, today)
    return control_plan.Host(
        names=tuple(platform_names(facts)),
        container=is_container(facts),
        waivers={identifier: waiver.mapping() for identifier, waiver in in_force.items()},
        waived_until={identifier: waiver.expires.isoformat() for identifier, waiver in expired.items()},
        missing=missing,
    )


def connection_of(settings: Mapping[str, Any], variables: Mapping[str, Any], host: control_plan.Host) -> hardening_steps.Connection:
    """Return how the controller reaches the host."""
    has_sshd = "sshd" not in (host.missing or {}).get("programs", ())
    return hardening_steps.Connection(
        ssh=has_sshd and variables.get("ansible_connection", "ssh") in SSH_CONNECTIONS,
        user=str(variables.get("ansible_user") or ""),
        port=int(variables.get("ansible_port") or 22),
        unit=str(settings.get("platform", {}).get("sshd_unit", "")) if has_sshd else "",
    )


def told(one: controls.Control, plan: control_plan.Plan, host: control_plan.Host) -> dict[str, Any]:
    """Return a control as results and reports take it."""
    return {
        "id": one.id,
        "title": one.title,
        "area": one.area,
        "level": one.level,
        "rationale": one.rationale,
        "mend": one.mend,
        "references": {name: list(identifiers) for name, identifiers in one.references.items()},
        "risk": list(one.risk),
        "applies": one.id not in plan.reasons,
        "why_not": plan.reasons.get(one.id, ""),
        "written": one.id in plan.written,
        "overridden": plan.overridden.get(one.id, ""),
        "waiver": dict(host.waivers[one.id]) if one.id in host.waivers else None,
        "waived_until": host.waived_until.get(one.id, ""),
    }


def planned(
    settings: Mapping[str, Any], variables: Mapping[str, Any], roots: list[Path], missing: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the plan of a host as the lookup control_plan gives it.

    settings: of the role hardening. variables: what Ansible knows of the host and the connection. roots: the catalogues.
    missing: what the module presence answered. Raises BadInput.
    """
    choices = settings.get("controls", {})
    known = controls.controls(controls.entries(roots), choices)
    waivers.refuse_unknown_controls(settings.get("fleet", {}).get("waivers"), known)
    host = host_of(settings, variables, missing)
    overrides = {facet: settings.get(facet) or {} for facet in control_plan.OVERRIDES}
    plan = control_plan.plan(known, settings["level"], choices, overrides, host)
    connection = connection_of(settings, variables, host)
    every = hardening_steps.known_facets(known.values())
    return {
        "asks": plan.asks,
        "controls": [told(one, plan, host) for one in plan.selected],
        "checks": plan.checks,
        "present": hardening_steps.present(plan.facets, every, plan.checks, connection),
        "absent": hardening_steps.absent(every, connection),
    }
