# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service from a release archive, under `/opt/<name>/releases/<version>` with the link `current`, in a unit of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_deploy, service_unit_files
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_declared import Service

KEYS = service_unit_files.KEYS
OWN_USER = True
RELEASE_KEYS = ("url", "sha256", "version", "strip", "keep", "binary", "signature", "installed")


def current(service: Service) -> str:
    """Return the link to the release in use."""
    return "/opt/%s/%s" % (service.name, service.colour or "current")


def unit(service: Service) -> str:
    """Return the service's own unit."""
    return service_unit_files.own_name(service)


def number_of(declared: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """Return the version of the release `given` of a declaration, by default the beginning of its checksum."""
    return str(declared.get("version", given.get("version", str(given.get("sha256"))[:12])))


def number(service: Service) -> str:
    """Return the version of the release."""
    return number_of(service.given, service.mapping("release"))


def version(service: Service) -> str:
    """Return what an error calls the version."""
    return "release %s" % number(service)


def release(service: Service) -> dict[str, Any]:
    """Return the release as the module `release` takes it."""
    given = service.mapping("release")
    for key in given:
        if key not in RELEASE_KEYS:
            raise unknown_name("key of a release", "a key of %s.release" % service.where, key, RELEASE_KEYS)
    for key in ("url", "sha256"):
        service.text("release.%s" % key, given.get(key))
    found = {**given, "url": service.filled(given["url"]), "version": number(service)}
    if isinstance(found.get("signature"), Mapping):
        found["signature"] = {**found["signature"], "url": service.filled(str(found["signature"].get("url") or ""))}
        found["signature"]["url"] = found["signature"]["url"].replace("{version}", found["version"])
    return {**found, "url": found["url"].replace("{version}", found["version"]), "place": "fleet_services.%s.release" % service.name}


def parts(service: Service) -> dict[str, dict[str, Any]]:
    """Return the release, and the user it runs as."""
    switched = {"link": False} if service_deploy.is_blue_green(service) else {}
    releases = {service.name: {"state": "absent"} if service.removing else {**release(service), **switched}}
    return {"releases": releases, "users": service.own_user()}


def unit_files(service: Service) -> dict[str, dict[str, Any]]:
    """Return the service's unit; a relative program is one of the release."""
    return service_unit_files.own(service, current(service))


def restart_on(service: Service) -> list[str]:
    """Return the link to the release in use."""
    return [current(service)]
