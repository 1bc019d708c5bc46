# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host tells of the logs that it ships: counts that outlive the keeper, and metrics in Prometheus' text format."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from typing import Dict, Iterable, Iterator, List, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import log_spool, rsyslog_stats
from ansible_collections.groundwork.fleet.plugins.module_utils.metrics import family

_VALUE = re.compile(r'[\\"\n]')
DEAD_LETTERS = "dead-letters.log"
DEAD_LETTER_BYTES = 16 << 20  # of them at most, and as many that were put aside
Metric = Tuple[str, Dict[str, str], float]


class Counts:
    """What has been counted of an output and has to outlive the program."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.values: Dict[str, int] = {}
        with contextlib.suppress(OSError, ValueError), open(path, encoding="ascii") as stream:
            self.values = {str(name): int(value) for name, value in json.load(stream).items()}

    def add(self, name: str, count: int) -> None:
        """Count something, on the disk too. Raises OSError."""
        if count:
            self.values[name] = self.values.get(name, 0) + count
            with open(self.path + ".new", "w", encoding="ascii") as stream:
                json.dump(self.values, stream)
            os.rename(self.path + ".new", self.path)


def bound_dead_letters(folder: str, counts: Counts) -> None:
    """Put the dead letters aside when there are many, in the place of those that were put aside before; they stay counted. Raises OSError.

    Who writes them has the file open, to append.
    """
    path = os.path.join(folder, DEAD_LETTERS)
    if os.path.exists(path) and os.stat(path).st_size > DEAD_LETTER_BYTES:
        shutil.copyfile(path, path + ".1")
        counts.add("dead_letters", log_spool.count_lines(path + ".1"))
        os.truncate(path, 0)


def of_output(name: str, folder: str, counts: Counts, now: float) -> Iterator[Metric]:
    """Yield what is known of one output."""
    label = {"output": name}
    found = log_spool.segments(folder)
    unread = [one for one in found if one.unread]
    yield "queue_bytes", label, float(sum(one.unread for one in found))
    yield "queue_oldest_seconds", label, max(0.0, now - min(one.begun for one in unread)) if unread else 0.0
    yield "dropped_lines_total", label, float(counts.values.get("dropped", 0))
    dead = os.path.join(folder, DEAD_LETTERS)
    aside = counts.values.get("dead_letters", 0)
    yield "dead_letters_total", label, float(aside + (log_spool.count_lines(dead) if os.path.exists(dead) else 0))
    places = log_spool.Places(folder)
    if places.known:
        for metric, count in (("sent_lines_total", "sent"), ("failed_sends_total", "failed"), ("suspended_seconds_total", "suspended")):
            yield metric, label, places.counts.get(count, 0.0)
        return
    stats = rsyslog_stats.statistics(os.path.join(folder, "state", "stats"))
    for (origin, what), numbers in stats.items():
        if origin == "core.action" and what == "send":
            yield "sent_lines_total", label, numbers.get("processed", 0) - numbers.get("failed", 0)
            yield "failed_sends_total", label, numbers.get("failed", 0)
            yield "suspended_seconds_total", label, numbers.get("suspended.duration", 0)
        if origin == "core.queue" and what == "send":
            yield "queue_discarded_lines_total", label, numbers.get("discarded.full", 0) + numbers.get("discarded.nf", 0)


def truncations(folder: str) -> Counts:
    """Return the bytes that were in truncated files and are lost, by input. folder: the collector's."""
    return Counts(os.path.join(folder, "truncated.json"))


def of_truncations(folder: str, inputs: Iterable[str]) -> Iterator[Metric]:
    """Yield what truncations cost. inputs: the names of those that read files."""
    lost = truncations(folder).values
    for name in inputs:
        yield "truncated_unread_bytes_total", {"input": name}, float(lost.get(name, 0))


def of_collector(folder: str, counters: List[str]) -> Iterator[Metric]:
    """Yield what is known of the collector. counters: what its flows count, `WHAT:FLOW:INPUT:SERVICE`."""
    stats = rsyslog_stats.statistics(os.path.join(folder, "stats"))
    if ("dynstats", "global") in stats:  # else nothing is known yet, which is not 0
        counted = stats.get(("dynstats.bucket", "groundwork"), {})
        for counter in counters:
            what, flow, source, service = counter.split(":", 3)
            labels = {"flow": flow, "input": source, **({"service": service} if service else {})}
            yield "%s_lines_total" % what, labels, counted.get(counter, 0.0)
    for (origin, what), numbers in stats.items():
        if "submitted" in numbers:
            yield "read_lines_total", {"input": what if origin in what else "%s %s" % (origin, what)}, numbers["submitted"]
        if origin == "core.action":
            yield "failed_writes_total", {"output": what}, numbers.get("failed", 0)


HELP = {
    "queue_bytes": ("gauge", "Bytes that wait for their output on the disk."),
    "queue_oldest_seconds": ("gauge", "Age of the oldest line that waits for its output, 0 where none does."),
    "queue_limit_bytes": ("gauge", "How many bytes may wait for the output."),
    "dropped_lines_total": ("counter", "Lines that were dropped because too many waited."),
    "dead_letters_total": ("counter", "Lines that the output refused for good, in its dead-letters.log."),
    "sent_lines_total": ("counter", "Lines that were handed to the output."),
    "failed_sends_total": ("counter", "Lines whose sending failed; it is tried again."),
    "suspended_seconds_total": ("counter", "Seconds for which the output took nothing."),
    "queue_discarded_lines_total": ("counter", "Lines that rsyslog discarded, which should not be."),
    "read_lines_total": ("counter", "Lines that the collector has read."),
    "failed_writes_total": ("counter", "Lines that the collector could not write to the disk at once."),
    "limited_lines_total": ("counter", "Lines that a flow left out because their source said too much."),
    "sampled_lines_total": ("counter", "Lines that a flow left out because it samples."),
    "unparsed_lines_total": ("counter", "Lines that are not of the format that their flow parses; they go on without fields."),
    "truncated_unread_bytes_total": (
        "counter",
        "Bytes, at least, of files that were truncated before they were read, and of which no copy was found.",
    ),
    "server": ("gauge", "1 for the server that an output with several sends to, 0 for its others; rank is their order."),
    "server_changes_total": ("counter", "How often an output with several servers has turned to another one."),
    "last_run_seconds": ("gauge", "When these figures were taken, seconds since 1970."),
}


def to_textfile(metrics: List[Metric]) -> str:
    """Return the metrics in Prometheus' text format."""
    lines: List[str] = []
    for name, (kind, meaning) in HELP.items():
        found = [(labels, float(value)) for one, labels, value in metrics if one == name]
        plain = [({key: _VALUE.sub("_", text) for key, text in labels.items()}, value) for labels, value in found]
        lines += family("groundwork_logs_" + name, meaning, plain, kind)
    return "\n".join(lines) + "\n"
