# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet of an inventory as containers: network, key pair, hosts; made where missing, started where stopped."""

from __future__ import annotations

import ipaddress
import json
import shlex
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import yaml
from docker.errors import APIError, NotFound
from docker.types import IPAMConfig, IPAMPool

from lab import images
from lab.console import CACHE, ROOT, LabError, as_root, call, say

LABEL = "groundwork.fleet"
BOOT_SECONDS = 90


@dataclass(frozen=True)
class Host:
    """One host of the inventory: its name, address and image."""

    name: str
    address: str
    image: str


@dataclass(frozen=True)
class Fleet:
    """The hosts of one inventory and their network."""

    name: str
    hosts: tuple[Host, ...]

    @property
    def network(self) -> str:
        return f"groundwork-{self.name}"

    @property
    def subnet(self) -> ipaddress.IPv4Network:
        return ipaddress.ip_network(f"{self.hosts[0].address}/24", strict=False)  # type: ignore[return-value]

    @property
    def directory(self) -> Path:
        return CACHE / self.name

    def container(self, host: Host) -> str:
        return f"{self.network}-{host.name}"


def read(name: str) -> Fleet:
    """Return the fleet of `inventories/<name>/hosts.yml`. Raises LabError where a host lacks its address or image."""
    path = ROOT / "inventories" / name / "hosts.yml"
    hosts = yaml.safe_load(path.read_text(encoding="utf-8"))["all"]["hosts"]
    try:
        return Fleet(name, tuple(Host(host, options["ansible_host"], options["lab_image"]) for host, options in hosts.items()))
    except KeyError as error:
        raise LabError(
            f"{path.relative_to(ROOT)}: a host lacks {error}; expected ansible_host and lab_image for each host of the lab"
        ) from None


def key_pair(fleet: Fleet) -> str:
    """Return the public key of the fleet's SSH key pair, made on first use."""
    fleet.directory.mkdir(parents=True, exist_ok=True)
    private = fleet.directory / "id_ed25519"
    if not private.exists():
        say("making an SSH key pair")
        call(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"lab {fleet.name}", "-f", str(private)], "ssh-keygen")
    return private.with_suffix(".pub").read_text(encoding="ascii").strip()


def forgotten_bridges(links: list[dict[str, Any]], subnet: ipaddress.IPv4Network, networks: list[str]) -> list[str]:
    """Return the bridges of an engine that does not know them any more, as after its data was removed; they draw the packets of a subnet.

    links: what `ip -j -4 address show type bridge` tells. networks: the ids of the networks that the engine has.
    """
    known = {f"br-{identity[:12]}" for identity in networks}
    found = []
    for link in links:
        addresses = [one["local"] for one in link.get("addr_info", ())]
        name = str(link.get("ifname", ""))
        if name.startswith("br-") and name not in known and any(ipaddress.ip_address(one) in subnet for one in addresses):
            found.append(name)
    return found


def rules_of(bridge: str, listing: str) -> list[list[str]]:
    """Return the arguments that delete each rule about a bridge. listing: what `iptables -S` tells."""
    appended = [shlex.split(line) for line in listing.splitlines() if line.startswith("-A ")]
    return [["-D", *words[1:]] for words in appended if bridge in words]


def network(engine: docker.DockerClient, fleet: Fleet) -> None:
    """Make the fleet's network where it is missing. Raises LabError where another network has its addresses."""
    if engine.networks.list(names=[f"^{fleet.network}$"]):
        return
    links = json.loads(call(["ip", "-j", "-4", "address", "show", "type", "bridge"], "ip address") or "[]")
    for name in forgotten_bridges(links, fleet.subnet, [str(one.id) for one in engine.networks.list()]):
        say(f"removing the bridge {name}, which an engine before this one has left on {fleet.subnet}")
        call(as_root(["ip", "link", "delete", name]), "ip link delete")
        for table in ("nat", "filter"):  # its rules would give what the new hosts send another sender
            for rule in rules_of(name, call(as_root(["iptables", "-t", table, "-S"]), "iptables -S")):
                call(as_root(["iptables", "-t", table, *rule]), "iptables -D")
    say(f"making the network {fleet.network} {fleet.subnet}")
    pool = IPAMPool(subnet=str(fleet.subnet), gateway=str(next(fleet.subnet.hosts())))
    try:
        engine.networks.create(fleet.network, driver="bridge", ipam=IPAMConfig(pool_configs=[pool]), labels={LABEL: fleet.name})
    except APIError as error:
        raise LabError(
            f"the network {fleet.subnet} cannot be made: {error.explanation}; change the addresses in inventories/{fleet.name}/hosts.yml"
        ) from None


def create(engine: docker.DockerClient, fleet: Fleet, host: Host) -> None:
    """Create one host's container, not started yet."""
    say(f"creating {host.name} ({host.image}, {host.address})")
    config = engine.api.create_networking_config(
        {fleet.network: engine.api.create_endpoint_config(ipv4_address=host.address, aliases=[host.name])}
    )
    engine.api.create_container(
        f"{images.REPOSITORY}:{host.image}",
        command=["/lib/systemd/systemd"],
        name=fleet.container(host),
        hostname=host.name,
        environment={"container": "docker"},
        labels={LABEL: fleet.name},
        stop_signal="SIGRTMIN+3",
        networking_config=config,
        host_config=engine.api.create_host_config(
            cap_add=["SYS_ADMIN", "NET_ADMIN", "DAC_READ_SEARCH"],
            security_opt=["seccomp=unconfined"],
            tmpfs={"/run": "", "/run/lock": ""},
            binds=["/sys/fs/cgroup:/sys/fs/cgroup:rw"],
            network_mode=fleet.network,
        )
        | {"CgroupnsMode": "host"},
    )


def stale(engine: docker.DockerClient, container: Any) -> bool:
    """Tell whether a container was made from an image that has been rebuilt since."""
    try:
        return bool(engine.images.get(container.attrs["Config"]["Image"]).id != container.image.id)
    except NotFound:
        return True


def started(engine: docker.DockerClient, fleet: Fleet, host: Host) -> Any:
    """Return the running container of a host, created or started where needed."""
    name = fleet.container(host)
    try:
        container = engine.containers.get(name)
        if stale(engine, container):
            say(f"replacing {host.name}: its image was rebuilt")
            container.remove(force=True)
            raise NotFound("replaced")
    except NotFound:
        create(engine, fleet, host)
        container = engine.containers.get(name)
    if container.status != "running":
        container.start()
        container.reload()
    return container


def boot(container: Any, host: Host) -> None:
    """Wait until the host has booted. Raises LabError with systemd's state when it has not in time."""
    deadline = time.monotonic() + BOOT_SECONDS
    state = ""
    while time.monotonic() < deadline:
        state = container.exec_run(["systemctl", "is-system-running"]).output.decode(errors="replace").strip()
        if state in {"running", "degraded"}:
            return
        time.sleep(0.5)
    raise LabError(f"{host.name} has not booted after {BOOT_SECONDS} s (systemd says {state!r}): docker logs {container.name}")


def authorise(container: Any, public_key: str) -> str:
    """Let the key log in as the lab's user and return the host's public key."""
    keys = f"/home/{images.LOGIN}/.ssh/authorized_keys"
    keys = f"/home/{images.LOGIN}/.ssh/authorized_keys"
    script = (
        f"install -d -m 0700 -o {images.LOGIN} -g {images.LOGIN} $(dirname {keys}) && touch {keys} && "
        f"{{ grep -qxF '{public_key}' {keys} || echo '{public_key}' >> {keys}; }} && "
        f"chown {images.LOGIN}: {keys} && chmod 0600 {keys} && "
        "cat /etc/ssh/ssh_host_ed25519_key.pub"
    )
    done = container.exec_run(["sh", "-c", script])
    if done.exit_code != 0:
        raise LabError(f"{container.name} does not take the lab's key: {done.output.decode(errors='replace').strip()}")
    return str(done.output.decode().strip())


def wait_for_ssh(host: Host) -> None:
    """Wait until the host answers on its SSH port."""
    deadline = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((host.address, 22), timeout=2) as connection:
                if connection.recv(4).startswith(b"SSH"):
                    return
        except OSError:
            time.sleep(0.5)
    raise LabError(f"{host.name} does not answer on {host.address}:22 after {BOOT_SECONDS} s")


def up(engine: docker.DockerClient, fleet: Fleet) -> None:
    """Bring the whole fleet up, from nothing or from half of it."""
    images.ensure(engine, [host.image for host in fleet.hosts])
    public_key = key_pair(fleet)
    network(engine, fleet)
    containers = {host: started(engine, fleet, host) for host in fleet.hosts}
    host_keys = []
    for host, container in containers.items():
        boot(container, host)
        kind, key = authorise(container, public_key).split()[:2]
        host_keys.append(f"{host.address} {kind} {key}\n")
    (fleet.directory / "known_hosts").write_text("".join(host_keys), encoding="ascii")
    for host in fleet.hosts:
        wait_for_ssh(host)
    say(f"{len(fleet.hosts)} hosts are up: {', '.join(f'{host.name} {host.address}' for host in fleet.hosts)}")


def down(engine: docker.DockerClient, fleet: Fleet) -> None:
    """Remove the fleet's hosts, network, key pair and certificate authority."""
    for container in engine.containers.list(all=True, filters={"label": f"{LABEL}={fleet.name}"}):
        say(f"removing {container.name}")
        container.remove(force=True, v=True)
    for found in engine.networks.list(filters={"label": f"{LABEL}={fleet.name}"}):
        say(f"removing the network {found.name}")
        found.remove()
    for path in (fleet.directory, ROOT / "inventories" / fleet.name / ".groundwork"):
        if path.exists():
            say(f"removing {path.relative_to(ROOT)}")
            call(["rm", "-rf", str(path)], f"removing {path.name}")
