# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of a log line from a file to the file of a log server: ours, and an rsyslog.conf that was tuned by hand.

All that ships runs on one processor, the log server on another one. How long it took is what the log server has stamped on the first
and the last line; processor time is that of the processes that ship.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import string
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks import commands, report
from benchmarks.commands import BenchmarkError
from benchmarks.fleet import CACHE, Lab, inventory_of
from benchmarks.suite import Options
from lab.console import say

NAME = "logs"
SHIPS, RECEIVES = "host-1", "host-2"
OURS, DISK, MEMORY = "groundwork.fleet", "rsyslog.conf, queue on disk", "rsyslog.conf, disk-assisted queue"
ROLES = ("packages", "certificates", "log_shipping", "log_server")
CONF = Path(__file__).resolve().parent / "peers" / "rsyslog.conf"
FOLDER, RECEIVED, PEER_STATE = "/var/log/bench", f"/var/log/groundwork/{SHIPS}", "/var/spool/rsyslog/bench"
SEGMENTS = "/var/spool/rsyslog/groundwork"
COLLECTOR, KEEPER, SENDER = "groundwork-log-collector.service", "groundwork-log-keeper.service", "groundwork-log-sender-*.service"
PEER_UNIT, SERVER = "bench-rsyslog.service", "groundwork-log-server.service"
#: What the writing of rsyslog's place with each line leaves of its speed is a tenth, so is the number of lines that take the same time.
SLOW = 10
PATIENCE = 600.0  # seconds until lines have to have arrived
QUEUED = 1_000_000
RATE, RATIO, MEMORY_LIMIT = 50_000, 1.3, 64.0
SHARED = 0.85  # of the processor that a process gets which has it for itself, and waits for nobody
PEER_QUEUES = {
    DISK: (
        {"queue.type": "Disk", "queue.checkpointInterval": 1, "queue.maxDiskSpace": "2g"},
        {"persistStateInterval": 1},
    ),
    MEMORY: (
        {"queue.type": "LinkedList", "queue.size": 100_000, "queue.maxDiskSpace": "2g"},
        {"persistStateInterval": 1000},
    ),
}
QUEUE = {"queue.filename": "bench", "queue.saveOnShutdown": "on", "queue.dequeueBatchSize": 512, "queue.timeoutEnqueue": 2147483647}
#: Writes NAME COUNT lines into a file of another name, so that all of them appear at once: PATH.
WRITE = r"""
import os, sys
name, count, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
line = "%s %08d GET /page?x=12345678 HTTP/1.1 200 1234 some text to make it about as long as a line is\n"
os.makedirs(os.path.dirname(path), exist_ok=True)
with open("/var/tmp/bench.new", "w") as stream:
    for start in range(0, count, 10000):
        stream.write("".join(line % (name, one) for one in range(start, min(start + 10000, count))))
"""
#: Prints what became of the lines of a file: how many, how many different ones, seconds between the first and the last: PATH.
COUNT = r"""
import json, re, sys
seen, lines, first, last = set(), 0, "", ""
with open(sys.argv[1], errors="replace") as stream:
    for line in stream:
        found = re.search(r'received@32473 time="([^"]+)".* (\d{8}) GET ', line)
        if found:
            lines, first, last = lines + 1, first or found[1], found[1]
            seen.add(found[2])
print(json.dumps({"lines": lines, "different": len(seen), "first": first, "last": last}))
"""
#: Prints processor seconds and memory of processes: PID …
LOOK = r"""
import json, os, sys
told = {"processor": 0.0, "resident": 0, "peak": 0}
for process in sys.argv[1:]:
    fields = open("/proc/%s/stat" % process).read().rpartition(")")[2].split()
    told["processor"] += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    status = dict(line.split(":", 1) for line in open("/proc/%s/status" % process))
    told["resident"] += int(status["VmRSS"].split()[0]) * 1024
    told["peak"] += int(status["VmHWM"].split()[0]) * 1024
print(json.dumps(told))
"""


def hosts_needed(_options: Options) -> int:
    """Return how many hosts this suite needs: one that ships, one that receives."""
    return 2


@dataclass
class Figures:
    """What was measured, by arm and round. seconds: of wall time. processor: seconds. lines: of one round."""

    lines: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    processor: dict[str, list[float]] = field(default_factory=dict)

    def rate(self, arm: str) -> list[float]:
        """Return the lines per second."""
        return [self.lines[arm] / one for one in self.seconds[arm]]

    def cost(self, arm: str) -> list[float]:
        """Return the processor time of a line in microseconds."""
        return [one / self.lines[arm] * 1e6 for one in self.processor[arm]]

    def share(self, arm: str) -> list[float]:
        """Return how much of its processor an arm used."""
        return [used / took for used, took in zip(self.processor[arm], self.seconds[arm], strict=True)]


def parameters(values: dict[str, Any]) -> str:
    """Return parameters of rsyslog's objects."""
    return " ".join(f'{name}="{value}"' for name, value in values.items())


def peer_text(arm: str, collector: str, target: str) -> str:
    """Return the configuration of a peer. collector: the text of ours, whose lines it is to make. Raises BenchmarkError."""
    found = re.search(r'^template\(name="line_[^"]*" type="list"\) \{\n.*?^\}$', collector, re.DOTALL | re.MULTILINE)
    if not found:
        raise BenchmarkError("collect.conf has no template line_…; the peer cannot make the same lines. Mend benchmarks/logs.py.")
    lines = re.sub(r'name="line_[^"]*"', 'name="line"', found[0], count=1).replace(' constant(value="\\n")', "")
    queue, noted = PEER_QUEUES[arm]
    return string.Template(CONF.read_text(encoding="utf-8")).substitute(
        state=PEER_STATE,
        template=lines,
        queue=parameters({**queue, **QUEUE}),
        noted=parameters(noted),
        target=target,
        peer=RECEIVES,
        file=f"{FOLDER}/peer.log",
        name="peer",
    )


def between(first: str, last: str) -> float:
    """Return the seconds between two times as they stand in a line."""
    begun, ended = (datetime.datetime.fromisoformat(one) for one in (first, last))
    return (ended - begun).total_seconds()


class Bench:
    """The two hosts."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) < 2:
            raise BenchmarkError(f"{len(cores)} processor; expected two: one for what ships, one for the log server")
        self.ships, self.receives = cores[0], cores[-1]

    def on(self, host: str, command: str) -> str:
        """Run a shell's command on a host and return what it says. Raises LabError."""
        return self.lab.inside(host, ["sh", "-c", command])

    def converge(self) -> None:
        """Play the roles of the site that make the pipeline."""
        inventory = inventory_of(self.lab.fleet)
        inventory["all"]["children"]["log_servers"] = {"hosts": {RECEIVES: {}}}
        inputs = {"bench": {"paths": [f"{FOLDER}/ours.log"], "service": "ours"}}
        inventory["all"]["hosts"][SHIPS]["fleet_logs"] = {"inputs": inputs}
        path = self.lab.inventory.parent / "logs.json"
        path.write_text(json.dumps(inventory, indent=1), encoding="utf-8")
        say("converging a host that ships logs and a log server")
        tags = ("--tags", ",".join(ROLES))
        commands.run(commands.Arm("converging the logs", commands.playbook("site.yml", path, *tags)), peers=False)
        # What compresses and verifies at times of its own would be in the way.
        self.on(RECEIVES, "systemctl stop 'groundwork-log-*.timer'; systemctl stop groundwork-log-archive.service || true")

    def processes(self, *units: str) -> list[str]:
        """Return the main processes of units, whose names may be patterns. Raises BenchmarkError where there is none."""
        found = self.on(SHIPS, f"systemctl show --property=MainPID --value {' '.join(repr(one) for one in units)}").split()
        alive = [one for one in found if one != "0"]
        if len(alive) < len(units):
            raise BenchmarkError(f"{' '.join(units)} on {SHIPS}: {len(alive)} processes run; expected {len(units)}")
        return alive

    def pin(self, processes: list[str]) -> None:
        """Have what ships run on one processor and the log server on another one."""
        self.on(SHIPS, " && ".join(f"taskset --all-tasks --cpu-list --pid {self.ships} {one} >/dev/null" for one in processes))
        server = f"$(systemctl show --property=MainPID --value {SERVER})"
        self.on(RECEIVES, f"taskset --all-tasks --cpu-list --pid {self.receives} {server} >/dev/null")

    def look(self, processes: list[str]) -> dict[str, float]:
        """Return processor seconds, and bytes of memory, of processes together."""
        told: dict[str, float] = json.loads(self.lab.inside(SHIPS, ["python3", "-c", LOOK, *processes]))
        return told

    def write(self, name: str, count: int) -> None:
        """Have a file with so many lines appear."""
        self.lab.inside(SHIPS, ["python3", "-c", WRITE, name, str(count), f"{FOLDER}/{name}.log"])
        self.on(SHIPS, f"mv /var/tmp/bench.new {FOLDER}/{name}.log")

    def forget(self, name: str) -> None:
        """Take away what was sent and what was received."""
        self.on(SHIPS, f"rm -f {FOLDER}/{name}.log")
        self.on(RECEIVES, f"rm -f {RECEIVED}/{name}.log; systemctl kill --kill-who=main --signal=HUP {SERVER}")

    def arrived(self, name: str, count: int) -> dict[str, Any]:
        """Wait for the last line and return what arrived. Raises BenchmarkError where a line is missing."""
        path, end = f"{RECEIVED}/{name}.log", time.monotonic() + PATIENCE
        wanted = f" {count - 1:08d} "
        self.until(lambda: wanted in self.on(RECEIVES, f"tail -n 1 {path} 2>/dev/null || true"), end, f"the last of {count} lines")
        told: dict[str, Any] = json.loads(self.lab.inside(RECEIVES, ["python3", "-c", COUNT, path]))
        if told["different"] != count:
            raise BenchmarkError(f"{told['different']} of {count} lines arrived; expected all: arms that lose lines cannot be compared")
        return told

    def until(self, what: Callable[[], bool], end: float, name: str) -> None:
        """Wait for something. Raises BenchmarkError where it takes too long."""
        while not what():
            if time.monotonic() > end:
                raise BenchmarkError(f"{name} did not arrive within {PATIENCE:.0f} s; look at the journal of {SHIPS}")
            time.sleep(0.5)

    def peer(self, arm: str) -> None:
        """Start a peer."""
        collector = self.on(SHIPS, "cat /etc/groundwork/logs/collect.conf")
        target = next(one.address for one in self.lab.fleet.hosts if one.name == RECEIVES)
        text = peer_text(arm, collector, target)
        self.lab.inside(SHIPS, ["python3", "-c", "import sys; open('/root/bench.conf', 'w').write(sys.argv[1])", text])
        self.on(SHIPS, f"mkdir -p {PEER_STATE} {FOLDER} && touch {FOLDER}/peer.log && rsyslogd -N1 -f /root/bench.conf")
        self.on(SHIPS, f"systemd-run --quiet --unit {PEER_UNIT} --property=Type=notify rsyslogd -n -iNONE -f /root/bench.conf")

    def measured(self, arm: str, count: int) -> tuple[float, float]:
        """Ship lines and return the seconds of wall time and of the processor."""
        name = "ours" if arm == OURS else "peer"
        self.forget(name)
        if arm != OURS:
            self.peer(arm)
        time.sleep(2)  # until ours has seen that the file is gone
        try:
            processes = self.processes(*((COLLECTOR, SENDER, KEEPER) if arm == OURS else (PEER_UNIT,)))
            self.pin(processes)
            before = self.look(processes)
            self.write(name, count)
            told = self.arrived(name, count)
            after = self.look(processes)
        finally:
            if arm != OURS:
                self.on(SHIPS, f"systemctl stop {PEER_UNIT}; rm -rf {PEER_STATE}")
            self.forget(name)
        return between(told["first"], told["last"]), after["processor"] - before["processor"]

    def waiting(self) -> tuple[float, float]:
        """Return MiB resident, now and at the peak, while QUEUED lines wait for a log server that is away; all of them have to arrive."""
        self.forget("ours")
        units = f"{COLLECTOR} {KEEPER} $(systemctl list-units --plain --no-legend '{SENDER}' | cut -d' ' -f1)"
        self.on(SHIPS, f"systemctl restart {units}")
        self.on(RECEIVES, f"systemctl stop {SERVER}")
        try:
            self.write("ours", QUEUED)
            segments = f"cat {SEGMENTS}/*/segments/*.log | grep -c ' GET ' || true"
            self.until(lambda: int(self.on(SHIPS, segments)) >= QUEUED, time.monotonic() + PATIENCE, f"{QUEUED} lines in the segments")
            time.sleep(10)  # two looks of the keeper
            told = self.look(self.processes(COLLECTOR, SENDER, KEEPER))
        finally:
            self.on(RECEIVES, f"systemctl start {SERVER}")
        self.arrived("ours", QUEUED)
        self.forget("ours")
        return told["resident"] / 2**20, told["peak"] / 2**20


def run(lab: Lab, options: Options) -> report.Section:
    """Measure and return the section."""
    CACHE.mkdir(parents=True, exist_ok=True)
    bench, figures = Bench(lab), Figures()
    bench.converge()
    figures.lines = {OURS: options.lines, DISK: max(1, options.lines // SLOW), MEMORY: options.lines}
    for number in range(options.rounds):
        for arm, count in figures.lines.items():
            wall, processor = bench.measured(arm, count)
            figures.seconds.setdefault(arm, []).append(wall)
            figures.processor.setdefault(arm, []).append(processor)
        told = ", ".join(f"{arm} {values[-1]:.0f} lines/s" for arm, values in ((one, figures.rate(one)) for one in figures.lines))
        say(f"logs, round {number + 1}: {told}")
    return section(figures, *bench.waiting())


def section(figures: Figures, resident: float, peak: float) -> report.Section:
    """Return the section from the figures. resident, peak: MiB of memory while lines wait."""
    cost, rows = figures.cost(OURS), []
    for arm in figures.lines:
        same = arm == OURS
        rows.append(
            (
                arm,
                f"{figures.lines[arm]}",
                report.spread(figures.seconds[arm], "s"),
                report.spread(figures.rate(arm)),
                report.spread(figures.share(arm)),
                report.spread(figures.cost(arm), "µs"),
                "1" if same else report.spread(report.ratios(cost, figures.cost(arm)), "x"),
            )
        )
    header = ("", "lines", "took", "lines/s", "of its processor it used", "processor time of a line", "ours takes so many times that")
    text = [
        f"One host ships a file to a log server by RELP over mutual TLS, {len(cost)} rounds, the arms in turn. All that ships runs on one "
        "processor (taskset), the log server and what else there is on the others. The log server stamps each line; the time is that "
        "between the first and the last one. A round in which a line is missing is refused.",
        f'*{DISK}* is what rsyslog\'s documentation offers where a line may not be lost by `kill -9`: `queue.type="Disk"`, its place and '
        "that in the file noted with each line. It has the guarantees of ours but for the lines in RELP's window, which it "
        f"loses. *{MEMORY}* is the usual tuning; it is here to show what the guarantee costs, for it loses at `kill -9` what is in its "
        "memory (up to 100000 lines) and is held against no target.",
        f"While {QUEUED} lines wait for a log server that is away the collector, the sender and the keeper together take "
        f"{report.number(resident)} MiB of memory (sum of VmRSS), "
        f"{report.number(peak)} MiB at their peaks. All of the lines arrive afterwards.",
    ]
    share = max(figures.share(OURS))
    if share < SHARED:
        text.append(
            f"**The processor was busy with something else**, or what ships had to wait for the log server: it used {share:.2f} "
            "of it at best. "
            f"What one processor is enough for, by its time alone: {report.spread([1e6 / one for one in cost])} lines/s."
        )
    rates = figures.rate(OURS)
    verdicts = (
        replace(report.at_least(f"on one processor at least {RATE} lines/s", rates, RATE), figure=report.spread(rates, "lines/s")),
        report.at_most(
            f"processor time of a line: at most {RATIO} times that of {DISK}", report.ratios(cost, figures.cost(DISK)), RATIO, "x"
        ),
        report.at_most(f"{QUEUED} lines that wait: less than {MEMORY_LIMIT:.0f} MiB of memory", [peak], MEMORY_LIMIT, "MiB"),
    )
    return report.Section(NAME, "Logs", tuple(text), (report.Table("", header, tuple(rows)),), verdicts)
