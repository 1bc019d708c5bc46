# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent to real servers arrives, counted by numbers, though they are killed, and the senders too.

OpenSearch and Kafka are sent to by rsyslog; CloudWatch Logs and S3 of a moto server, and Loki's and Datadog's API of a VictoriaLogs by the
sender of the collection. Each case writes 100,000 lines into two files and the journal at once; all outputs take all of them.
"""

from __future__ import annotations

import collections
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import log_clouds
import pytest
import ssh_lab
from ansible_collections.groundwork.fleet.plugins.module_utils import log_protocols
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import rsyslog
from log_lab import STATE, TLS, LogLab
from ssh_lab import fleets

from lab import kafka, opensearch, tls, victoria_logs

FLEET = fleets.Fleet("outputs", (fleets.Host("ship", "10.157.12.11", "debian-13"),))
GATEWAY = str(next(FLEET.subnet.hosts()))
OUTAGE = 4.0  # seconds
SOURCES = {"one": 40_000, "two": 40_000, "journal": 20_000}
RATE = 10_000  # lines a second and source
#: What docs/logs.md promises: sent again of one source at most, for each unclean end.
SENDER = 2 * rsyslog.SENT_AGAIN + rsyslog.NOTED
STREAM, TOPIC = "logs-lab-default", "logs"
#: The same of each output: what one unclean end may double. An object of S3 takes the place of itself.
BOUND = {
    "search": SENDER,
    "queue": SENDER,
    "cloud": log_protocols.CloudWatch.limits.lines,
    "loki": log_protocols.Loki.limits.lines,
    "dog": log_protocols.Datadog.limits.lines,
    "archive": 0,
}
OWN = ("cloud", "archive", "loki", "dog")
CREDENTIALS = "/etc/groundwork/aws-lab"
NUMBERED = re.compile(r"(?:^| )(one|two|journal) (\d{8}) ")
#: Longer than what Lucene takes for one term, so a stream that keeps the text as a keyword refuses the line for good.
POISON = 33_000  # bytes


class OutputLab(LogLab):
    """A host that ships to servers on this machine."""

    def __init__(
        self, lab: ssh_lab.Lab, search: opensearch.Server, queue: kafka.Server, cloud: log_clouds.Cloud, victoria: victoria_logs.Server
    ) -> None:
        self.lab, self.search, self.queue, self.cloud, self.victoria = lab, search, queue, cloud, victoria
        self.next: dict[str, int] = {}
        self.servers: list[Any] = [search, queue, cloud, victoria]
        aws = {"region": log_clouds.REGION, "endpoint": cloud.url, "credentials_file": CREDENTIALS}
        trust = {"ca": f"{TLS}/victoria.crt"}
        outputs: dict[str, Any] = {
            "search": {"type": "opensearch", "servers": [search.url], "stream": STREAM},
            "queue": {"type": "kafka", "brokers": [queue.broker], "topic": TOPIC},
            "cloud": {"type": "cloudwatch", "group": log_clouds.GROUP, "stream": log_clouds.STREAM, **aws},
            "archive": {"type": "s3", "bucket": log_clouds.BUCKET, "path_style": True, "interval": 2, **aws},
            "loki": {"type": "loki", "url": f"{victoria.url}/{victoria_logs.LOKI}", **trust},
            "dog": {"type": "datadog", "url": f"{victoria.url}/{victoria_logs.DATADOG}", "api_key": "lab", **trust},
        }
        self.plan = self.planned({"outputs": outputs}, [])
        self.prepare("ship", ("openssl", "rsyslog", "rsyslog-elasticsearch", "rsyslog-kafka"))
        self.authority()
        key = victoria.files
        assert key is not None
        self.send("ship", {f"{TLS}/victoria.crt": key.ca.read_text(), CREDENTIALS: log_clouds.CREDENTIALS})
        self.certify("ship")
        self.begin()

    def arrived(self, output: str) -> Iterator[str]:
        """Give the text of every line that has arrived at an output."""
        readers: dict[str, Callable[[], Iterator[str]]] = {
            "search": lambda: (one["message"] for one in self.search.documents(STREAM)),
            "queue": lambda: (json.loads(text)["message"] for text in self.queue.lines(TOPIC)),
            "cloud": self.cloud.events,
            "archive": self.cloud.archived,
            "loki": lambda: (one["_msg"] for one in self.victoria.entries("!ddsource:groundwork | fields _msg")),
            "dog": lambda: (one["_msg"] for one in self.victoria.entries("ddsource:groundwork | fields _msg")),
        }
        return readers[output]()

    def counts(self, output: str, wanted: list[tuple[str, int, int]]) -> dict[str, tuple[int, int]]:
        """Return how many lines are lost and doubled at an output, by source."""
        matches = (NUMBERED.search(text) for text in self.arrived(output))
        seen = collections.Counter((one[1], int(one[2])) for one in matches if one)
        return {
            name: (
                sum(not seen[name, number] for number in range(first, first + count)),
                sum(max(0, seen[name, number] - 1) for number in range(first, first + count)),
            )
            for name, first, count in wanted
        }

    def proved(self, wanted: list[tuple[str, int, int]], ends: int, seconds: float = 90) -> None:
        """See that every line has arrived within so many seconds, and few twice. ends: how many of senders and servers were unclean."""
        end = time.monotonic() + seconds
        while self.writing() and time.monotonic() < end:
            time.sleep(0.3)
        counts = {output: self.counts(output, wanted) for output in BOUND}
        while any(lost for one in counts.values() for lost, _doubled in one.values()) and time.monotonic() < end:
            time.sleep(2)
            waiting = [output for output, one in counts.items() if any(lost for lost, _doubled in one.values())]
            counts |= {output: self.counts(output, wanted) for output in waiting}
        print(f"lost and doubled: {counts}")
        assert not any(lost for one in counts.values() for lost, _doubled in one.values()), f"lost and doubled: {counts}\n{self.state_of()}"
        assert all(twice <= ends * BOUND[output] for output, one in counts.items() for _lost, twice in one.values()), (
            f"lost and doubled: {counts}"
        )

    def senders(self, do: str, outputs: Iterable[str] = tuple(BOUND)) -> None:
        """Do something with the senders of outputs."""
        self.on("ship", f"systemctl {do} " + " ".join(f"groundwork-log-sender-{name}.service" for name in outputs))

    def down(self) -> None:
        """Kill the servers."""
        for server in self.servers:
            server.kill()

    def up(self) -> None:
        """Start the servers."""
        for server in self.servers:
            server.start()


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OutputLab]:
    directory: Path = tmp_path_factory.mktemp("outputs")
    with ssh_lab.raised(FLEET, directory) as lab:
        search, queue = opensearch.Server(directory / "search", GATEWAY), kafka.Server(directory / "queue", GATEWAY)
        cloud = log_clouds.Cloud(GATEWAY)
        victoria = victoria_logs.Server(directory / "victoria", GATEWAY, tls.files(directory / "tls", GATEWAY))
        with search, queue, cloud, victoria:
            text = {"type": "keyword", "doc_values": False}
            search.template("logs", "logs-*", {"message": text})
            queue.make(TOPIC)
            yield OutputLab(lab, search, queue, cloud, victoria)


def test_servers_and_senders_are_killed(hosts: OutputLab) -> None:
    """What a client has taken and not delivered is sent again from the segments. The own senders are killed in their work, too."""
    wanted = hosts.write(SOURCES, RATE)
    time.sleep(1.5)
    hosts.senders("kill --kill-who=main --signal=KILL", OWN)
    time.sleep(1.5)
    hosts.down()
    time.sleep(OUTAGE)
    hosts.senders("kill --kill-who=main --signal=KILL")
    time.sleep(1.5)
    hosts.up()
    hosts.proved(wanted, 2)


def test_the_senders_are_restarted_while_the_servers_are_away(hosts: OutputLab) -> None:
    wanted = hosts.write(SOURCES, RATE)
    time.sleep(1.5)
    hosts.down()
    time.sleep(OUTAGE)
    hosts.senders("restart")
    hosts.up()
    hosts.proved(wanted, 2)


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
    sent = dict(re.findall(r'groundwork_logs_sent_lines_total\{output="(\w+)"\} ([0-9.]+)', metrics))
    assert all(float(sent[name]) > 2 * sum(SOURCES.values()) for name in OWN), metrics
    places = hosts.on("ship", f"cd {STATE}; ls {' '.join(f'{name}/kept.log' for name in OWN)} 2>/dev/null || true")
    assert not places, "an own sender needs none of what it sent once more"
