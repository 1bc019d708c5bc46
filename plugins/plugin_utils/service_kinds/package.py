# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that a package of the distribution brings with its unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_unit_files
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_declared import Service

KEYS = ("unit",)
OWN_USER = False
PACKAGE_KEYS = ("name", "version", "extra")


def package_name(service: Service) -> str:
    """Return the name of the service's package on this host."""
    value = service.given["package"]
    name = value.get("name", service.name) if isinstance(value, Mapping) else value
    return service.text("package.name", service.here(name, "package.name"))


def unit(service: Service) -> str:
    """Return the unit that the package brings, by default of the package's name."""
    name = service.text("unit", service.given.get("unit", package_name(service)))
    return name if "." in name else "%s.service" % name


def parts(service: Service) -> dict[str, dict[str, Any]]:
    """Return the service's package with its version, and the further ones it names."""
    value = service.given["package"]
    given = value if isinstance(value, Mapping) else {}
    for key in given:
        if key not in PACKAGE_KEYS:
            raise unknown_name("key of a package", "a key of %s.package" % service.where, str(key), PACKAGE_KEYS)
    extra = given.get("extra") or []
    if not isinstance(extra, (list, tuple)):
        raise bad_input("%s.package.extra" % service.where, extra, "a list of packages", "Write extra: [name].")
    version = service.given.get("version", given.get("version"))
    return {"packages": {package_name(service): version, **{service.filled(str(name)): None for name in extra}}}


def unit_files(service: Service) -> dict[str, dict[str, Any]]:
    """Return a drop-in for the package's unit where the declaration has something to say in it."""
    return service_unit_files.drop_in(service, unit(service))


def restart_on(service: Service) -> list[str]:
    """Return the drop-in, which may be there although the declaration has nothing to say in it any more."""
    return [service_unit_files.drop_in_path(unit(service))]
