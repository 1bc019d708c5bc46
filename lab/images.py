# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images of the lab's hosts: minimal systems with what the fleet installs in their package cache.

Debian's are made from the distribution's packages and need no registry. Others are made from official base images, and only when asked for.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import docker
from docker.errors import ImageNotFound

from lab import base_images
from lab.base_images import BOOT_UNIT_NAME, Distribution
from lab.console import CACHE, LabError, as_root, call, nearest, say

REPOSITORY = "groundwork-lab"
LABEL = "groundwork.recipe"
LOGIN = "deploy"

# A host as a provider hands it over: it boots, takes SSH and has Python and sudo; nothing else.
INSTALLED = (
    "systemd",
    "systemd-sysv",
    "dbus",
    "openssh-server",
    "python3-minimal",
    "python3",
    "sudo",
    "iproute2",
    "ca-certificates",
    "kmod",
    "procps",
)
# Only downloaded: converging the fleet then needs no network.
DOWNLOADED = (
    "aide", "apt-listchanges", "apt-utils", "chrony", "cracklib-runtime", "cron", "curl", "debsums", "gnupg", "libpam-pwquality",
    "libpam-tmpdir", "logrotate", "needrestart", "nftables", "nginx-light", "nginx", "openssl", "postgresql",
    "prometheus", "prometheus-alertmanager", "prometheus-nginx-exporter", "prometheus-node-exporter", "prometheus-postgres-exporter",
    "rsyslog", "rsyslog-gnutls", "rsyslog-openssl", "stunnel4", "unattended-upgrades",
)  # fmt: skip

# What only services need: their scenarios run on Debian.
OF_SERVICES = ("chrony", "nginx", "postgresql", "prometheus", "rsyslog", "stunnel4")
DOWNLOADED_ELSEWHERE = tuple(name for name in DOWNLOADED if not name.startswith(OF_SERVICES))
INSTALLED_RPM = (
    "systemd",
    "dbus",
    "openssh-server",
    "openssh-clients",
    "python3",
    "sudo",
    "iproute",
    "ca-certificates",
    "kmod",
    "procps-ng",
    "shadow-utils",
    "util-linux",
)

# A real host's root is a shared mount; without that LoadCredential= leaves its directory empty.
BOOT_UNIT = """[Unit]
Description=What a container lacks of a host
DefaultDependencies=no
Before=sysinit.target ssh.service

[Service]
Type=oneshot
ExecStart=/usr/bin/mount --make-rshared /
ExecStart=/usr/bin/ssh-keygen -A
RemainAfterExit=yes

[Install]
WantedBy=sysinit.target
"""


class Made:
    """A recipe of either kind; its digest says whether an image is of today's recipe."""

    tag: str

    @property
    def image(self) -> str:
        return f"{REPOSITORY}:{self.tag}"

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(self.ingredients(), sort_keys=True).encode()).hexdigest()[:16]

    def ingredients(self) -> dict[str, Any]:
        """Return all that the image depends on."""
        raise NotImplementedError


@dataclass(frozen=True)
class Recipe(Made):
    """How an image is made from the packages of a suite of Debian."""

    tag: str
    suite: str
    installed: tuple[str, ...] = INSTALLED
    downloaded: tuple[str, ...] = DOWNLOADED
    boot_unit: str = BOOT_UNIT
    version: int = 2

    def ingredients(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Derived(Made):
    """How an image is made from an official base image. base: another name for it, where the environment gives one."""

    tag: str
    distribution: Distribution
    base: str = ""
    boot_unit: str = BOOT_UNIT
    version: int = 1

    def ingredients(self) -> dict[str, Any]:
        return {**asdict(self), "dockerfile": self.distribution.dockerfile}


#: Made where nobody says what to make.
RECIPES = (Recipe("debian-12", "bookworm"), Recipe("debian-13", "trixie"))
#: Made when asked for by name.
DERIVED = (
    Derived("ubuntu-22.04", Distribution("ubuntu:22.04", "apt", INSTALLED, DOWNLOADED_ELSEWHERE)),
    Derived("ubuntu-24.04", Distribution("ubuntu:24.04", "apt", INSTALLED, DOWNLOADED_ELSEWHERE)),
    # The one of the same name in the official library is not kept up: the project publishes under its own.
    Derived("rocky-9", Distribution("rockylinux/rockylinux:9", "dnf", INSTALLED_RPM, ("nftables",))),
)


def platforms() -> list[str]:
    """Return the tags of all images."""
    return [recipe.tag for recipe in (*RECIPES, *DERIVED)]


def chosen(tags: Sequence[str], environment: Mapping[str, str]) -> list[Recipe | Derived]:
    """Return the recipes of these tags, without any the usual ones. Raises LabError naming the nearest for an unknown tag."""
    known: dict[str, Recipe | Derived] = {recipe.tag: recipe for recipe in (*RECIPES, *DERIVED)}
    for tag in tags:
        if tag not in known:
            raise LabError(f"{tag!r} is no image of the lab; {nearest(tag, known)}")
    found = [known[tag] for tag in dict.fromkeys(tags)] if tags else list(RECIPES)
    alone = sum(isinstance(recipe, Derived) for recipe in found) == 1
    return [
        replace(recipe, base=base_images.chosen_base(recipe.distribution.base, environment, alone))
        if isinstance(recipe, Derived)
        else recipe
        for recipe in found
    ]


def hooks(recipe: Recipe, directory: Path) -> list[str]:
    """Return what is done inside the new system, as mmdebstrap's customize hooks."""
    unit = directory / "boot.service"
    unit.write_text(recipe.boot_unit, encoding="ascii")
    unit_path = f"/etc/systemd/system/{BOOT_UNIT_NAME}"
    return [
        'rm -f "$1"/etc/ssh/ssh_host_*',
        # Nobody mourns a lab's file system: without dpkg's flushing, packages install in half the time.
        'echo force-unsafe-io > "$1/etc/dpkg/dpkg.cfg.d/lab"',
        f'cp {unit} "$1{unit_path}"',
        f'chroot "$1" systemctl enable {BOOT_UNIT_NAME}',
        f'chroot "$1" useradd --create-home --shell /bin/bash {LOGIN}',
        f'echo "{LOGIN} ALL=(ALL:ALL) NOPASSWD: ALL" > "$1/etc/sudoers.d/90-{LOGIN}" && chmod 0440 "$1/etc/sudoers.d/90-{LOGIN}"',
        f'chroot "$1" apt-get install --yes --no-install-recommends --download-only {" ".join(recipe.downloaded)}',
        'rm -f "$1/etc/resolv.conf" "$1/etc/hostname"; : > "$1/etc/machine-id"',
    ]


def build(engine: docker.DockerClient, recipe: Recipe) -> None:
    """Make one image with mmdebstrap and import it. The mirror is mmdebstrap's own default, or GROUNDWORK_LAB_MIRROR."""
    say(f"building the image {recipe.image} from {recipe.suite}'s packages (about a minute)")
    mirror = os.environ.get("GROUNDWORK_LAB_MIRROR")
    with tempfile.TemporaryDirectory(prefix="groundwork-lab-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        tar = directory / "system.tar"
        command = ["mmdebstrap", "--variant=minbase", "--mode=root", f"--include={','.join(recipe.installed)}"]
        command += ["--skip=cleanup/apt/lists,cleanup/apt/cache,cleanup/reproducible"]
        command += ["--keyring=/usr/share/keyrings/debian-archive-keyring.gpg"]
        command += [f"--customize-hook={hook}" for hook in hooks(recipe, directory)]
        call(
            as_root([*command, recipe.suite, str(tar), *([mirror] if mirror else [])]),
            f"mmdebstrap {recipe.suite}",
            f"image-{recipe.tag}.log",
        )
        changes = [f"LABEL {LABEL}={recipe.digest}", 'CMD ["/lib/systemd/systemd"]']
        engine.api.import_image(src=str(tar), repository=REPOSITORY, tag=recipe.tag, changes=changes)
    say(f"built {recipe.image}")


def make(engine: docker.DockerClient, recipe: Recipe | Derived) -> None:
    """Make one image in the way of its recipe. Raises LabError."""
    if isinstance(recipe, Recipe):
        build(engine, recipe)
    else:
        labels = {LABEL: recipe.digest}
        base_images.build(engine, recipe.image, recipe.base, recipe.distribution, recipe.boot_unit, LOGIN, labels)


def ensure(engine: docker.DockerClient, tags: Sequence[str] = ()) -> None:
    """Make each image that is missing or of an older recipe; one process at a time, the others wait.

    tags: which images, by default those of RECIPES. Raises LabError for an unknown one.
    """
    recipes = chosen(tags, os.environ)
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "images.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for recipe in recipes:
            try:
                labels = engine.images.get(recipe.image).labels
            except ImageNotFound:
                labels = {}
            if labels.get(LABEL) != recipe.digest:
                make(engine, recipe)
