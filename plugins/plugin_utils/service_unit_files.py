# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit files of a declared service: one of its own, or a drop-in for one that a package brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import health_input
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_files, service_unit
from ansible_collections.groundwork.fleet.plugins.plugin_utils import services as services_util
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_declared import Service

UNITS = "/etc/systemd/system"
#: What a service with a unit of its own takes.
KEYS = ("exec", "user", "group", "preset", "schedule", "instances")
SCHEDULE_KEYS = ("on_calendar", "persistent", "randomized_delay")

Files = dict[str, dict[str, Any]]


def settings(service: Service) -> service_unit.Directives:
    """Return environment, credentials and limits."""
    found = service_unit.environment("%s.environment" % service.where, service_files.environment(service, secret=False))
    return [
        *found,
        *secret_environment(service),
        *credentials(service),
        *service_unit.limits("%s.limits" % service.where, service.mapping("limits")),
    ]


def secret_environment(service: Service) -> service_unit.Directives:
    """Return where the variables with a secret in them are."""
    if not service_files.environment(service, secret=True):
        return []
    return [("EnvironmentFile", service_files.credential(service, service_files.ENVIRONMENT))]


def credentials(service: Service) -> service_unit.Directives:
    """Return how the service gets its secrets."""
    load = "LoadCredentialEncrypted" if service.encrypted else "LoadCredential"
    return [(load, "%s:%s" % (name, service_files.credential(service, name))) for name in service.mapping("secrets")]


def drop_in_path(unit: str) -> str:
    """Return where the drop-in for a unit that a package brings stands."""
    return "%s/%s.d/10-groundwork.conf" % (UNITS, unit)


def drop_in(service: Service, unit: str) -> Files:
    """Return a drop-in for a unit, none where the declaration has nothing to say in it."""
    lines = [*settings(service), *service_unit.overridden([], service.mapping("sandbox"))]
    if not lines:
        return {}
    path = drop_in_path(unit)
    return {path.rpartition("/")[0]: {"directory": True}, path: {"content": service_unit.laid_out({"Service": lines})}}


def own_name(service: Service) -> str:
    """Return the name of a unit of the service's own; that of a template where it has instances."""
    return "%s%s%s.service" % (service.name, "@" if service.instances or service.colour else "", service.colour)


def own(service: Service, directory: str) -> Files:
    """Return the units of a service that has its own, in the sandbox of its preset.

    directory: where it runs, and what a relative program is looked up in.
    """
    texts = {service.unit: _service(service, directory)}
    if service.preset.timer:
        texts[activator(service)] = _timer(service)
    if service.preset.socket:
        texts[activator(service)] = _socket(service)
    return {"%s/%s" % (UNITS, name): {"content": text} for name, text in texts.items()}


def activator(service: Service) -> str:
    """Return the timer or socket that starts the service, empty where it is started by itself."""
    kind = "timer" if service.preset.timer else "socket" if service.preset.socket else ""
    return kind and "%s.%s" % (service.name, kind)


def _service(service: Service, directory: str) -> str:
    writable = [service.filled(path) for path in service.mapping("directories")]
    sandbox = service_unit.sandbox(service.preset, service.ports(), writable)
    unit = [
        ("Description", _description(service)),
        ("Wants", "network-online.target"),
        ("After", "network-online.target"),
    ]
    if service.preset.socket:
        unit.append(("Requires", activator(service)))  # a new socket, and nobody who still has the old one
    if service.preset.restart == "no":
        running = [("Type", "oneshot")]
    else:
        unit += [("StartLimitIntervalSec", "60"), ("StartLimitBurst", "5")]
        running = [("Type", "exec"), ("Restart", service.preset.restart), ("RestartSec", "2")]
    sections = {
        "Unit": unit,
        "Service": [
            *running,
            ("User", service.user),
            ("Group", service.group),
            *commands(service, directory),
            *settings(service),
            *service_unit.overridden(sandbox, service.mapping("sandbox")),
        ],
    }
    if not activator(service):
        sections["Install"] = [("WantedBy", "multi-user.target")]
    text = service_unit.laid_out(sections)
    return text.replace(services_util.PLACE, "%i") if service.instances else text


def _description(service: Service) -> str:
    return str(service.given.get("description", service.name)) + (" (%i)" if service.instances else "")


def _timer(service: Service) -> str:
    """Return the timer of a job: `schedule: daily`, or a mapping of SCHEDULE_KEYS."""
    given = service.given["schedule"]
    schedule = given if isinstance(given, Mapping) else {"on_calendar": given}
    where = "%s.schedule" % service.where
    for key in schedule:
        if key not in SCHEDULE_KEYS:
            raise unknown_name("key of a schedule", "a key of %s" % where, str(key), SCHEDULE_KEYS)
    times = schedule.get("on_calendar")
    times = times if isinstance(times, (list, tuple)) else [times]
    persistent = schedule.get("persistent", True)
    if not isinstance(persistent, bool):
        raise bad_input("%s.persistent" % where, persistent, "true or false", "true makes up for a time at which the host was off.")
    timer = [("OnCalendar", service.text("schedule.on_calendar", one)) for one in times]
    timer.append(("Persistent", "yes" if persistent else "no"))
    if schedule.get("randomized_delay") is not None:
        delay = health_input.seconds(schedule["randomized_delay"], "%s.randomized_delay" % where)
        timer += [("RandomizedDelaySec", "%g" % delay), ("FixedRandomDelay", "yes")]
    sections = {"Unit": [("Description", "When to run %s" % service.name)], "Timer": timer, "Install": [("WantedBy", "timers.target")]}
    return service_unit.laid_out(sections)


def _socket(service: Service) -> str:
    """Return the socket of a service that is started by its first connection: its ports."""
    listens = []
    for number, item in enumerate(services_util.facet_items(service.name, service.given, "ports")):
        low, high = services_util.port_of("%s.ports[%d]" % (service.where, number), item)
        kind = "ListenDatagram" if item.get("protocol") == "udp" else "ListenStream"
        listens += [(kind, str(port)) for port in range(low, high + 1)]
    unit = [("Description", "Socket of %s" % service.name)]
    return service_unit.laid_out({"Unit": unit, "Socket": listens, "Install": [("WantedBy", "sockets.target")]})


def commands(service: Service, directory: str) -> service_unit.Directives:
    """Return working directory and commands."""
    program = service.text("exec", service.given.get("exec")).strip()
    found = [("WorkingDirectory", directory), ("ExecStart", program if program.startswith("/") else "%s/%s" % (directory, program))]
    reload = service.given.get("reload")
    if reload:
        found.append(("ExecReload", "/bin/kill -HUP $MAINPID" if reload is True else service.text("reload", reload)))
    return found
