# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release is replaced on hosts of the lab, under load, and no request is lost: blue and green behind nginx and HAProxy, or by its socket.

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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import container_archive
import pytest
import yaml
from ssh_lab import PROGRAMS, ROOT, Lab, fleets, raised

from lab import releases

FLEET = fleets.Fleet(
    "deploy", (fleets.Host("deploy-12", "10.157.31.12", "debian-12"), fleets.Host("deploy-13", "10.157.31.13", "debian-13"))
)
HOSTS = [host.name for host in FLEET.hosts]
# nginx, HAProxy, nginx before containers, a socket: requests a second that are asked for; of a host 200 have to be answered
PORTS = {80: 125, 8000: 125, 8070: 60, 8096: 10}
SITE = "".join(
    "server {\n  listen %s;\n  location / { proxy_pass http://%s; proxy_http_version 1.1; proxy_set_header Connection ''; }\n}\n" % behind
    for behind in (("80 default_server", "orders"), ("8070", "kiosk"))
)
NGINX = {
    "package": {"name": "nginx"},
    "reload": True,
    "files": {
        "/etc/nginx/conf.d/10-orders.conf": {"content": SITE},
        "/etc/nginx/sites-enabled/default": {"absent": True, "restore": "/etc/nginx/sites-available/default"},
    },
    "validate": ["nginx -t"],
    "ports": [{"port": 80, "from": ["any"]}],
    "health": [{"tcp": {"port": 80}}],
    "stable_for": "1s",
}
HAPROXY_CONFIGURATION = """global
  stats socket /run/haproxy/admin.sock mode 660 level admin
  server-state-file /var/lib/haproxy/groundwork-state
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  load-server-state-from-file global
frontend front
  bind 127.0.0.1:8000
  default_backend carts
backend carts
  option redispatch 1
  server blue 127.0.0.1:8083 check
  server green 127.0.0.1:8084 check
"""
HAPROXY = {
    "package": {"name": "haproxy"},
    "files": {"/etc/haproxy/haproxy.cfg": {"content": HAPROXY_CONFIGURATION}},
    "health": [{"tcp": {"port": 8000}}],
    "stable_for": "1s",
}
TAKE_TURNS = ("orders", "carts", "kiosk")
STORAGE = "[storage]\ndriver = 'vfs'\nrunroot = '/run/containers/storage'\ngraphroot = '/var/lib/containers/storage'\n"
TOKEN = "t0ken-of-the-shop"  # of the lab
DIES = """
import os, threading
threading.Timer(%g, os._exit, [3]).start()
"""


# It takes the socket that systemd has bound, and ends when the request that it has taken is answered.
SERVES = "http.server.ThreadingHTTPServer((arguments.address, arguments.port), Handler).serve_forever()"
ACTIVATED = """
    import signal, socket
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_given: stopped.append(True))
    server = http.server.HTTPServer(("", 0), Handler, bind_and_activate=False)
    server.socket, server.timeout = socket.socket(fileno=3), 0.2
    while not stopped:
        server.handle_request()
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with raised(FLEET, tmp_path_factory.mktemp("deploy")) as found:
        for host in HOSTS:
            container = found.container(host)
            for path in (Path(__file__).with_name("load.py"), ROOT / "molecule" / "shared" / "snapshot.py"):
                subprocess.run(["docker", "cp", "-q", str(path), f"{container.name}:/root/{path.name}"], check=True)
            # A container of the lab has no file system over which Podman's usual driver could lay another one.
            found.on(host, "mkdir", "-p", "/etc/containers")
            found.on(host, "python3", "-c", f"open('/etc/containers/storage.conf', 'w').write({STORAGE!r})")
            found.on(host, "python3", "/root/snapshot.py", "/root/before.json")
        yield found


class Releases:
    """Versions of the lab's web application that greet with their number."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def program(self, version: str, dies: float = 0, more: str = "") -> str:
        """Return the program of a version. dies: seconds after its start. more: what it does first."""
        program = (ROOT / "lab" / "releases" / "hello" / "bin" / "hello").read_text(encoding="utf-8")
        program = program.replace('os.environ.get("HELLO_GREETING", "hello")', repr(version))
        return program.replace("import argparse", "import argparse\n" + more + (DIES % dies if dies else ""), 1)

    def declared(self, version: str, dies: float = 0, activated: bool = False) -> dict[str, Any]:
        """Build a version and return how it is declared. activated: it is started by its socket and closes each connection."""
        name = f"{version}-activated" if activated else version
        source = self.directory / name
        (source / "bin").mkdir(parents=True, exist_ok=True)
        program = self.program(version, dies)
        if activated:
            program = program.replace("HTTP/1.1", "HTTP/1.0").replace("    " + SERVES, ACTIVATED)
        (source / "bin" / "hello").write_text(program, encoding="utf-8")
        (source / "bin" / "hello").chmod(0o755)
        archive = self.directory / f"hello-{name}.tar"
        return {"url": str(archive), "version": version, "sha256": releases.build(source, archive)}


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    return Releases(tmp_path_factory.mktemp("releases"))


def documented() -> dict[str, Any]:
    """Return the service that the guide declares."""
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)[0])["fleet_services"]["orders"]
    return found


def services(builds: Releases, version: str, page: str = "one") -> dict[str, Any]:
    """Return what is declared: a release behind nginx, the same behind HAProxy, a container, and what leads to them."""
    orders = {**documented(), "release": builds.declared(version)}
    haproxy = {"haproxy": {"state_file": "/var/lib/haproxy/groundwork-state"}}
    carts = {**orders, "deploy": {**orders["deploy"], "ports": [8083, 8084], "switch": haproxy}}
    carts["stable_for"] = "1s"
    carts["health"] = [{"http": {"url": "http://127.0.0.1:8000/healthz", "status": 200}}]
    calls = {
        "release": builds.declared(version, activated=True),
        "exec": "bin/hello",
        "preset": "socket_activated",
        "ports": [{"port": 8096, "from": ["any"]}],
        "health": [{"http": {"url": "http://127.0.0.1:8096/healthz", "contains": "ok"}}],
        "stable_for": "1s",
    }
    services = {"nginx": NGINX, "haproxy": HAPROXY, "orders": orders, "carts": carts, "calls": calls}
    return {**services, "kiosk": kiosk(builds, version), "shop": shop(builds, page)}


def container(builds: Releases, name: str, version: str, program: str = "") -> dict[str, Any]:
    """Return a container from an image with this page. It has the host's programs, and its network, for the lab has no other."""
    archive = builds.directory / f"{name}-{version}.tar"
    built = container_archive.build(archive, version, program)
    return {
        "image": f"localhost/{name}@sha256:{built['id']}",
        "archive": {"url": str(archive), "sha256": built["sha256"]},
        "network": "host",
        "user": "1000:1000",
        "volumes": {"/usr": "/usr:ro"},
        "arguments": ["--stop-signal=SIGINT"],
    }


def kiosk(builds: Releases, version: str, dies: float = 0) -> dict[str, Any]:
    """Return a service whose images take turns behind nginx; without its secret it does not start."""
    program = builds.program(version, dies, f"assert open('/run/secrets/token').read() == {TOKEN!r}")
    return {
        "container": container(builds, "kiosk", version, program),
        "exec": "python3 /app/serve --address 127.0.0.1 --port {port}",
        "secrets": {"token": TOKEN},
        "deploy": {
            "strategy": "blue_green",
            "ports": [8085, 8086],
            "switch": {"nginx": {"upstream": "kiosk"}},
            "health": [{"http": {"url": "http://127.0.0.1:{port}/healthz", "status": 200}}],
            "drain_seconds": 5,
        },
        "health": [{"http": {"url": "http://127.0.0.1:8070/healthz", "status": 200}}],
        "stable_for": "3s",
    }


def shop(builds: Releases, page: str) -> dict[str, Any]:
    """Return a service from an image with this page, in one unit."""
    return {
        "container": container(builds, "shop", page),
        "exec": "python3 -m http.server 8090 --bind 127.0.0.1 --directory /",
        "environment": {"ODD": 'a %h ${HOME} $1 "q"'},
        "secrets": {"token": TOKEN},
        "limits": {"memory": "200M", "open_files": 1024, "processes": 512},
        "health": [{"http": {"url": "http://127.0.0.1:8090/www/", "contains": page}}],
        "stable_for": "1s",
    }


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
def loaded(lab: Lab, rest: float = 1.0) -> Iterator[dict[str, Any]]:
    """Load the ports of the hosts meanwhile; afterwards what came of it is in the mapping. rest: seconds of load before and after."""
    found: dict[str, Any] = {}
    for host in HOSTS:
        lab.on(host, "rm", "-f", "/root/stop")
    with ThreadPoolExecutor(len(HOSTS) * len(PORTS)) as pool:
        runs = {
            f"{host}:{port}": pool.submit(lab.on, host, "python3", "/root/load.py", str(port), str(rate), "/root/stop")
            for host in HOSTS
            for port, rate in PORTS.items()
        }
        try:
            time.sleep(rest)
            yield found
            time.sleep(rest)
        finally:
            for host in HOSTS:
                lab.on(host, "touch", "/root/stop")
            found.update({name: json.loads(one.result().splitlines()[-1]) for name, one in runs.items()})
    sys.stdout.write(json.dumps(found) + "\n")


def nothing_lost(found: dict[str, Any]) -> None:
    for name, told in found.items():
        assert told["lost"] == {}, f"{name}: {told}"
    for host in HOSTS:
        assert sum(told["rate"] for name, told in found.items() if name.startswith(host)) >= 200, found


def page(lab: Lab, host: str, port: int = 80, path: str = "/") -> str:
    script = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{port}{path}').read().decode().strip())"
    return lab.on(host, "python3", "-c", script).strip().splitlines()[-1]


def pages(lab: Lab) -> set[str]:
    return {page(lab, host, port) for host in HOSTS for port in PORTS}


def colours(lab: Lab, host: str, name: str) -> tuple[list[str], str]:
    """Return the colours of which there is a unit, a link or a running process, and what that was read from."""
    places = f"/etc/systemd/system /etc/containers/systemd /opt/{name}"
    containers = "podman ps --all" if name == "kiosk" else "true"  # the others have none, and Podman is slow
    said = lab.on(host, "sh", "-c", f"ls {places} 2>&1; systemctl --no-legend list-units '{name}*'; {containers}")
    pattern = rf"{name}@%s\.(service|container)|{name}-%s$|^%s$"
    return [one for one in ("blue", "green") if re.search(pattern.replace("%s", one), said, re.MULTILINE)], said


def colour(lab: Lab, host: str, name: str = "orders") -> str:
    """Return the colours that there are, of which there has to be one."""
    found, said = colours(lab, host, name)
    assert found, f"{host} {name}: {said}"
    return " ".join(found)


def test_the_first_release_serves_and_a_second_run_changes_nothing(lab: Lab, builds: Releases) -> None:
    declared = services(builds, "1.0.0")
    converged(lab, declared)
    assert pages(lab) == {"1.0.0"}
    assert re.findall(r"changed=(\d+)", said := converged(lab, declared)) == ["0", "0"], said
    assert {colour(lab, host, name) for host in HOSTS for name in TAKE_TURNS} == {"blue"}


def test_a_container_runs_by_its_digest_with_nothing_that_it_does_not_need(lab: Lab) -> None:
    for host in HOSTS:
        assert page(lab, host, 8090, "/www/") == "one"
        assert page(lab, host, 8090, "/run/secrets/token") == TOKEN
        shown = "cd /proc/$(pgrep -fx 'python3 -m http.server 8090.*') && cat status environ mounts"
        process = lab.on(host, "sh", "-c", shown)
        for line in ("Uid:\t1000\t1000", "CapPrm:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1"):
            assert line in process, process
        assert 'ODD=a %h ${HOME} $1 "q"' in process
        assert re.search(r" / \S+ ro,", process)
        image = lab.on(host, "podman", "images", "--no-trunc", "--format", "{{.Repository}} {{.Id}}")
        assert "localhost/groundwork/shop" in image and "localhost/shop " not in image
    for unit in ("shop.service", "kiosk@blue.service"):
        assert "generated" in lab.on("deploy-13", "systemctl", "is-enabled", unit)  # by a quadlet
        assert "enabled" in lab.on("deploy-12", "systemctl", "is-enabled", unit)


def test_a_new_release_loses_no_request(lab: Lab, builds: Releases) -> None:
    with loaded(lab) as found:
        converged(lab, services(builds, "2.0.0", page="two"))
    nothing_lost(found)
    assert all(set(told["bodies"]) == {"1.0.0", "2.0.0"} for told in found.values())
    assert pages(lab) == {"2.0.0"}
    assert {colour(lab, host, name) for host in HOSTS for name in TAKE_TURNS} == {"green"}
    for host in HOSTS:
        assert lab.on(host, "readlink", "/opt/orders/current").strip() == "releases/2.0.0"
        assert page(lab, host, 8090, "/www/") == "two"


def test_a_release_that_dies_after_five_seconds_never_gets_a_request(lab: Lab, builds: Releases) -> None:
    with loaded(lab) as found:
        declared = services(builds, "2.0.0", page="two")
        declared["orders"]["release"] = builds.declared("3.0.0", dies=5)
        code, said = run(lab, declared)
    assert code == 2
    assert "release 3.0.0 of orders did not prove itself as orders@blue.service" in said
    assert "orders@green.service goes on serving, untouched" in said
    nothing_lost(found)
    assert all(set(told["bodies"]) == {"2.0.0"} for told in found.values())
    assert {colour(lab, host, name) for host in HOSTS for name in TAKE_TURNS} == {"green"}


def test_where_an_image_dies_nothing_that_is_deployed_with_it_gets_a_request(lab: Lab, builds: Releases) -> None:
    declared = services(builds, "2.0.0", page="two")
    with loaded(lab) as found:
        carts = {**declared["carts"], "release": builds.declared("3.0.0")}
        code, said = run(lab, {"nginx": NGINX, "haproxy": HAPROXY, "carts": carts, "kiosk": kiosk(builds, "3.0.0", dies=2)})
    assert code == 2
    for told in (
        "kiosk did not prove itself as kiosk@blue.service",
        "kiosk@green.service goes on serving, untouched",
        "carts@green.service goes on serving, untouched",
    ):
        assert told in said, said
    nothing_lost(found)
    assert all(set(told["bodies"]) == {"2.0.0"} for told in found.values())
    assert {colour(lab, host, name) for host in HOSTS for name in TAKE_TURNS} == {"green"}


def test_an_image_that_is_not_the_one_declared_runs_nowhere(lab: Lab, builds: Releases) -> None:
    wrong = {"shop": shop(builds, "three")}
    wrong["shop"]["container"]["image"] = "localhost/shop@sha256:" + "0" * 64
    code, said = run(lab, wrong)
    assert code == 2
    assert "the archive has " in said and "nothing runs it" in said
    for host in HOSTS:
        assert page(lab, host, 8090, "/www/") == "two"
        assert "000000" not in lab.on(host, "podman", "images")


def test_a_controller_that_is_killed_leaves_one_of_them_serving(lab: Lab, builds: Releases) -> None:
    declared = services(builds, "4.0.0", page="two")
    with loaded(lab) as found:
        process = lab.start(command(lab, declared))
        lab.until(lambda: "blue" in colours(lab, HOSTS[0], "orders")[0], 120)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        for host in HOSTS:
            lab.on(host, "pkill", "-KILL", "-x", "-f", "/usr/bin/python3[0-9.]*")  # a module that was sent through a pipe
    nothing_lost(found)
    assert pages(lab) <= {"2.0.0", "4.0.0"}
    with loaded(lab) as found:
        converged(lab, declared)
    nothing_lost(found)
    assert pages(lab) == {"4.0.0"}
    assert {colour(lab, host, name) for host in HOSTS for name in TAKE_TURNS} <= {"blue", "green"}


def test_removal_leaves_nothing(lab: Lab, builds: Releases) -> None:
    converged(lab, services(builds, "4.0.0", page="two"), state="absent")
    stays = ["left behind: file /var/lib/containers*", "left behind: * ssl-cert", "left behind: * haproxy"]  # by the packages' policy
    stays.append("left behind: file /var/lib/haproxy*")  # the package's unit makes /dev/log in its chroot, the package does not know it
    for host in HOSTS:
        said = lab.on(host, "python3", "/root/snapshot.py", "--compare", "/root/before.json", *stays)
        for word in ("orders", "carts", "kiosk", "calls", "shop", "haproxy", "upstream", "groundwork"):
            assert word not in said, said
