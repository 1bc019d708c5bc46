# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import container_engine

DEBIAN = ["Debian", "Debian-12"]


def looks(podman="", docker="", offered="", cgroup2=True):
    said = {"container_podman": podman, "container_docker": docker, "container_offered": offered}
    found = {name: {"rc": 0 if text else 127, "stdout": text} for name, text in said.items()}
    return {**found, "container_cgroup2": {"rc": 0 if cgroup2 else 1, "stdout": ""}}


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("podman version 4.3.1", (4, 3)),
        ("Docker version 20.10.24+dfsg1, build 297e128", (20, 10)),
        ("podman:\n  Installed: (none)\n  Candidate: 5.4.2+ds1-2+b2\n", (5, 4)),
        ("podman:\n  Installed: (none)\n  Candidate: (none)\n", (0, 0)),
        ("", (0, 0)),
    ],
)
def test_versions_are_read_from_what_programs_say(text, version):
    assert container_engine.version(text) == version


def test_a_podman_with_quadlets_gets_a_quadlet():
    engine = container_engine.chosen("auto", looks(podman="podman version 5.4.2", docker="Docker version 20.10.24"), DEBIAN)
    assert (engine.name, engine.quadlet, engine.cgroup2, engine.packages) == ("podman", True, True, ("podman", "crun", "netavark"))


def test_an_older_podman_gets_a_unit():
    engine = container_engine.chosen("auto", looks(podman="podman version 4.3.1", cgroup2=False), DEBIAN)
    assert (engine.name, engine.quadlet, engine.cgroup2, engine.packages) == ("podman", False, False, ("podman", "crun"))


def test_where_no_engine_is_the_one_that_is_offered_decides():
    assert not container_engine.chosen("auto", looks(offered="  Candidate: 4.3.1+ds1-8"), DEBIAN).quadlet
    assert container_engine.chosen("auto", looks(offered="  Candidate: 4.9.3"), DEBIAN).quadlet


def test_docker_is_taken_where_podman_is_not():
    engine = container_engine.chosen("auto", looks(docker="Docker version 20.10.24", offered="  Candidate: 4.3.1"), DEBIAN)
    assert (engine.name, engine.quadlet, engine.packages, engine.program) == ("docker", False, (), "/usr/bin/docker")


def test_docker_is_installed_where_it_is_asked_for():
    assert container_engine.chosen("docker", looks(podman="podman version 5.4.2"), DEBIAN).packages == ("docker.io",)


def test_a_host_that_was_not_asked_and_one_without_apt_has_quadlets():
    assert container_engine.chosen("auto", {}, ["RedHat"]).packages == ("podman",)
    assert container_engine.chosen("auto", {}, DEBIAN).quadlet


def test_another_engine_is_refused():
    with pytest.raises(BadInput, match="Did you mean 'podman'"):
        container_engine.chosen("podmam", {}, DEBIAN)
