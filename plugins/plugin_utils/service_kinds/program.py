# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service or job from a program that the host has, or that packages bring, in a unit of its own."""

from __future__ import annotations

from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_unit_files
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_declared import Service

KEYS = service_unit_files.KEYS
OWN_USER = True
PROGRAM_KEYS = ("packages",)


def check(service: Service) -> None:
    """Refuse a program without a path: there is no directory to look it up in."""
    program = service.given.get("exec")
    if not isinstance(program, str) or not program.strip().startswith("/"):
        raise bad_input(
            "%s.exec" % service.where, program, "a command with the full path of its program", "Write /usr/bin/…, arguments after it."
        )


def unit(service: Service) -> str:
    """Return the service's own unit."""
    return service_unit_files.own_name(service)


def parts(service: Service) -> dict[str, dict[str, Any]]:
    """Return the packages it needs, and the user it runs as."""
    given = service.mapping("program")
    for key in given:
        if key not in PROGRAM_KEYS:
            raise unknown_name("key of a program", "a key of %s.program" % service.where, key, PROGRAM_KEYS)
    packages = given.get("packages") or []
    if not isinstance(packages, (list, tuple)):
        raise bad_input("%s.program.packages" % service.where, packages, "a list of packages", "Write packages: [name].")
    return {"packages": {service.filled(str(name)): None for name in packages}, "users": service.own_user()}


def unit_files(service: Service) -> dict[str, dict[str, Any]]:
    """Return the service's units."""
    return service_unit_files.own(service, "/")
