# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent to a real OpenSearch and a real Kafka arrives, counted by numbers, though they are killed, and the senders too.

Each case writes 100,000 lines into two files and the journal at once; both outputs take all of them.
"""

from __future__ import annotations

import collections
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import ssh_lab
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import rsyslog
from log_lab import STATE, LogLab
from ssh_lab import fleets

from lab import kafka, local_servers, opensearch

FLEET = fleets.Fleet("outputs", (fleets.Host("ship", "10.157.12.11", "debian-13"),))
GATEWAY = str(next(FLEET.subnet.hosts()))
OUTAGE = 4.0  # seconds
SOURCES = {"one": 40_000, "two": 40_000, "journal": 20_000}
RATE = 10_000  # lines a second and source
#: What docs/logs.md promises: sent again of one source at most, for each unclean end.
SENDER = 2 * rsyslog.SENT_AGAIN + rsyslog.NOTED
STREAM, TOPIC = "logs-lab-default", "logs"
SENDERS = "groundwork-log-sender-search.service groundwork-log-sender-queue.service"
NUMBERED = re.compile(r"(?:^| )(one|two|journal) (\d{8}) ")
#: Longer than what Lucene takes for one term, so a stream that keeps the text as a keyword refuses the line for good.
POISON = 33_000  # bytes


class OutputLab(LogLab):
    """A host that ships to servers on this machine."""

    def __init__(self, lab: ssh_lab.Lab, search: opensearch.Server, queue: kafka.Server) -> None:
        self.lab, self.search, self.queue = lab, search, queue
        self.next: dict[str, int] = {}
        self.servers: list[local_servers.LocalServer] = [search, queue]
        outputs: dict[str, Any] = {
            "search": {"type": "opensearch", "servers": [search.url], "stream": STREAM},
            "queue": {"type": "kafka", "brokers": [queue.broker], "topic": TOPIC},
        }
        self.plan = self.planned({"outputs": outputs}, [])
        self.prepare("ship", ("openssl", "rsyslog", "rsyslog-elasticsearch", "rsyslog-kafka"))
        self.authority()
        self.begin()

    def found(self) -> dict[str, collections.Counter[tuple[str, int]]]:
        """Return how often each numbered line has arrived, by output."""
        arrived = {
            "search": (one["message"] for one in self.search.documents(STREAM)),
            "queue": (json.loads(text)["message"] for text in self.queue.lines(TOPIC)),
        }
        numbered: dict[str, collections.Counter[tuple[str, int]]] = {}
        for output, texts in arrived.items():
            matches = (NUMBERED.search(text) for text in texts)
            numbered[output] = collections.Counter((one[1], int(one[2])) for one in matches if one)
        return numbered

    def counts(self, wanted: list[tuple[str, int, int]]) -> dict[tuple[str, str], tuple[int, int]]:
        """Return how many lines are lost and doubled, by output and source."""
        return {
            (output, name): (
                sum(not seen[name, number] for number in range(first, first + count)),
                sum(max(0, seen[name, number] - 1) for number in range(first, first + count)),
            )
            for output, seen in self.found().items()
            for name, first, count in wanted
        }

    def proved(self, wanted: list[tuple[str, int, int]], doubled: int, seconds: float = 90) -> None:
        """See that every line has arrived within so many seconds: at most `doubled` of a source twice."""
        end = time.monotonic() + seconds
        while self.writing() and time.monotonic() < end:
            time.sleep(0.3)
        counts = self.counts(wanted)
        while any(lost for lost, _doubled in counts.values()) and time.monotonic() < end:
            time.sleep(2)
            counts = self.counts(wanted)
        assert not any(lost for lost, _doubled in counts.values()), f"lost and doubled: {counts}\n{self.state_of()}"
        assert all(twice <= doubled for _lost, twice in counts.values()), f"lost and doubled: {counts}"

    def down(self) -> None:
        """Kill both servers."""
        for server in self.servers:
            server.kill()

    def up(self) -> None:
        """Start both servers."""
        for server in self.servers:
            server.start()


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OutputLab]:
    directory: Path = tmp_path_factory.mktemp("outputs")
    with ssh_lab.raised(FLEET, directory) as lab:
        search, queue = opensearch.Server(directory / "search", GATEWAY), kafka.Server(directory / "queue", GATEWAY)
        with search, queue:
            text = {"type": "keyword", "doc_values": False}
            search.template("logs", "logs-*", {"message": text})
            queue.make(TOPIC)
            yield OutputLab(lab, search, queue)


def test_servers_and_senders_are_killed(hosts: OutputLab) -> None:
    """What a client has taken and not delivered is sent again from the segments."""
    wanted = hosts.write(SOURCES, RATE)
    time.sleep(1.5)
    hosts.down()
    time.sleep(OUTAGE)
    hosts.on("ship", f"systemctl kill --kill-who=main --signal=KILL {SENDERS}")
    time.sleep(1.5)
    hosts.up()
    hosts.proved(wanted, 2 * SENDER)


def test_the_senders_are_restarted_while_the_servers_are_away(hosts: OutputLab) -> None:
    wanted = hosts.write(SOURCES, RATE)
    time.sleep(1.5)
    hosts.down()
    time.sleep(OUTAGE)
    hosts.on("ship", f"systemctl restart {SENDERS}")
    hosts.up()
    hosts.proved(wanted, 2 * SENDER)


def test_a_refused_line_is_a_dead_letter(hosts: OutputLab) -> None:
    """It is kept and counted, and the lines around it arrive."""
    wanted = hosts.write({"one": 1000}, RATE)
    hosts.on("ship", f"head -c {POISON} /dev/zero | tr '\\0' x >> /var/log/lab/two.log; echo >> /var/log/lab/two.log")
    wanted += hosts.write({"two": 1000}, RATE)
    hosts.proved(wanted, 0)
    text = hosts.on("ship", f"cat {STATE}/search/dead-letters.log")
    letters = [json.loads(line) for line in text.splitlines()]
    assert [letter["line"]["message"].strip() for letter in letters] == ["x" * POISON], text[:2000]
    assert letters[0]["refused"]["status"] == 400 and letters[0]["line"]["service"] == "two", text[:2000]
    hosts.on("ship", "timeout 20 /usr/local/sbin/groundwork-log-spool /etc/groundwork/logs/spool.json once")
    metrics = hosts.on("ship", "cat /var/lib/metrics/groundwork_logs.prom")
    assert 'groundwork_logs_dead_letters_total{output="search"} 1' in metrics, metrics
