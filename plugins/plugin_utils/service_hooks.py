# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hooks of a declared service, as the step `deploy_hooks` takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import health_input
from ansible_collections.groundwork.fleet.plugins.module_utils.deploy_hooks import AFTER, BEFORE
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_files, service_kinds
from ansible_collections.groundwork.fleet.plugins.plugin_utils import services as services_util
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_declared import Service

HOOKS = (*BEFORE, *AFTER)
OPTIONS = ("argv", "user", "timeout", "once_per")
ONCE = ("host", "group")


def declared(service: Service, paths: Iterable[str], once: Iterable[str] | None) -> dict[str, Any]:
    """Return the service's hooks, with what makes it a deployment; empty where it has none. Raises BadInput.

    paths: what else than a restart of its units is a deployment. once: the services of which this host runs the hooks that run once
    per group; None for all.
    """
    given, where = service.mapping("hooks"), "%s.hooks" % service.where
    for key in given:
        if key not in HOOKS:
            raise unknown_name("hook", "a key of %s" % where, key, HOOKS)
    if given.get("drain") and not given.get("undrain"):
        raise bad_input(where + ".undrain", None, "a hook beside drain", "Without it the service would stay out of the load balancer.")
    skipped = once is not None and service.name not in once
    secrets = _secrets(service) if given else {}
    found = {}
    for key, hook in given.items():
        options = _options(service, "%s.%s" % (where, key), hook)
        if not (options.pop("once_per") == "group" and skipped):
            found[key] = {**options, **secrets}
    return {**found, "units": list(service.units), "paths": list(paths)} if found else {}


def _secrets(service: Service) -> dict[str, Any]:
    """Return where the service's secrets are on the host, for systemd to hand them to a hook; empty where it has none."""
    declared = service.mapping("secrets")
    variables = service_files.environment(service, secret=True)
    if not declared and not variables:
        return {}
    file = service_files.credential(service, service_files.ENVIRONMENT) if variables else ""
    paths = {name: service_files.credential(service, name) for name in declared}
    return {"credentials": paths, "encrypted": service.encrypted, "environment_file": file}


def _options(service: Service, where: str, hook: object) -> dict[str, Any]:
    """Return a hook; a list is its command alone."""
    options = dict(hook) if isinstance(hook, Mapping) else {"argv": hook}
    for option in options:
        if option not in OPTIONS:
            raise unknown_name("option of a hook", "an option of %s" % where, str(option), OPTIONS)
    argv = options.get("argv")
    if not isinstance(argv, (list, tuple)) or not argv or not all(isinstance(word, (str, int)) for word in argv):
        remedy = "Write [program, argument] or {argv: [...], user: ..., timeout: 5m}; there is no shell."
        raise bad_input(where, argv, "a list of words that starts with a program", remedy)
    once_per = options.get("once_per", "host")
    if once_per not in ONCE:
        raise unknown_name("choice", "%s.once_per" % where, str(once_per), ONCE)
    user = options.get("user") or (service.user if service.kind.OWN_USER else "root")
    timeout = health_input.seconds(options.get("timeout", "5m"), "%s.timeout" % where)
    return {"argv": _argv(service, argv), "user": str(user), "timeout": timeout, "once_per": once_per}


def _argv(service: Service, argv: Iterable[object]) -> list[str]:
    """Return the words with `{release}` and `{version}` filled in; a relative program with a directory is one of the new release."""
    number = service_kinds.optional(service.kind, "number")
    version = number(service) if number else str(service.given.get("version", ""))
    release = "/opt/%s/releases/%s" % (service.name, version) if service.kind_name == "release" else ""
    words = [service.filled(str(word)).replace("{version}", version) for word in argv]
    words = [word.replace("{release}", release) if release else word for word in words]
    if release and "/" in words[0] and not words[0].startswith("/"):
        words[0] = "%s/%s" % (release, words[0])
    return words


def any_declared(variables: Mapping[str, Any], catalogue: Mapping[str, Any]) -> bool:
    """Tell whether a service of a host may have a hook, from its layers as they are: who judges and merges them takes far longer."""
    for layer in (variables.get(name) for name in services_util.LAYERS):
        if not isinstance(layer, Mapping):
            if layer is not None:
                return True  # that is told where it is judged
            continue
        for service in layer.values():
            if isinstance(service, Mapping):
                entry = catalogue.get(str(service.get("catalogue")))
                if service.get("hooks") or (isinstance(entry, Mapping) and entry.get("hooks")):
                    return True
    return False


def of_first_hosts(declarations: Mapping[str, Any], hosts: Iterable[str], host: str) -> list[str]:
    """Return the services of which `host` is the first of the hosts of the run, in their order, that has them.

    declarations: host to a function that returns its services, asked only where a service has a hook that runs once per group.
    """
    mine = declarations[host]()
    found = []
    for name, service in mine.items():
        hooks = service.get("hooks") if isinstance(service, Mapping) and not services_util.is_absent(service) else None
        if not isinstance(hooks, Mapping) or not any(
            isinstance(hook, Mapping) and hook.get("once_per") == "group" for hook in hooks.values()
        ):
            continue
        first = next((one for one in hosts if one == host or _has(declarations[one], name)), host)
        if first == host:
            found.append(name)
    return found


def _has(services: Any, name: str) -> bool:
    try:
        return name in services() and not services_util.is_absent(services()[name])
    except BadInput:
        return False  # that host fails by itself
