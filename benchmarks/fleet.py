# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet of the benchmarks: hosts of the lab with a network of their own, taken away afterwards, and the inventory of them."""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import engine
from lab import fleet as lab_fleet
from lab.console import ROOT, LabError
from lab.images import LOGIN

CACHE = ROOT / ".cache" / "bench"
SUBNET = ipaddress.ip_network("10.157.9.0/24")
FIRST = 11
IMAGE = "debian-13"


def fleet_of(count: int) -> lab_fleet.Fleet:
    """Return the description of a fleet of `count` hosts: host-1, host-2 …"""
    names = (f"host-{number}" for number in range(1, count + 1))
    return lab_fleet.Fleet("bench", tuple(lab_fleet.Host(name, str(SUBNET[FIRST + place]), IMAGE) for place, name in enumerate(names)))


def inventory_of(fleet: lab_fleet.Fleet) -> dict[str, Any]:
    """Return the inventory: a small site whose first host is the others' source of time."""
    site = {
        "ansible_user": LOGIN,
        "ansible_become": True,
        "ansible_ssh_private_key_file": str(fleet.directory / "id_ed25519"),
        "ansible_ssh_common_args": f"-o UserKnownHostsFile={fleet.directory / 'known_hosts'} -o StrictHostKeyChecking=yes",
        "fleet_environment": "bench",
        "fleet_admins": {
            "ana": {
                "keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDVlg0eqlWEXupwAdS7CuXMSw76a7rjhjc72xQc9EiMC ana@example.org"],
                "sudo": "all",
            }
        },
        "time_sync_servers": [{"name": fleet.hosts[0].name}],
    }
    source = {
        "time_sync_servers": [],
        "time_sync_local_stratum": 10,
        "time_sync_serve_networks": [str(fleet.subnet)],
    }
    hosts = {host.name: {"ansible_host": host.address} for host in fleet.hosts}
    return {
        "all": {
            "vars": site,
            "hosts": hosts,
            "children": {"time_servers": {"hosts": {fleet.hosts[0].name: {}}, "vars": source}},
        }
    }


@dataclass(frozen=True)
class Lab:
    """The running fleet: its inventory and what its hosts hold."""

    fleet: lab_fleet.Fleet
    inventory: Path
    client: Any

    def inside(self, host: str, command: list[str]) -> str:
        """Run a command on a host beside SSH and return its output. Raises LabError where it fails."""
        number = next(number for number, one in enumerate(self.fleet.hosts) if one.name == host)
        done = self.client.containers.get(self.fleet.container(self.fleet.hosts[number])).exec_run(command)
        text = str(done.output.decode("utf-8", "replace"))
        if done.exit_code != 0:
            raise LabError(f"{command[0]} on {host} of the bench fleet failed: {text.strip()}; expected it to end well")
        return text

    def tree(self, host: str, directory: str) -> dict[str, str]:
        """Return relative path to digest, mode, owner and time of change of each file below a directory of a host."""
        program = (
            "import hashlib, json, os, sys\n"
            "top, found = sys.argv[1], {}\n"
            "for folder, _folders, names in os.walk(top):\n"
            "    for name in names:\n"
            "        path = os.path.join(folder, name)\n"
            "        state = os.lstat(path)\n"
            "        said = [hashlib.sha256(open(path, 'rb').read()).hexdigest(), oct(state.st_mode), state.st_uid, state.st_gid]\n"
            "        found[os.path.relpath(path, top)] = [' '.join(map(str, said)), state.st_mtime_ns]\n"
            "print(json.dumps(found))\n"
        )
        return {
            path: f"{content} {changed}"
            for path, (content, changed) in json.loads(self.inside(host, ["python3", "-c", program, directory])).items()
        }


def digest(tree: dict[str, str]) -> str:
    """Return one digest of a tree: names, contents, modes and owners, but not when each file was changed."""
    lines = [f"{path} {said.rpartition(' ')[0]}\n" for path, said in sorted(tree.items())]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@contextlib.contextmanager
def running(count: int, keep: bool = False) -> Iterator[Lab]:
    """Bring `count` hosts up and take them away afterwards, also when interrupted; `keep` leaves them for the next run."""
    fleet = fleet_of(count)
    client = engine.ready()
    try:
        lab_fleet.up(client, fleet)
        inventory = CACHE / "inventory" / "hosts.json"
        inventory.parent.mkdir(parents=True, exist_ok=True)
        inventory.write_text(json.dumps(inventory_of(fleet), indent=1), encoding="utf-8")
        yield Lab(fleet, inventory, client)
    finally:
        if not keep:
            remove(client, fleet)


def remove(client: Any, fleet: lab_fleet.Fleet) -> None:
    """Take the fleet away with its inventory and certificate authority."""
    lab_fleet.down(client, fleet)
    folder = CACHE / "inventory"
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    if folder.exists():
        folder.rmdir()
