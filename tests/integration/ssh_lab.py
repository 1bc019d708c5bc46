# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of the lab that a test has for itself, and controllers that change them over SSH."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from lab import engine as engines  # noqa: E402
from lab import fleet as fleets  # noqa: E402

PROGRAMS = Path(sys.executable).parent


class Lab:
    """The hosts, and controllers that change them."""

    def __init__(self, client: docker.DockerClient, fleet: fleets.Fleet, directory: Path) -> None:
        self.client, self.fleet, self.directory = client, fleet, directory
        private, known = self.fleet.directory / "id_ed25519", self.fleet.directory / "known_hosts"
        common = f"-o UserKnownHostsFile={known} -o StrictHostKeyChecking=yes"
        variables = {"ansible_user": "deploy", "ansible_become": True, "ansible_ssh_timeout": 4}
        variables |= {"ansible_ssh_private_key_file": str(private), "ansible_ssh_common_args": common}
        hosts = {host.name: {"ansible_host": host.address} for host in self.fleet.hosts}
        self.inventory = directory / "hosts.yml"
        self.inventory.write_text(yaml.safe_dump({"all": {"vars": variables, "hosts": hosts}}))

    def container(self, host: str) -> Any:
        return self.client.containers.get(f"{self.fleet.network}-{host}")

    def on(self, host: str, *command: str) -> str:
        return str(self.container(host).exec_run(list(command)).output.decode(errors="replace"))

    def play(self, host: str, tasks: list[dict[str, Any]]) -> list[str]:
        """Return the command that runs these tasks."""
        path = self.directory / f"{host}-{time.monotonic_ns()}.yml"
        path.write_text(yaml.safe_dump([{"name": "Change", "hosts": host, "gather_facts": False, "tasks": tasks}]))
        return [str(PROGRAMS / "ansible-playbook"), "-i", str(self.inventory), str(path)]

    def start(self, command: list[str]) -> subprocess.Popen[str]:
        environment = os.environ | {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def run(self, host: str, tasks: list[dict[str, Any]]) -> tuple[int, str]:
        process = self.start(self.play(host, tasks))
        said = process.communicate(timeout=180)[0]
        return process.returncode, re.sub(r"\s+", " ", said)

    def pausing(self, name: str) -> list[dict[str, Any]]:
        """Return tasks that say how far they are by one file and wait for another."""
        here = {"delegate_to": "localhost", "become": False}
        path = str(self.directory / name)
        say = {"name": "Say", "ansible.builtin.file": {"path": path + ".reached", "state": "touch"}, **here}
        return [say, {"name": "Wait", "ansible.builtin.wait_for": {"path": path + ".go", "timeout": 60}, **here}]

    def logins(self, host: str) -> int:
        return self.on(host, "journalctl", "-u", "ssh", "--no-pager", "--quiet").count("Accepted publickey")

    def reachable(self, host: str) -> bool:
        """Tell whether a key opens the host, over a connection of its own."""
        address = next(one.address for one in self.fleet.hosts if one.name == host)
        options = [f"UserKnownHostsFile={self.fleet.directory / 'known_hosts'}", "BatchMode=yes", "ControlPath=none", "ConnectTimeout=3"]
        command = ["ssh", "-i", str(self.fleet.directory / "id_ed25519"), *(word for one in options for word in ("-o", one))]
        return subprocess.run([*command, f"deploy@{address}", "sudo", "-n", "true"], capture_output=True, check=False).returncode == 0

    def until(self, what: Any, seconds: float) -> float:
        """Wait until something is so, and return how long that took."""
        begun = time.monotonic()
        while not what():
            assert time.monotonic() < begun + seconds, "not within %d s" % seconds
            time.sleep(0.3)
        return time.monotonic() - begun

    def is_there(self, host: str, path: str) -> bool:
        return bool(self.container(host).exec_run(["test", "-e", path]).exit_code == 0)

    def left_behind(self, host: str) -> list[str]:
        """Return what of a guard stands on the host, the outcome of the last one excepted."""
        found = self.on(
            host, "find", "/etc/systemd/system", "/var/lib/groundwork/guard", "/run/groundwork", "-name", "*guard*"
        ).splitlines()
        stays = ("/var/lib/groundwork/guard", "guard.lock", "No such file or directory")
        return [line for line in found if not line.endswith(stays)]


@contextlib.contextmanager
def raised(fleet: fleets.Fleet, directory: Path) -> Iterator[Lab]:
    """Give the hosts of a fleet, made for this and removed afterwards."""
    client = engines.ready()
    fleets.up(client, fleet)
    try:
        yield Lab(client, fleet, directory)
    finally:
        fleets.down(client, fleet)
