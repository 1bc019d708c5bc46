# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images of the lab's hosts: minimal systems from the distribution's packages, with what the fleet installs in their package cache."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import docker
from docker.errors import ImageNotFound

from lab.console import CACHE, as_root, call, say

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


@dataclass(frozen=True)
class Recipe:
    """How one image is made; its digest says whether an image is of today's recipe."""

    tag: str
    suite: str
    installed: tuple[str, ...] = INSTALLED
    downloaded: tuple[str, ...] = DOWNLOADED
    boot_unit: str = BOOT_UNIT
    version: int = 2

    @property
    def image(self) -> str:
        return f"{REPOSITORY}:{self.tag}"

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


RECIPES = (Recipe("debian-12", "bookworm"), Recipe("debian-13", "trixie"))


def hooks(recipe: Recipe, directory: Path) -> list[str]:
    """Return what is done inside the new system, as mmdebstrap's customize hooks."""
    unit = directory / "boot.service"
    unit.write_text(recipe.boot_unit, encoding="ascii")
    unit_path = "/etc/systemd/system/groundwork-lab-boot.service"
    return [
        'rm -f "$1"/etc/ssh/ssh_host_*',
        # Nobody mourns a lab's file system: without dpkg's flushing, packages install in half the time.
        'echo force-unsafe-io > "$1/etc/dpkg/dpkg.cfg.d/lab"',
        f'cp {unit} "$1{unit_path}"',
        f'chroot "$1" systemctl enable {Path(unit_path).name}',
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


def ensure(engine: docker.DockerClient) -> None:
    """Build each image that is missing or of an older recipe; one process at a time, the others wait."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "images.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for recipe in RECIPES:
            try:
                labels = engine.images.get(recipe.image).labels
            except ImageNotFound:
                labels = {}
            if labels.get(LABEL) != recipe.digest:
                build(engine, recipe)
