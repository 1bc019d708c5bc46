# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit files of a declared service: one of its own, or a drop-in for one that a package brings."""

from __future__ import annotations

from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_files, service_unit
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_declared import Service

UNITS = "/etc/systemd/system"

Files = dict[str, dict[str, Any]]


def settings(service: Service) -> service_unit.Directives:
    """Return environment, credentials and limits."""
    load = "LoadCredentialEncrypted" if service.encrypted else "LoadCredential"
    secrets = service.mapping("secrets")
    return [
        *service_unit.environment("%s.environment" % service.where, service.mapping("environment")),
        *((load, "%s:%s" % (name, service_files.credential(service, name))) for name in secrets),
        *service_unit.limits("%s.limits" % service.where, service.mapping("limits")),
    ]


def drop_in(service: Service, unit: str) -> Files:
    """Return a drop-in for a unit, none where the declaration has nothing to say in it."""
    lines = [*settings(service), *service_unit.overridden([], service.mapping("sandbox"))]
    if not lines:
        return {}
    directory = "%s/%s.d" % (UNITS, unit)
    text = service_unit.laid_out({"Service": lines})
    return {directory: {"directory": True}, directory + "/10-groundwork.conf": {"content": text}}


def own(service: Service, unit: str, directory: str) -> Files:
    """Return a unit of the service's own, in the sandbox of its preset.

    directory: where it runs, and what a relative program is looked up in.
    """
    writable = [service.filled(path) for path in service.mapping("directories")]
    sandbox = service_unit.sandbox(str(service.given.get("preset", "strict")), service.ports(), writable)
    text = service_unit.laid_out(
        {
            "Unit": [
                ("Description", str(service.given.get("description", service.name))),
                ("Wants", "network-online.target"),
                ("After", "network-online.target"),
                ("StartLimitIntervalSec", "60"),
                ("StartLimitBurst", "5"),
            ],
            "Service": [
                ("Type", "exec"),
                ("User", service.user),
                ("Group", service.group),
                *commands(service, directory),
                ("Restart", "on-failure"),
                ("RestartSec", "2"),
                *settings(service),
                *service_unit.overridden(sandbox, service.mapping("sandbox")),
            ],
            "Install": [("WantedBy", "multi-user.target")],
        }
    )
    return {"%s/%s" % (UNITS, unit): {"content": text}}


def commands(service: Service, directory: str) -> service_unit.Directives:
    """Return working directory and commands."""
    program = service.text("exec", service.given.get("exec")).strip()
    found = [("WorkingDirectory", directory), ("ExecStart", program if program.startswith("/") else "%s/%s" % (directory, program))]
    reload = service.given.get("reload")
    if reload:
        found.append(("ExecReload", "/bin/kill -HUP $MAINPID" if reload is True else service.text("reload", reload)))
    return found
