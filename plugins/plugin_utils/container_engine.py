# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which container engine a host has or gets, told by what it says of itself before anything is changed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import unknown_name

ENGINES = ("auto", "podman", "docker")
QUADLET_SINCE = (4, 4)  # podman-systemd.unit(5) came with Podman 4.4
NETAVARK_SINCE = (5, 0)  # Podman 5 has no other network; Debian's package only recommends it

#: What the host is asked before a plan with containers is made; all of it may fail.
LOOKS: dict[str, dict[str, Any]] = {
    "container_podman": {"argv": ["podman", "--version"], "may_fail": True},
    "container_docker": {"argv": ["docker", "--version"], "may_fail": True},
    "container_offered": {"argv": ["apt-cache", "policy", "podman"], "may_fail": True},
    "container_cgroup2": {"argv": ["test", "-e", "/sys/fs/cgroup/cgroup.controllers"], "may_fail": True},
}


@dataclass(frozen=True)
class Engine:
    """The engine of a host. quadlet: whether systemd makes units from its `.container` files. cgroup2: whether the host has one hierarchy.

    packages: what has to be there.
    """

    name: str = "podman"
    quadlet: bool = True
    cgroup2: bool = True
    packages: tuple[str, ...] = ("podman",)

    @property
    def program(self) -> str:
        """Return the path of its program."""
        return "/usr/bin/%s" % self.name


def version(text: str) -> tuple[int, int]:
    """Return major and minor version in "podman version 4.3.1", or in the candidate of apt-cache policy; (0, 0) for none."""
    found = re.search(r"(?:version|Candidate:)\s+(?:\d+:)?(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def chosen(asked: object, looks: Mapping[str, Any], platforms: Sequence[str], where: str = "container.engine") -> Engine:
    """Return the engine for a service.

    asked: auto takes Podman, but Docker where the host has that and not Podman. looks: name in LOOKS to what `observe` found of it, empty
    before the host was asked: it counts as one without any engine then. platforms: names of the host's, the most general first.
    Raises BadInput for another name.
    """
    if asked not in ENGINES:
        raise unknown_name("container engine", where, str(asked), ENGINES)

    def said(name: str) -> str:
        look = looks.get(name) or {}
        return str(look.get("stdout", "")) if look.get("rc") == 0 else ""

    cgroup2 = (looks.get("container_cgroup2") or {}).get("rc", 0) == 0
    podman, docker = version(said("container_podman")), version(said("container_docker"))
    if asked == "docker" or (asked == "auto" and docker > (0, 0) and podman == (0, 0)):
        missing = ("docker.io",) if "Debian" in platforms else ("docker",)
        return Engine("docker", False, cgroup2, () if docker > (0, 0) else missing)
    if podman == (0, 0):
        podman = version(said("container_offered"))
    unknown = podman == (0, 0)  # no apt, or no lists yet: what this collection runs on elsewhere has a newer one
    return Engine("podman", unknown or podman >= QUADLET_SINCE, cgroup2, _packages(podman, platforms))


def _packages(podman: tuple[int, int], platforms: Sequence[str]) -> tuple[str, ...]:
    if "Debian" not in platforms:
        return ("podman",)
    return ("podman", "crun", "netavark") if podman >= NETAVARK_SINCE or podman == (0, 0) else ("podman", "crun")
