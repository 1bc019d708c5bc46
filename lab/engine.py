# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The container engine: find it, install it where that is possible, start it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import docker
from docker.errors import DockerException

from lab.console import CACHE, LabError, as_root, call, say

PACKAGES = ("docker.io", "iptables", "mmdebstrap", "debian-archive-keyring", "openssh-client")
PID_FILES = (Path("/var/run/docker.pid"), Path("/var/run/docker/containerd/containerd.pid"))
START_SECONDS = 60


def client() -> docker.DockerClient | None:
    """Return a client of the running engine, None where none answers."""
    try:
        engine = docker.from_env(timeout=300)
        engine.ping()
    except DockerException:
        return None
    return engine


def _may_install() -> bool:
    if shutil.which("apt-get") is None:
        return False
    if os.geteuid() == 0:
        return True
    return (
        shutil.which("sudo") is not None and subprocess.run(["sudo", "-n", "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0
    )


def install(packages: tuple[str, ...] = PACKAGES) -> None:
    """Install Debian's packages of these names. Raises LabError where this user may not or this system has no apt."""
    if not _may_install():
        raise LabError(
            f"no container engine answers and this user cannot install one: install {' '.join(packages)} "
            "(on another distribution: Docker and mmdebstrap), start the engine and run this again"
        )
    say(f"installing {' '.join(packages)} with apt-get")
    call(as_root(["apt-get", "update", "-q"]), "apt-get update")
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    command = ["apt-get", "install", "-q", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", *packages]
    call(as_root([*environment, *command]), "apt-get install")


def missing_packages() -> tuple[str, ...]:
    """Return which of the lab's packages this machine lacks, by the program that each brings."""
    programs = {"docker.io": "dockerd", "iptables": "iptables", "mmdebstrap": "mmdebstrap", "openssh-client": "ssh-keygen"}
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    lacking = [package for package, program in programs.items() if shutil.which(program, path=path) is None]
    if not Path("/usr/share/keyrings/debian-archive-keyring.gpg").exists():
        lacking.append("debian-archive-keyring")
    return tuple(lacking)


def _forget_dead_engine() -> None:
    """Remove the pid files of an engine that was killed: it would refuse to start because of them."""
    for path in PID_FILES:
        if path.exists():
            number = path.read_text(encoding="ascii").strip()
            command = Path(f"/proc/{number}/comm")
            if not (command.exists() and command.read_text(encoding="ascii").strip() in {"dockerd", "containerd"}):
                call(as_root(["rm", "-f", str(path)]), f"removing the stale {path}")


def start() -> None:
    """Start the engine: by systemd where it runs this machine, otherwise as a detached process with its output in a file."""
    if Path("/run/systemd/system").is_dir():
        call(as_root(["systemctl", "start", "docker"]), "systemctl start docker")
        return
    _forget_dead_engine()
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "dockerd.log").open("ab") as output:
        command = as_root(["/usr/sbin/dockerd"] if Path("/usr/sbin/dockerd").exists() else ["dockerd"])
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True, cwd="/")


def ready() -> docker.DockerClient:
    """Return a client of a running engine, installed and started where needed. Raises LabError with what to do."""
    lacking = missing_packages()
    engine = client()
    if engine is not None and lacking:
        lacking = tuple(package for package in lacking if package not in {"docker.io", "iptables"})
    if lacking:
        install(lacking)
    if engine is not None:
        return engine
    say("starting the container engine")
    start()
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        engine = client()
        if engine is not None:
            return engine
        time.sleep(0.5)
    raise LabError(
        f"the container engine does not answer after {START_SECONDS} s: see .cache/lab/dockerd.log, "
        "or let this user use its socket (group docker)"
    )
