# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the declaration of services to what the role `services` hands to packages, releases, users, files, units and checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import unit_instances
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import (
    container_engine,
    service_deploy,
    service_files,
    service_hooks,
    service_kinds,
    service_steps,
    service_unit_files,
)
from ansible_collections.groundwork.fleet.plugins.plugin_utils import services as services_util
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_declared import Found, Service

#: What systemd makes units of: units, drop-ins for those of packages, and quadlets.
UNIT_FILE = re.compile(
    r"^(/etc/systemd/system/[^/\s]+\.(service|timer|socket)(\.d/[^/\s]+\.conf)?|/etc/containers/systemd/[^/\s]+\.container)$"
)
SECTIONS = (
    "packages",
    "releases",
    "users",
    "files",
    "images",
    "deployments",
    "restore",
    "looks",
    "restore_looks",
    "units",
    "checks",
    "hooks",
    "hook_files",
    "prune",
    "prune_first",
)


def empty_plan() -> dict[str, dict[str, Any]]:
    """Return a plan that asks for nothing."""
    return {key: {} for key in SECTIONS}


def service_plan(
    services: object,
    platforms: Iterable[str] = (),
    state: str = "present",
    template: Found = str,
    encrypted: bool = False,
    looks: Mapping[str, Any] | None = None,
    once: Iterable[str] | None = None,
    is_secret: Callable[[str], bool] = lambda _text: False,
) -> dict[str, Any]:
    """Return what the services amount to.

    platforms: names of the host's platform, the most general first ("Debian", "Debian-12").
    state: present gives those to have; absent those declared to be removed; all every one, as for a removal of all.
    template: turns the name of a template into where it is.
    encrypted: whether the host keeps secrets encrypted, by its TPM or its own key.
    is_secret: tells whether a text has a secret in it.
    looks: what the host was asked before (`looks_of`), name to what `observe` found; empty where it was not.
    once: the services of which this host runs the hooks that run once per group; None for all.
    """
    if not isinstance(services, Mapping):
        raise bad_input("services_declared", services, "a mapping of name to declaration", "Write name: {...} for each service.")
    plan = empty_plan()
    commands: list[str] = []
    steps: dict[str, list[dict[str, Any]]] = {moment: [] for moment in service_steps.MOMENTS}
    for name, declaration in services.items():
        absent = isinstance(declaration, Mapping) and services_util.is_absent(declaration)
        if state != "all" and absent != (state == "absent"):  # the other plan judges it
            continue
        service = Service(str(name), declaration, list(platforms), template, encrypted, state != "present", looks, is_secret)
        _add(service, plan)
        if state == "present":
            _add_hooks(service, plan, once)
        commands += service.list_of("validate")
        for path, entry in service_files.undeclared(service).items():
            plan["files"].setdefault(path, entry)
        for moment, found in service_steps.declared(service).items() if not service.removing else ():
            steps[moment] += found
    return {**plan, "looks": looks_of(services), "validate": [*_verified(plan["files"]), *commands], **steps}


def _verified(files: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the validator that has systemd judge the units among the files; none where there is none."""
    units = [path for path, entry in files.items() if UNIT_FILE.match(path) and {"content", "template", "source"} & set(entry)]
    return [" ".join(["systemd-analyze", "verify", *("{%s}" % path for path in units)])] if units else []


def looks_of(services: object) -> dict[str, dict[str, Any]]:
    """Return what the host has to be asked before a plan can be made of its services, as the module `observe` takes it."""
    declared = services.values() if isinstance(services, Mapping) else ()
    present = [one for one in declared if isinstance(one, Mapping) and not services_util.is_absent(one)]
    return dict(container_engine.LOOKS) if any(one.get("container") is not None for one in present) else {}


def _add(service: Service, plan: dict[str, dict[str, Any]]) -> None:
    """Add what this service needs to the plan."""
    files = service_files.declared(service)
    plan["prune"][service.name] = [] if service.removing else service_files.of_instances(service)
    own = service_files.credentials(service)
    for section, found in service.kind.parts(service).items():
        plan[section].update(found)
    plan["packages"].update({name: plan["packages"].get(name) for name in service.list_of("requires")})
    if service.kind_name == "package":  # what it no longer says of the package's unit goes before that is judged
        said = {} if service.removing else service.kind.unit_files(service)
        plan["prune_first"]["drop-in of %s" % service.name] = sorted(said)
    taking_turns = service_deploy.is_blue_green(service)
    own.update(service_deploy.add(service, plan) if taking_turns else service.kind.unit_files(service))
    if service.removing:
        restored = service_files.restored(service)
        plan["restore"].update(restored)
        plan["restore_looks"].update({path: {"argv": ["test", "-e", entry["link"]], "may_fail": True} for path, entry in restored.items()})
        names = [service_unit_files.activator(service), *service.units, *_other_instances(service)]
        plan["units"].update({name: {"state": "stopped", "enabled": False} for name in names if name})
    else:
        written = [path for path, entry in own.items() if not entry.get("directory")]
        plan["units"].update({} if taking_turns else _units_wanted(service, written))
        plan["units"].update({name: {"state": "stopped", "enabled": False} for name in _other_instances(service)})
        checks = _checks(service, [] if taking_turns else _own_checks(service))
        plan["checks"].update(checks)
        if taking_turns:
            plan["deployments"][service.name]["checks"] = checks
    for path, entry in {**files, **own}.items():
        if plan["files"].get(path, entry) != entry:
            raise bad_input("%s.files" % service.where, path, "a path that no other service of the host writes", "Rename one of the two.")
        plan["files"][path] = entry


def _other_instances(service: Service) -> list[str]:
    """Return what stands for the instances that were taken out of the declaration, as the module `units` takes it."""
    return [service.unit.replace("@.", unit_instances.ANY)] if service.instances else []


def _add_hooks(service: Service, plan: dict[str, dict[str, Any]], once: Iterable[str] | None) -> None:
    further = service_kinds.optional(service.kind, "restart_on")
    paths = [*(further(service) if further else []), *plan["deployments"].get(service.name, {}).get("watch", [])]
    hooks = service_hooks.declared(service, paths, once)
    if hooks:
        plan["hooks"][service.name] = hooks
        plan["hook_files"].update(service_files.credentials(service))


def _units_wanted(service: Service, own: list[str]) -> dict[str, dict[str, Any]]:
    """Return the units as the module `units` takes them: what makes them restart, and what only reload."""
    further = service_kinds.optional(service.kind, "restart_on")
    activator = service_unit_files.activator(service)
    activating = "%s/%s" % (service_unit_files.UNITS, activator)
    restart = list(dict.fromkeys([path for path in own if path != activating] + (further(service) if further else [])))
    found: dict[str, dict[str, Any]] = {}
    watch = {"stable_for": service.stable_for, "about": service.about}
    if activator:
        found[activator] = {"state": "started", "enabled": True, "restart_on": [activating], **watch}
    for unit, instance in service.units.items() if not service.preset.timer else ():
        watched = service_files.watched(service, instance)
        wanted = {} if activator else {"state": "started", "enabled": True}
        found[unit] = {
            **wanted,
            "restart_on": restart + [path for path, reaction in watched.items() if reaction == "restart"],
            "reload_on": [path for path, reaction in watched.items() if reaction == "reload"],
            **watch,
        }
    return found


def _checks(service: Service, otherwise: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the declared health checks, or these where none is declared."""
    items = services_util.facet_items(service.name, service.given, "health") or otherwise
    checks = [{key: value for key, value in item.items() if key != "stable_for"} for item in items]  # `units` watches for so long
    return {"%s-%d" % (service.name, number): {"retries": 15, "delay": "1s", **item} for number, item in enumerate(checks, 1)}


def _own_checks(service: Service) -> list[dict[str, Any]]:
    """Return a check that its units run, or what starts them."""
    activator = service_unit_files.activator(service)
    return [{"systemd_unit": {"name": name}} for name in ([activator] if activator else service.units)]
