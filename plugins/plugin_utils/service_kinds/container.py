# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service from a container image, known by its digest, run by Podman or Docker under systemd."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import container_images
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import container_engine, service_container, service_unit_files
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_declared import Service

KEYS = ("exec",)
OWN_USER = False


def check(service: Service) -> None:
    """Refuse an image without a digest, and an archive without a checksum."""
    given = service_container.given(service)
    archive = given.get("archive")
    if archive is not None and not isinstance(archive, Mapping):
        raise bad_input("%s.container.archive" % service.where, archive, "a mapping of url and sha256", "Write {url: ..., sha256: ...}.")
    container_images.wanted({service.name: image(service)})


def engine(service: Service) -> container_engine.Engine:
    """Return the engine that runs it on this host."""
    asked = service_container.given(service).get("engine", "auto")
    return container_engine.chosen(asked, service.looks, service.platforms, "%s.container.engine" % service.where)


def image(service: Service) -> dict[str, Any]:
    """Return the image as the module `container_images` takes it."""
    given = service_container.given(service)
    found = {"image": given["image"], "engine": engine(service).name}
    return {**found, "archive": dict(given["archive"])} if isinstance(given.get("archive"), Mapping) else found


def unit(service: Service) -> str:
    """Return the service's own unit."""
    return service_unit_files.own_name(service)


def parts(service: Service) -> dict[str, dict[str, Any]]:
    """Return the image and the packages of its engine."""
    if service.removing:
        return {"images": {service.name: {"state": "absent"}}}
    return {"images": {service.name: image(service)}, "packages": dict.fromkeys(engine(service).packages)}


def unit_files(service: Service) -> dict[str, dict[str, Any]]:
    """Return the file that makes the unit; of both forms for a removal."""
    if service.removing:
        return service_container.all_paths(service)
    return service_container.unit_files(service, engine(service))
