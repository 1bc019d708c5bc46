# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login of PostgreSQL and an SSH key are rotated while they are used: on hosts of their own, killed in every step, with nothing seen."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from ssh_lab import PROGRAMS, Lab, fleets, raised

from lab import releases

FLEET = fleets.Fleet("rotation", (fleets.Host("db-1", "10.157.19.11", "debian-12"), fleets.Host("app-1", "10.157.19.12", "debian-13")))
LOGIN = "secret://file/orders?generate=login&users=orders_a,orders_b&charset=letters,digits,symbols"
NAME = "secret://file/orders"
KEY = "secret://file/key?generate=ssh_key"
KEYS = "/var/lib/postgresql/.ssh/authorized_keys"
PAGE = "http://10.157.19.12:8080/"
# It logs in anew for each page, with what systemd handed it at its start; /etc/orders-broken is the fault that a test puts in.
APPLICATION = """#!/usr/bin/env python3
import http.server, os, subprocess

def credential(name):
    with open(os.path.join(os.environ["CREDENTIALS_DIRECTORY"], name)) as stream:
        return stream.read()

USER, PASSWORD, BROKEN = credential("db_user"), credential("db_password"), os.path.exists("/etc/orders-broken")
ASK = ["psql", "-X", "-w", "-A", "-t", "-h", "10.157.19.11", "-U", USER, "-d", "postgres", "-c", "SELECT current_user, session_user"]

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        done = subprocess.run(ASK, env={**os.environ, "PGPASSWORD": PASSWORD}, capture_output=True, check=False)
        body = done.stdout + done.stderr
        self.send_response(500 if done.returncode or BROKEN else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass

http.server.ThreadingHTTPServer(("0.0.0.0", 8080), Handler).serve_forever()
"""

# The overlap of docs/rotation.md with a real sshd and a client that knows the first key only. Each version is announced once.
HOST_KEYS = r"""
set -e
mkdir -p /run/sshd /root/.ssh /tmp/keys; cd /tmp/keys
for name in old new user; do ssh-keygen -q -t ed25519 -N "" -f $name; done
chmod 700 /root/.ssh; cat user.pub > /root/.ssh/authorized_keys
step() {  # the current, next and previous key
  more=""; [ $2 = $1 ] || more="$more -o HostKey=/tmp/keys/$2"; [ $3 = $1 ] || [ $3 = $2 ] || more="$more -o HostKey=/tmp/keys/$3"
  [ ! -f pid ] || { kill $(cat pid); sleep 0.5; }
  /usr/sbin/sshd -f /dev/null -p 2222 -h /tmp/keys/$1 $more -o PidFile=/tmp/keys/pid -o StrictModes=no -o PermitRootLogin=yes
  sleep 0.3
  ssh -q -p 2222 -i user -o UserKnownHostsFile=known -o UpdateHostKeys=yes -o StrictHostKeyChecking=$4 root@127.0.0.1 sleep 0.5
  wc -l < known
}
step old old old accept-new
step old new old yes
step new new old yes
step new new new yes
cut -d" " -f3 known; cut -d" " -f2 new.pub
kill $(cat pid)
"""


class Visitor(threading.Thread):
    """Asks for the page all the time, and keeps what came: a status, or 0 where nobody answered."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: list[int] = []
        self.leaves = threading.Event()

    def run(self) -> None:
        while not self.leaves.wait(0.1):
            self.seen.append(page()[0])


def page() -> tuple[int, str]:
    """Return the status of the page and what stands on it."""
    try:
        with urllib.request.urlopen(PAGE, timeout=5) as answer:
            return answer.status, answer.read().decode().strip()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


class Orders:
    """The two hosts, their inventory and the secret."""

    def __init__(self, lab: Lab, directory: Path) -> None:
        self.lab, self.said = lab, ""
        self.secret = directory / ".groundwork/secrets/orders"
        self.state_file = directory / ".groundwork/rotation/state.json"
        program = directory / "orders/bin/orders"
        program.parent.mkdir(parents=True)
        program.write_text(APPLICATION)
        program.chmod(0o755)
        digest = releases.build(directory / "orders", directory / "orders.tar")
        service = {
            "release": {"url": str(directory / "orders.tar"), "version": "1.0.0", "sha256": digest},
            "exec": "bin/orders",
            "files": {"/etc/orders": {"directory": True}, "/etc/orders/key": {"content": KEY, "mode": "0600"}},
            "secrets": {"db_user": LOGIN + "&part=username", "db_password": LOGIN + "&part=password"},
            "health": [{"http": {"url": "http://127.0.0.1:8080/", "status": 200}, "retries": 5, "delay": 1}],
        }
        variables = {
            "all": {"fleet_admins": {}, "fleet_secret_rotation": {"secret://file/*": "90d"}, "patch_health_attempts": 3},
            "db-1": {
                "fleet_services_host": {
                    "postgresql": {
                        "catalogue": "postgresql",
                        "options": {
                            "listen_addresses": "*",
                            "tls": False,
                            "hba": [{"type": "host", "address": "10.157.19.0/24"}],
                        },
                        "files": {
                            os.path.dirname(KEYS): {"directory": True, "mode": "0700", "owner": "postgres", "group": "postgres"},
                            KEYS: {
                                "content": KEY + "&part=public&rotation=accepted",
                                "mode": "0600",
                                "owner": "postgres",
                                "group": "postgres",
                            },
                        },
                    }
                },
                "postgresql_logins_owners": {"orders": {"logins": LOGIN + "&rotation=accepted"}},
            },
            "app-1": {"fleet_services_host": {"orders": service}},
        }
        for name, content in variables.items():
            place = directory / ("group_vars" if name == "all" else "host_vars") / (name + ".yml")
            place.parent.mkdir(exist_ok=True)
            place.write_text(yaml.safe_dump(content))

    def command(self, playbook: str, *arguments: str) -> list[str]:
        return [
            str(PROGRAMS / "ansible-playbook"),
            "groundwork.fleet." + playbook,
            "-i",
            str(self.lab.inventory),
            "-vvvv",
            "--diff",
            *arguments,
        ]

    def run(self, playbook: str, *arguments: str) -> tuple[int, str]:
        process = self.lab.start(self.command(playbook, *arguments))
        said = process.communicate(timeout=240)[0]
        self.said += said
        (self.lab.directory / "said.log").write_text(self.said)  # the last runs are kept by pytest, for whoever has to mend this
        return process.returncode, re.sub(r"\s+", " ", said)

    def killed_at(self, step: str) -> None:
        """Rotate, and kill the controller with all its children as soon as the rotation has come to a step."""
        process = self.lab.start(self.command("rotate_secrets"))
        said = threading.Thread(target=lambda: setattr(self, "said", self.said + (process.stdout.read() if process.stdout else "")))
        said.start()
        self.lab.until(lambda: self.step == step or process.poll() is not None, 120)
        assert process.poll() is None, self.said[-3000:]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        said.join(30)

    @property
    def step(self) -> str:
        """Return how far the rotation is, empty where there is none."""
        if not self.state_file.exists():
            return ""
        rotations: dict[str, Any] = json.loads(self.state_file.read_text())["rotations"]
        return str(rotations.get(NAME, {}).get("step", ""))

    def lets_in(self, login: str) -> bool:
        """Tell whether the server lets a login in."""
        user, _colon, password = login.partition(":")
        question = ["psql", "-X", "-w", "-h", "127.0.0.1", "-U", user, "-d", "postgres", "-c", "SELECT 1"]
        found = self.lab.container("db-1").exec_run(question, environment={"PGPASSWORD": password})
        return bool(found.exit_code == 0)

    def key_opens(self) -> bool:
        """Tell whether the key that the application's host has opens the other host."""
        options = ("BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null")
        command = ["ssh", "-i", "/etc/orders/key", *(word for one in options for word in ("-o", one)), "postgres@10.157.19.11", "true"]
        return bool(self.lab.container("app-1").exec_run(command).exit_code == 0)

    def keys(self) -> int:
        """Return how many keys open the database's host."""
        return len(self.lab.on("db-1", "cat", KEYS).split("ssh-ed25519 ")) - 1

    def age(self) -> None:
        long_ago = time.time() - 100 * 86400
        for path in (self.secret, self.secret.with_name("key")):
            os.utime(path, (long_ago, long_ago))


@pytest.fixture(name="orders", scope="module")
def _orders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orders]:
    with raised(FLEET, tmp_path_factory.mktemp("rotation")) as lab:
        orders = Orders(lab, lab.directory)
        lab.on("app-1", "apt-get", "install", "-y", "-q", "postgresql-client")
        code, said = orders.run("services", "--limit", "db-1")
        assert code == 0, said[-3000:]
        code, said = orders.run("services", "--limit", "app-1")
        assert code == 0 and page() == (200, "orders|orders_a"), said[-3000:] + str(page())
        yield orders


def test_a_login_is_replaced_while_it_is_used(orders: Orders) -> None:
    old, visitor = orders.secret.read_text(), Visitor()
    orders.age()
    code, said = orders.run("rotate_secrets", "--check")
    assert code == 0 and "have it accepted by db-1; make it the current one; deploy to app-1" in said, said[-3000:]
    assert sorted(path.name for path in orders.secret.parent.iterdir()) == ["key", "orders"] and orders.step == ""
    assert orders.key_opens() and orders.keys() == 1
    old_key = orders.secret.with_name("key").read_text()
    visitor.start()

    orders.killed_at("accepting")
    assert orders.secret.read_text() == old and orders.lets_in(old)
    new = orders.secret.with_name("orders-next").read_text()
    orders.killed_at("deploying")
    assert orders.secret.read_text() == new and orders.lets_in(old) and orders.lets_in(new)
    assert page() == (200, "orders|orders_a") and orders.key_opens() and orders.keys() == 2
    assert 500 not in visitor.seen, visitor.seen

    orders.lab.on("app-1", "touch", "/etc/orders-broken")
    code, said = orders.run("rotate_secrets")
    assert code == 2 and orders.step == "deploying" and page()[0] == 500, said[-3000:]
    assert orders.lets_in(old) and orders.secret.with_name("orders-previous").read_text() == old
    orders.lab.on("app-1", "rm", "/etc/orders-broken")
    orders.lab.on("app-1", "systemctl", "restart", "orders")
    orders.lab.until(lambda: page()[0] == 200, 20)
    visitor.seen.clear()

    orders.killed_at("locking")
    assert page() == (200, "orders|orders_b") and orders.key_opens()
    assert orders.lab.on("app-1", "cat", "/etc/orders/key").strip() != old_key.strip()
    code, said = orders.run("rotate_secrets")
    assert code == 0 and orders.step == "", said[-3000:]
    visitor.leaves.set()
    visitor.join(10)
    assert {200} <= set(visitor.seen) <= {0, 200}, visitor.seen  # 0: the moment of its restart
    log = orders.lab.on("db-1", "sh", "-c", "cat /var/log/postgresql/*")
    assert "authentication failed" not in log and "not permitted to log in" not in log
    assert not orders.lets_in(old) and orders.lets_in(new) and orders.secret.read_text() == new
    assert orders.key_opens() and orders.keys() == 1
    for kind in ("next", "previous"):
        assert old not in orders.secret.with_name("orders-" + kind).read_text()
    code, said = orders.run("services")
    assert code == 0 and len(re.findall(r"changed=0", said)) == 2, said[-2000:]
    seen(orders, old, new, old_key.splitlines()[2])


def seen(orders: Orders, *logins: str) -> None:
    """Fail where a password was put out by a run, or stands in a journal of a host, in any of the forms that it is written in."""
    places = {"output": orders.said, **{host.name: orders.lab.on(host.name, "journalctl", "--no-pager") for host in FLEET.hosts}}
    places["log of the server"] = orders.lab.on("db-1", "sh", "-c", "cat /var/log/postgresql/*")
    places["state"] = orders.state_file.read_text()
    assert "-vvvv" in orders.said or "EXEC" in orders.said
    for number, login in enumerate(logins):
        password = login.partition(":")[2] or login
        forms = [one for value in (login, password) for one in (value, base64.b64encode(value.encode()).decode(), quote(value, safe=""))]
        for place, text in places.items():
            assert [form for form in range(len(forms)) if forms[form] in text] == [], f"login {number} in {place}"


def test_the_ages_are_left_where_prometheus_finds_them(orders: Orders) -> None:
    group = orders.lab.directory / "monitoring.yml"
    group.write_text(yaml.safe_dump({"monitoring": {"hosts": {"app-1": None}}}))
    orders.lab.on("app-1", "mkdir", "-p", "/var/lib/prometheus/node-exporter")
    node = '{"exporters_enabled": {"node": {}}, "secrets_publish": true}'
    code, said = orders.run("secrets_report", "-i", str(group), "-e", node)
    assert code == 0, said[-3000:]
    metrics = orders.lab.on("app-1", "cat", "/var/lib/prometheus/node-exporter/groundwork_secrets.prom")
    assert 'groundwork_secret_due_timestamp_seconds{name="file/orders",backend="file"} ' in metrics
    assert not orders.lab.is_there("db-1", "/var/lib/prometheus/node-exporter/groundwork_secrets.prom")


def test_clients_learn_the_next_host_key_and_forget_the_old_one(orders: Orders) -> None:
    said = orders.lab.on("db-1", "sh", "-c", HOST_KEYS).split()
    assert said[:4] == ["1", "2", "2", "1"] and said[4] == said[5], said
