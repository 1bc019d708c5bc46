# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults in the lab, and what a webhook on its monitoring host is told of them."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import docker
import yaml

ROOT = Path(__file__).resolve().parents[2]
MONITOR = "ops-1"
INTERVAL = 10  # seconds from scrape to scrape, and from judgement to judgement
USUAL_INTERVAL = 15  # seconds, as the role monitoring has it where nothing else is said
WAIT = 10  # seconds of `for`
SLACK = 60  # seconds that a busy machine may take for all that lies between
#: Alert and host: a fault, what is needed for it before, and how it is mended.
EXPORTER, DISK, DATABASE = ("target_down", MONITOR), ("node_disk_full_soon", "db-1"), ("postgres_down", "db-1")
NODE = "groundwork-exporter-node.service"
BEFORE = {
    # A container does not pass new mounts on to its units, so this one starts anew.
    DISK: "mkdir -p /srv/fault && mount -t tmpfs -o size=8m tmpfs /srv/fault && systemctl restart %s" % NODE,
}
FAULTS = {
    EXPORTER: "systemctl stop %s" % NODE,
    DISK: "head -c 7800k /dev/zero > /srv/fault/filling",
    DATABASE: "systemctl stop postgresql@15-main.service",
}
MENDED = {
    EXPORTER: "systemctl start %s" % NODE,
    DISK: "rm -f /srv/fault/filling",
    DATABASE: "systemctl start postgresql@15-main.service",
}
AFTER = {DISK: "umount /srv/fault && rmdir /srv/fault && systemctl restart %s" % NODE}
#: What the role is told: alerts wait as long as a test can, and go to the webhook at once.
SETTINGS = {
    "monitoring_scrape_interval": "%ds" % INTERVAL,
    "monitoring_scrape_timeout": "5s",
    "monitoring_alerts": {alert: {"for": "%ds" % WAIT} for alert, _host in FAULTS},
    "monitoring_receivers": {"default": {"webhook": "http://127.0.0.1:9999/default"}, "lab": {"webhook": "http://127.0.0.1:9999/lab"}},
    "monitoring_routes": [
        {"receiver": "lab", "matchers": ['alertname=~"%s"' % "|".join(alert for alert, _host in FAULTS)],
         "group_by": ["alertname", "host"], "group_wait": "0s", "group_interval": "5s"}
    ],
}  # fmt: skip
ASK = """
import ssl, sys, urllib.request
context = ssl.create_default_context(cafile="/etc/groundwork/tls/ca.crt")
context.load_cert_chain("/etc/groundwork/tls/host.crt", "/etc/groundwork/tls/host.key")
print(urllib.request.urlopen("https://127.0.0.1:9090" + sys.argv[1], context=context, timeout=10).read().decode())
"""
#: Prints each address that answers a scrape that is plain, or that shows no certificate.
REFUSED = """
import json, ssl, sys, urllib.request
anonymous = ssl.create_default_context(cafile="/etc/groundwork/tls/ca.crt")
for place in json.loads(sys.argv[1]):
    for url in ("http://%s/metrics" % place, "https://%s/metrics" % place):
        try:
            answer = urllib.request.urlopen(url, context=anonymous if url.startswith("https") else None, timeout=5)
            print(url, answer.status)
        except OSError:
            pass
"""
#: A login that the exporters of the monitoring host ask for besides a certificate.
LOGIN_NAME = "secret://file/scrape"
LOGIN = LOGIN_NAME + "?generate=login&users=scrape_a,scrape_b"
WITH_LOGIN = {
    "exporters_authentication": "both",
    "exporters_basic_auth": LOGIN + "&rotation=accepted",
    "monitoring_basic_auth": {"username": LOGIN + "&part=username", "password": LOGIN + "&part=password"},
}
#: Prints the status of the page of an exporter that is asked with the host's certificate and a login, USER:PASSWORD.
SCRAPE = """
import base64, ssl, sys, urllib.error, urllib.request
context = ssl.create_default_context(cafile="/etc/groundwork/tls/ca.crt")
context.load_cert_chain("/etc/groundwork/tls/host.crt", "/etc/groundwork/tls/host.key")
header = {"Authorization": "Basic " + base64.b64encode(sys.argv[2].encode()).decode()}
try:
    print(urllib.request.urlopen(urllib.request.Request(sys.argv[1], headers=header), context=context, timeout=10).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""


class Lab:
    """The hosts of the lab, for the time of a test."""

    def __init__(self, engine: docker.DockerClient, prefix: str = "groundwork-staging-") -> None:
        self.engine, self.prefix = engine, prefix
        self.killed = self.down = 0.0  # when Prometheus was killed, by the monotonic clock, and how many seconds it did not answer

    def on(self, host: str, *command: str) -> str:
        """Run a command on a host and return what it printed."""
        code, output = self.engine.containers.get(self.prefix + host).exec_run(list(command))
        assert code == 0, "%s on %s: %s" % (command, host, output.decode())
        return str(output.decode())

    def ask(self, path: str) -> Any:
        """Return what Prometheus answers."""
        return json.loads(self.on(MONITOR, "python3", "-c", ASK, path))["data"]

    def kill_prometheus(self) -> None:
        """Kill it and wait until it answers again."""
        self.killed = time.monotonic()
        self.on(MONITOR, "systemctl", "kill", "--signal=KILL", "prometheus.service")
        while True:
            time.sleep(0.5)
            with suppress(AssertionError):
                self.ask("/api/v1/query?query=up")
                break
            assert time.monotonic() < self.killed + 120, "Prometheus did not come back"
        self.down = time.monotonic() - self.killed

    def samples(self, selector: str) -> list[float]:
        """Return when the series, of which there is one at most, was scraped."""
        found = self.ask("/api/v1/query?query=" + selector)["result"]
        return [float(moment) for moment, _value in found[0]["values"]] if found else []

    def scrapes(self, seconds: int) -> dict[str, list[tuple[float, bool]]]:
        """Return job to when an exporter of the monitoring host was scraped in the last seconds, and whether it answered."""
        chosen = "up{host=%%22%s%%22,job!~%%22prometheus|alertmanager%%22}[%ds]" % (MONITOR, seconds)
        found = self.ask("/api/v1/query?query=" + chosen)["result"]
        return {one["metric"]["job"]: [(float(moment), value == "1") for moment, value in one["values"]] for one in found}

    def lets_in(self, login: str) -> bool:
        """Tell whether the node exporter of the monitoring host lets a login in, USER:PASSWORD."""
        self.settled_targets()  # just after it was told of others Prometheus has none
        targets = self.ask("/api/v1/targets")["activeTargets"]
        url = next(one["scrapeUrl"] for one in targets if (one["labels"]["job"], one["labels"]["host"]) == ("node", MONITOR))
        status = self.on(MONITOR, "python3", "-c", SCRAPE, url, login).strip()
        assert status in ("200", "401"), status
        return status == "200"

    def accepted(self) -> list[str]:
        """Return the addresses of targets that let somebody without a certificate look, or that talk without TLS."""
        places = [url.split("/")[2] for url in self.targets()]
        return self.on(MONITOR, "python3", "-c", REFUSED, json.dumps(places)).splitlines()

    def targets(self) -> dict[str, str]:
        """Return address to health, and the last error, of all that Prometheus scrapes."""
        targets = self.ask("/api/v1/targets")["activeTargets"]
        return {str(one["scrapeUrl"]): " ".join([str(one["health"]), str(one["lastError"])]).strip() for one in targets}

    def settled_targets(self) -> dict[str, str]:
        """Return address to health, or what was wrong, when all are up or two scrapes after an earlier test could have stopped one."""
        deadline = time.monotonic() + 2 * USUAL_INTERVAL + SLACK
        while set((found := self.targets()).values()) != {"up"} and time.monotonic() < deadline:
            time.sleep(1)
        return found

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Have the webhook of the scenario monitoring listen on the monitoring host."""
        program = (ROOT / "molecule/monitoring/receiver.py").read_text(encoding="utf-8")
        self.on(MONITOR, "python3", "-c", "import sys; open('/run/receiver.py', 'w').write(sys.argv[1])", program)
        self.on(MONITOR, "systemd-run", "--unit=lab-receiver", "/usr/bin/python3", "/run/receiver.py", "/run/told")
        try:
            yield
        finally:
            self.on(MONITOR, "sh", "-c", "systemctl stop lab-receiver.service; rm -f /run/receiver.py /run/told")

    def told(self, status: str) -> set[tuple[str, str]]:
        """Return the alerts that the webhook was told are `firing` or `resolved`, with their hosts."""
        lines = self.on(MONITOR, "sh", "-c", "cat /run/told 2>/dev/null || true").splitlines()
        return {(line.split()[2], line.split()[4]) for line in lines if line.startswith("/lab %s " % status)}

    def wait(self, status: str, seconds: float) -> set[tuple[str, str]]:
        """Return what the webhook was told by the time that it knows of all faults, or in the seconds given."""
        deadline = time.monotonic() + seconds
        while not (told := self.told(status)) >= set(FAULTS) and time.monotonic() < deadline:
            time.sleep(1)
        return told

    def each(self, commands: dict[tuple[str, str], str], which: Iterable[tuple[str, str]] = FAULTS) -> None:
        """Run the commands of faults on their hosts."""
        for fault in which:
            if fault in commands:
                self.on(fault[1], "sh", "-c", commands[fault])


STAGING = ROOT / "inventories" / "staging"


def inventory_with_login(top: Path) -> Path:
    """Return a copy of the lab's inventory in which the monitoring host asks for LOGIN. What it keeps beside itself is its own but for the
    authority. top: a directory in that of the lab's files."""
    shutil.rmtree(top, ignore_errors=True)
    (top / ".groundwork").mkdir(parents=True)
    (top / ".groundwork/pki").symlink_to(STAGING / ".groundwork/pki")
    (top / "host_vars").mkdir()
    (top / "host_vars" / (MONITOR + ".yml")).write_text(yaml.safe_dump(WITH_LOGIN), encoding="utf-8")
    for name in ("hosts.yml", "group_vars"):
        (top / name).symlink_to(STAGING / name)
    return top


def inventory_without(host: str, top: Path) -> Path:
    """Return a copy of the lab's inventory that lacks a host. top: a directory in that of the lab's files."""
    found = yaml.safe_load((STAGING / "hosts.yml").read_text(encoding="utf-8"))
    del found["all"]["hosts"][host]
    for group in found["all"]["children"].values():
        (group.get("hosts") or {}).pop(host, None)
    top.mkdir(parents=True, exist_ok=True)
    (top / "hosts.yml").write_text(yaml.safe_dump(found), encoding="utf-8")
    for other in STAGING.iterdir():
        if other.name != "hosts.yml" and not (top / other.name).is_symlink():
            (top / other.name).symlink_to(other)
    return top
