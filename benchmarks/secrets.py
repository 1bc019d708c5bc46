# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two hundred secrets of OpenBao over twenty hosts, by groundwork.fleet.secret and community.hashi_vault; and one that is kept."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any, ClassVar
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from ansible import constants
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder

from benchmarks import commands, report
from benchmarks.commands import Arm, BenchmarkError
from benchmarks.fleet import CACHE, Lab
from benchmarks.suite import Options
from lab.console import ROOT, say
from lab.openbao import Server

NAME = "secrets"
OURS, PEER = "groundwork.fleet.secret", "community.hashi_vault.vault_kv2_get"
ARMS = (OURS, PEER)
EMPTY = "no secret"
SECRETS, HOSTS = 200, 20
FEWER, FASTER, KEPT = 10.0, 5.0, 1.0  # times fewer requests, times faster, milliseconds
ASKED = 1000  # times a secret that is kept is asked for
#: The whole of what each arm does on a host: the sum of the lengths, so that every value has to be there.
SUMS = {
    OURS: "lookup('groundwork.fleet.secret', *bench_references, wantlist=true) | map('length') | sum",
    PEER: "lookup('community.hashi_vault.vault_kv2_get', *bench_paths, engine_mount_point='secret', url=bench_url, token='root', "
    "wantlist=true) | map(attribute='secret.value') | map('length') | sum",
    EMPTY: "bench_sum",
}


def hosts_needed(_options: Options) -> int:
    """Return how many hosts this suite needs. It connects to none; the lab always has one."""
    return 1


class Counting(BaseHTTPRequestHandler):
    """Passes requests on to the server and counts them."""

    protocol_version = "HTTP/1.1"
    target: ClassVar[str] = ""
    count: ClassVar[int] = 0
    lock: ClassVar[Lock] = Lock()

    def _pass_on(self) -> None:
        with self.lock:
            type(self).count += 1
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
        kept = {name: value for name, value in self.headers.items() if name.lower().startswith("x-vault")}
        request = Request(self.target + self.path, body, kept, method=self.command)
        try:
            with urlopen(request, timeout=30) as answer:
                status, content = answer.status, answer.read()
        except HTTPError as error:
            status, content = error.code, error.read()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_LIST = _pass_on  # noqa: N815  # the names that http.server looks for

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name that http.server gives it
        """Say nothing."""


@contextmanager
def counted(target: str) -> Iterator[str]:
    """Give the URL of a server that counts what it passes on to `target`."""
    Counting.target = target
    server = ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def value(number: int) -> str:
    """Return one of the secrets."""
    return f"value-of-secret-{number:03d}-" + "x" * (number % 20)


def play(name: str) -> list[dict[str, Any]]:
    """Return the playbook of an arm."""
    check = {"name": "Have every secret", "ansible.builtin.assert": {"that": f"({SUMS[name]}) | int == bench_sum", "quiet": True}}
    return [{"name": name, "hosts": "all", "gather_facts": False, "tasks": [check]}]


def inventory(url: str) -> dict[str, Any]:
    """Return twenty hosts that nobody connects to, with what all arms are given."""
    paths = [f"bench/{number}" for number in range(SECRETS)]
    variables = {
        "ansible_connection": "local",
        "bench_url": url,
        "bench_paths": paths,
        "bench_references": [f"secret://bench/secret/{path}#value" for path in paths],
        "bench_sum": sum(len(value(number)) for number in range(SECRETS)),
        "fleet_secret_backends": {"bench": {"backend": "vault", "address": url, "token": "root"}},
    }
    return {"all": {"hosts": {f"host-{number}": None for number in range(1, HOSTS + 1)}, "vars": variables}}


@dataclass
class Times:
    """Wall time and requests of each round, by arm."""

    wall: dict[str, list[float]] = field(default_factory=dict)
    requests: dict[str, list[float]] = field(default_factory=dict)


def measured(rounds: int, folder: Path) -> Times:
    """Run the arms in turn."""
    found = Times()
    with Server(folder / "server", dev=True) as server, counted(server.url) as url:
        for number in range(SECRETS):
            server.ask("POST", f"secret/data/bench/{number}", {"data": {"value": value(number)}})
        (folder / "hosts.json").write_text(json.dumps(inventory(url)), encoding="utf-8")
        for name in (EMPTY, *ARMS):
            (folder / f"{name}.yml").write_text(json.dumps(play(name)), encoding="utf-8")
        for number in range(rounds):
            for name in (EMPTY, *ARMS):
                Counting.count = 0
                arm = Arm(name, commands.playbook(str(folder / f"{name}.yml"), folder / "hosts.json", "--forks", str(HOSTS)))
                result = commands.run(arm, peers=False)
                if commands.recap(result.output).ok != HOSTS:
                    raise BenchmarkError(f"{name} did not have every secret on {HOSTS} hosts: look at .cache/bench/logs")
                found.wall.setdefault(name, []).append(result.wall)
                found.requests.setdefault(name, []).append(float(Counting.count))
            told = ", ".join(f"{name} {report.number(values[-1])} s" for name, values in found.wall.items())
            say(f"{SECRETS} secrets over {HOSTS} hosts, round {number + 1}: {told}")
    return found


def kept() -> list[float]:
    """Return how many milliseconds each answer took of a secret that the run's process keeps, over a connection that is there."""
    if not any(isinstance(one, _AnsibleCollectionFinder) for one in sys.meta_path):
        _AnsibleCollectionFinder(paths=[str(ROOT / "collections")])._install()
    from ansible_collections.groundwork.fleet.plugins.plugin_utils import secrets
    from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_broker import Client
    from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_keeper import Context, Keeper

    found = []
    with tempfile.TemporaryDirectory(prefix="gwb-") as folder:
        before, constants.DEFAULT_LOCAL_TMP = constants.DEFAULT_LOCAL_TMP, folder
        try:
            (Path(folder) / "db").write_text("correct horse", encoding="utf-8")
            context = Context(secrets.configured({"file": {"directory": folder}}))
            client = Client()
            for _number in range(ASKED + 1):
                start = time.perf_counter()
                client.ask(["secret://file/db"], context, False, Keeper())
                found.append((time.perf_counter() - start) * 1000)
            client.stop()
        finally:
            constants.DEFAULT_LOCAL_TMP = before
    return found[1:]  # the first one started the process


def tables(times: Times, one: list[float]) -> tuple[report.Table, ...]:
    """Return what was measured."""
    rows = []
    for name in ARMS:
        alone = report.net(times.wall[name], times.wall[EMPTY])
        ours = report.net(times.wall[OURS], times.wall[EMPTY])
        same = name == OURS
        faster = "1" if same else report.spread(report.ratios(alone, ours), "x")
        fewer = "1" if same else report.spread(report.ratios(times.requests[name], times.requests[OURS]), "x")
        rows.append(
            (name, report.spread(times.wall[name], "s"), report.spread(alone, "s"), faster, report.spread(times.requests[name]), fewer)
        )
    rows.append((EMPTY, report.spread(times.wall[EMPTY], "s"), "", "", report.spread(times.requests[EMPTY]), ""))
    header = ("", "whole command", "secrets alone", "ours is faster by", "requests", "ours has fewer by")
    ordered = sorted(one)
    figures = (f"{report.number(statistics.median(ordered))} ms", f"{report.number(ordered[int(len(ordered) * 0.99)])} ms")
    return (
        report.Table(f"{SECRETS} secrets, {HOSTS} hosts", header, tuple(rows)),
        report.Table("A secret that is kept", ("", "median", "99 of 100 within"), ((OURS, *figures),)),
    )


def verdicts(times: Times, one: list[float]) -> tuple[report.Verdict, ...]:
    """Return the verdicts on the targets."""
    ours, peer = (report.net(times.wall[name], times.wall[EMPTY]) for name in ARMS)
    return (
        report.at_least(f"at least {FEWER:.0f}x fewer requests", report.ratios(times.requests[PEER], times.requests[OURS]), FEWER),
        report.at_least(f"secrets alone: at least {FASTER:.0f}x faster", report.ratios(peer, ours), FASTER),
        report.at_most(f"a secret that is kept: under {KEPT:.0f} ms", one, KEPT, "ms"),
    )


def run(_lab: Lab, options: Options) -> report.Section:
    """Measure and return the section."""
    folder = CACHE / "secrets"
    folder.mkdir(parents=True, exist_ok=True)
    times, one = measured(options.rounds, folder), kept()
    text = (
        f"{SECRETS} secrets of KV 2 of an OpenBao server on this machine, each of {HOSTS} hosts needs all of them in one task; the hosts "
        f"are not connected to. {options.rounds} rounds, the arms in turn. Every host proves that it has every value. Requests are "
        "counted by a server in between, the same for both. "
        "*Secrets alone* is the whole command less the median of the same play without a secret.",
        f"A secret that is kept: {ASKED} answers of the run's process, one after the other.",
    )
    warning = report.noise("the play without a secret", times.wall[EMPTY])
    return report.Section(NAME, "Secrets", (*text, warning) if warning else text, tables(times, one), verdicts(times, one))
