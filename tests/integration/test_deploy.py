# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release is replaced on hosts of the lab, under load, and no request is lost: blue and green behind nginx and HAProxy.

The declaration of docs/deploy.md is what is deployed.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
from ssh_lab import PROGRAMS, ROOT, Lab, fleets, raised

from lab import releases

FLEET = fleets.Fleet("deploy", (fleets.Host("deploy-12", "10.157.9.12", "debian-12"), fleets.Host("deploy-13", "10.157.9.13", "debian-13")))
HOSTS = [host.name for host in FLEET.hosts]
RATE = 250  # asked for, requests a second and host; 200 have to be answered
PROXIED = "proxy_pass http://orders; proxy_http_version 1.1; proxy_set_header Connection '';"
SITE = "server {\n  listen 80 default_server;\n  location / { %s }\n}\n" % PROXIED
NGINX = {
    "package": {"name": "nginx"},
    "reload": True,
    "files": {
        "/etc/nginx/conf.d/10-orders.conf": {"content": SITE},
        "/etc/nginx/sites-enabled/default": {"absent": True, "restore": "/etc/nginx/sites-available/default"},
    },
    "ports": [{"port": 80, "from": ["any"]}],
    "health": [{"tcp": {"port": 80}}],
}
DIES = """
import os, threading
threading.Timer(5, os._exit, [3]).start()
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with raised(FLEET, tmp_path_factory.mktemp("deploy")) as found:
        for host in HOSTS:
            container = found.container(host)
            for path in (Path(__file__).with_name("load.py"), ROOT / "molecule" / "shared" / "snapshot.py"):
                subprocess.run(["docker", "cp", "-q", str(path), f"{container.name}:/root/{path.name}"], check=True)
            found.on(host, "python3", "/root/snapshot.py", "/root/before.json")
        yield found


class Releases:
    """Versions of the lab's web application that greet with their number."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def declared(self, version: str, dies: bool = False) -> dict[str, Any]:
        """Build a version and return how it is declared."""
        source = self.directory / version
        (source / "bin").mkdir(parents=True, exist_ok=True)
        program = (ROOT / "lab" / "releases" / "hello" / "bin" / "hello").read_text(encoding="utf-8")
        program = program.replace('os.environ.get("HELLO_GREETING", "hello")', repr(version))
        program = program.replace("import argparse", "import argparse" + (DIES if dies else ""), 1)
        (source / "bin" / "hello").write_text(program, encoding="utf-8")
        (source / "bin" / "hello").chmod(0o755)
        archive = self.directory / f"hello-{version}.tar"
        return {"url": str(archive), "version": version, "sha256": releases.build(source, archive)}


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    return Releases(tmp_path_factory.mktemp("releases"))


def documented() -> dict[str, Any]:
    """Return the service that the guide declares."""
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)[0])["fleet_services"]["orders"]
    return found


def orders(release: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**documented(), "release": release, **changes}


def command(lab: Lab, services: dict[str, Any], *arguments: str, state: str = "present") -> list[str]:
    path = lab.directory / f"services-{time.monotonic_ns()}.yml"
    role = {"name": "Services", "ansible.builtin.import_role": {"name": "groundwork.fleet.services"}}
    variables = {"services_declared": services, "services_state": state}
    path.write_text(yaml.safe_dump([{"name": "Deploy", "hosts": "all", "gather_facts": True, "vars": variables, "tasks": [role]}]))
    return [str(PROGRAMS / "ansible-playbook"), "-i", str(lab.inventory), str(path), *arguments]


def run(lab: Lab, services: dict[str, Any], *arguments: str, state: str = "present") -> tuple[int, str]:
    process = lab.start(command(lab, services, *arguments, state=state))
    said = process.communicate(timeout=240)[0]
    return process.returncode, said


def converged(lab: Lab, services: dict[str, Any], *arguments: str, state: str = "present") -> str:
    code, said = run(lab, services, *arguments, state=state)
    assert code == 0, said
    return said


@contextlib.contextmanager
def loaded(lab: Lab, port: int = 80, rest: float = 1.0) -> Iterator[dict[str, Any]]:
    """Load the hosts meanwhile; afterwards what came of it is in the mapping, by host. rest: seconds of load before and after."""
    found: dict[str, Any] = {}
    for host in HOSTS:
        lab.on(host, "rm", "-f", "/root/stop")
    with ThreadPoolExecutor(len(HOSTS)) as pool:
        runs: dict[str, Future[str]] = {
            host: pool.submit(lab.on, host, "python3", "/root/load.py", str(port), str(RATE), "/root/stop") for host in HOSTS
        }
        try:
            time.sleep(rest)
            yield found
            time.sleep(rest)
        finally:
            for host in HOSTS:
                lab.on(host, "touch", "/root/stop")
            found.update({host: json.loads(one.result().splitlines()[-1]) for host, one in runs.items()})
    sys.stdout.write(json.dumps(found) + "\n")


def nothing_lost(found: dict[str, Any]) -> None:
    for host, told in found.items():
        assert told["lost"] == {}, f"{host}: {told}"
        assert told["rate"] >= 200, f"{host}: {told}"


def page(lab: Lab, host: str, port: int = 80) -> str:
    script = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{port}/').read().decode().strip())"
    return lab.on(host, "python3", "-c", script).strip().splitlines()[-1]


def units(lab: Lab, host: str) -> str:
    return lab.on(host, "sh", "-c", "ls /etc/systemd/system /opt/orders; systemctl --no-legend list-units 'orders*'")


def test_the_first_release_serves_and_a_second_run_changes_nothing(lab: Lab, builds: Releases) -> None:
    services = {"nginx": NGINX, "orders": orders(builds.declared("1.0.0"))}
    converged(lab, services)
    assert {page(lab, host) for host in HOSTS} == {"1.0.0"}
    for said in (converged(lab, services), converged(lab, services, "--check", "--diff")):
        assert re.findall(r"changed=(\d+)", said) == ["0", "0"], said
    for host in HOSTS:
        assert "orders@blue.service" in units(lab, host) and "green" not in units(lab, host)


def test_a_new_release_loses_no_request(lab: Lab, builds: Releases) -> None:
    with loaded(lab) as found:
        converged(lab, {"nginx": NGINX, "orders": orders(builds.declared("2.0.0"))})
    nothing_lost(found)
    for host in HOSTS:
        assert set(found[host]["bodies"]) == {"1.0.0", "2.0.0"}
        assert page(lab, host) == "2.0.0"
        assert "orders@green.service" in units(lab, host) and "blue" not in units(lab, host)
        assert lab.on(host, "readlink", "/opt/orders/current").strip() == "releases/2.0.0"


def test_a_release_that_dies_after_five_seconds_never_gets_a_request(lab: Lab, builds: Releases) -> None:
    with loaded(lab) as found:
        code, said = run(lab, {"nginx": NGINX, "orders": orders(builds.declared("3.0.0", dies=True))})
    assert code == 2
    assert "release 3.0.0 of orders did not prove itself as orders@blue.service" in said
    assert "orders@green.service goes on serving, untouched" in said
    nothing_lost(found)
    for host in HOSTS:
        assert set(found[host]["bodies"]) == {"2.0.0"}
        assert "orders@green.service" in units(lab, host) and "blue" not in units(lab, host)


def test_a_controller_that_is_killed_leaves_one_of_them_serving(lab: Lab, builds: Releases) -> None:
    services = {"nginx": NGINX, "orders": orders(builds.declared("4.0.0"))}
    with loaded(lab) as found:
        process = lab.start(command(lab, services))
        lab.until(lambda: "orders@blue" in units(lab, HOSTS[0]), 60)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        for host in HOSTS:
            lab.on(host, "pkill", "-KILL", "-f", "AnsiballZ")
    nothing_lost(found)
    assert {page(lab, host) for host in HOSTS} <= {"2.0.0", "4.0.0"}
    with loaded(lab) as found:
        converged(lab, services)
    nothing_lost(found)
    for host in HOSTS:
        assert page(lab, host) == "4.0.0"
        assert len(re.findall(r"orders@\w+\.service\s+loaded", units(lab, host))) == 1


def test_removal_leaves_nothing(lab: Lab, builds: Releases) -> None:
    converged(lab, {"nginx": NGINX, "orders": orders(builds.declared("4.0.0"))}, state="absent")
    for host in HOSTS:
        said = lab.on(host, "python3", "/root/snapshot.py", "--compare", "/root/before.json")
        assert "orders" not in said, said
