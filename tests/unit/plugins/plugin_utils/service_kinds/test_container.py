# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_kinds

from tests.unit.declared_orders import plan

IMAGE = "registry.example.org/shop@sha256:" + "a" * 64
ARCHIVE = {"url": "/shop.tar", "sha256": "b" * 64}


def test_a_container_asks_for_its_image_and_for_the_packages_of_its_engine():
    found = plan({"container": {"image": IMAGE, "archive": ARCHIVE}}, name="shop")
    assert found["images"] == {"shop": {"image": IMAGE, "engine": "podman", "archive": ARCHIVE}}
    assert "podman" in found["packages"]


def test_it_needs_no_package_where_docker_is_there():
    looks = {"container_docker": {"rc": 0, "stdout": "Docker version 28.2.2"}}
    found = plan({"container": {"image": IMAGE}}, name="shop", looks=looks)
    assert found["images"]["shop"]["engine"] == "docker" and found["packages"] == {}


def test_it_runs_as_no_user_of_the_host():
    assert not service_kinds.kind("container").OWN_USER
