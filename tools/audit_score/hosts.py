# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of a run: one that is audited, one that is its source of time and its log server, and the site that is played on both."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import engine
from lab import fleet as lab_fleet
from lab.console import ROOT, LabError, say
from lab.images import LOGIN

CACHE = ROOT / ".cache" / "audit-score"
SUBNET = ipaddress.ip_network("10.157.5.0/24")
# What of the site a host without a service of its own gets.
TAGS = (
    "packages", "users", "time_sync", "certificates", "hardening", "firewall", "log_server", "log_shipping", "exporters", "health",
)  # fmt: skip
# A server as its provider hands it over has these; what the roles bring beside them is theirs.
PACKAGED = ("rsyslog", "cron", "chrony")
# The network's settings are the container's own (its network namespace), but the engine mounts them read-only: a host may set its own.
OWN_NETWORK = (
    "mkdir /run/proc && mount -t proc proc /run/proc && mount --bind /run/proc/sys/net /proc/sys/net && umount /run/proc && rmdir /run/proc"
)
# An image of the lab that was made before its line of sudo named the group too, as Debian's own lines do.
SUDO_LINE = f"sed -i 's/ALL=(ALL) /ALL=(ALL:ALL) /' /etc/sudoers.d/90-{LOGIN}"


def fleet_of(image: str) -> lab_fleet.Fleet:
    """Return the description of the two hosts."""
    names = ("audited", "collector")
    return lab_fleet.Fleet("audit", tuple(lab_fleet.Host(name, str(SUBNET[11 + place]), image) for place, name in enumerate(names)))


def inventory_of(fleet: lab_fleet.Fleet, level: str) -> dict[str, Any]:
    """Return the inventory: the smallest useful site, hardened at `level`."""
    audited, collector = fleet.hosts
    site = {
        "ansible_user": LOGIN,
        "ansible_become": True,
        "ansible_ssh_private_key_file": str(fleet.directory / "id_ed25519"),
        "ansible_ssh_common_args": f"-o UserKnownHostsFile={fleet.directory / 'known_hosts'} -o StrictHostKeyChecking=yes",
        "fleet_environment": "audit",
        "fleet_admins": {
            "ana": {
                "keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDVlg0eqlWEXupwAdS7CuXMSw76a7rjhjc72xQc9EiMC ana@example.org"],
                "sudo": "all",
            }
        },
        "hardening_level": level,
        "time_sync_servers": [{"name": collector.name}],
    }
    source = {"time_sync_servers": [], "time_sync_local_stratum": 10, "time_sync_serve_networks": [str(fleet.subnet)]}
    only: dict[str, Any] = {"hosts": {collector.name: {}}}
    return {
        "all": {
            "vars": site,
            "hosts": {host.name: {"ansible_host": host.address} for host in fleet.hosts},
            "children": {"time_servers": {**only, "vars": source}, "log_servers": only, "bare": {"hosts": {audited.name: {}}}},
        }
    }


@dataclass(frozen=True)
class Host:
    """A running host, and how to run a command on it beside SSH."""

    address: str
    container: Any

    def run(self, command: list[str], accepted: tuple[int, ...] = (0,)) -> str:
        """Run a command as root and return its standard output. Raises LabError where it ends with another code than accepted."""
        done = self.container.exec_run(command, demux=True)
        output, errors = ((part or b"").decode("utf-8", "replace") for part in done.output)
        if done.exit_code not in accepted:
            last = (errors + output).strip().splitlines()[-1:] or ["no output"]
            raise LabError(f"{' '.join(command)[:80]} on the audited host ended with {done.exit_code}: {last[0]}")
        return output

    def script(self, text: str) -> str:
        """Run a shell script that ends at its first failure."""
        return self.run(["sh", "-e", "-c", text])


@dataclass(frozen=True)
class Site:
    """The running hosts and their inventory."""

    audited: Host
    inventory: Path

    def converge(self) -> None:
        """Play the site. Raises LabError with the end of the output where it fails."""
        log = CACHE / "site.log"
        command = [str(Path(sys.executable).parent / "ansible-playbook"), str(ROOT / "site.yml"), "-i", str(self.inventory)]
        with log.open("w", encoding="utf-8") as stream:
            done = subprocess.run(
                [*command, "--tags", ",".join(TAGS)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode != 0:
            lines = log.read_text(encoding="utf-8").strip().splitlines()[-15:]
            raise LabError("site.yml failed (all of it in %s):\n%s" % (log.relative_to(ROOT), "\n".join(lines)))


def prepare(host: Host) -> None:
    """Bring the audited host to what a provider hands over: services as packaged, and the say over its own network settings."""
    host.script(OWN_NETWORK)
    host.script(SUDO_LINE)
    host.script(f"apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends {' '.join(PACKAGED)}")


@contextlib.contextmanager
def running(image: str, level: str, keep: bool = False) -> Iterator[Site]:
    """Bring fresh hosts up and take them away afterwards, also when interrupted; `keep` leaves them to be looked at."""
    fleet = fleet_of(image)
    client = engine.ready()
    lab_fleet.down(client, fleet)
    try:
        lab_fleet.up(client, fleet)
        inventory = CACHE / "inventory" / "hosts.json"
        inventory.parent.mkdir(parents=True, exist_ok=True)
        inventory.write_text(json.dumps(inventory_of(fleet, level), indent=1), encoding="utf-8")
        audited = Host(fleet.hosts[0].address, client.containers.get(fleet.container(fleet.hosts[0])))
        say("installing what the audited host is to have: " + ", ".join(PACKAGED))
        prepare(audited)
        yield Site(audited, inventory)
    finally:
        if keep:
            say(f"the hosts stay: docker exec -it {fleet.container(fleet.hosts[0])} bash; ./run audit-score --down takes them away")
        else:
            remove(client)


def remove(client: Any) -> None:
    """Take the hosts away with their inventory and its certificate authority."""
    lab_fleet.down(client, fleet_of(""))
    subprocess.run(["rm", "-rf", str(CACHE / "inventory")], check=True)
