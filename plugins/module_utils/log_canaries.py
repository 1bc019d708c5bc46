# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The canary lines of the hosts as a log server has them, and what Prometheus is told of its files."""

from __future__ import annotations

import calendar
import json
import os
import time
from fnmatch import fnmatchcase
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import log_archive, log_lines, log_metrics, log_spool
from ansible_collections.groundwork.fleet.plugins.module_utils.metrics import Sample, family

CANARY = "groundwork-canary"  # what a run writes
HEARTBEAT = "groundwork-heartbeat"  # what a timer of each host writes every minute
TAIL = 1 << 18  # bytes of the end of a file in which a canary is looked for
VERIFIED = "verified.json"


class Canary(NamedTuple):
    """A canary line. sent, received: in seconds since 1970. received is None where only the name of a closed file tells of it."""

    text: str
    sent: float
    received: Optional[float]

    @property
    def latency(self) -> Optional[float]:
        """Return how many seconds the line was on its way; the clocks of two hosts may make it a little less than nothing."""
        return None if self.received is None else max(0.0, self.received - self.sent)


def _canary(line: bytes) -> Optional[Canary]:
    parts = log_lines.parse(line)
    if parts is None:
        return None
    try:
        sent, came = log_lines.seconds(parts.time), log_lines.seconds(log_lines.received(line))
    except ValueError:
        return None
    return Canary(parts.message.decode("utf-8", "replace").strip(), sent, came)


def recent(directory: str, host: str, program: str = CANARY) -> List[Canary]:
    """Return the canaries at the end of a host's file, the newest last. Raises OSError."""
    found: List[Canary] = []
    path = os.path.join(directory, host, program)
    for name in (path + log_lines.CLOSING, path + log_lines.LIVE):
        try:
            with open(name, "rb") as stream:
                size = stream.seek(0, os.SEEK_END)
                stream.seek(max(0, size - TAIL))
                text = stream.read()
        except FileNotFoundError:
            continue
        found += [one for one in map(_canary, text.splitlines()) if one]
    return found


def last(directory: str, host: str, program: str = HEARTBEAT) -> Optional[Canary]:
    """Return the newest canary of a host; of a closed file what its name tells."""
    found = recent(directory, host, program)
    if found:
        return found[-1]
    archives = [
        one for one in (log_lines.archive(entry.name) for entry in log_lines.files(directory, host)) if one and one.program == program
    ]
    if not archives:
        return None
    newest = max(archives, key=lambda one: one.number).last
    try:
        return Canary("", calendar.timegm(time.strptime(newest, "%Y%m%dT%H%M%S")), None)
    except (ValueError, OverflowError):
        return None


def arrived(directory: str, wanted: Mapping[str, str]) -> Dict[str, Canary]:
    """Return those of the canaries that are there, by host. wanted: texts by host."""
    found = {}
    for host, text in wanted.items():
        for one in recent(directory, host):
            if text in one.text:
                found[host] = one
    return found


def _metric(name: str, text: str, samples: Iterable[Sample]) -> List[str]:
    return family("groundwork_log_" + name, text, samples, "counter" if name.endswith("_total") else "gauge")


def _forwarded(settings: Mapping[str, Any]) -> List[str]:
    """Return the metrics of what is forwarded, by the name of the next server."""
    forward = settings.get("forward") or {}
    folders = {name: os.path.join(forward["state"], folder) for name, folder in forward.get("servers", {}).items()}
    waiting = [({"to": name}, "%d" % sum(one.unread for one in log_spool.segments(folder))) for name, folder in folders.items()]
    dropped = {name: log_metrics.Counts(os.path.join(folder, "counts.json")).values.get("dropped", 0) for name, folder in folders.items()}
    lost = [({"to": name}, "%d" % count) for name, count in dropped.items()]
    return [
        *_metric("server_forward_waiting_bytes", "Copies of lines that wait for the next server.", waiting),
        *_metric("server_forward_dropped_lines_total", "Copies of lines that were dropped because too many waited.", lost),
    ]


def permitted(directory: str, clients: Sequence[str]) -> List[str]:
    """Return the hosts that have files and may send: of one that left the fleet nothing is told any more."""
    return [host for host in log_lines.hosts(directory) if any(fnmatchcase(host, pattern) for pattern in clients)]


def verified(directory: str) -> Dict[str, Any]:
    """Return what the last verification left, nothing where there was none."""
    try:
        with open(os.path.join(directory, log_lines.OWN, VERIFIED), encoding="utf-8") as stream:
            found = json.load(stream)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def to_textfile(settings: Mapping[str, Any], now: float) -> str:
    """Return the metrics. now: in seconds since 1970. Raises OSError."""
    directory = settings["directory"]
    canaries = {host: last(directory, host) for host in permitted(directory, settings["clients"])}
    there = [({"sender": host}, one) for host, one in canaries.items() if one]
    total, closed = log_archive.usage(directory)
    check = verified(directory)
    lines = _metric(
        "canary_latency_seconds",
        "How long the last canary line of a host was on its way to its file here.",
        ((labels, "%.6f" % one.latency) for labels, one in there if one.latency is not None),
    )
    text = "When the last canary line that arrived here was written, in seconds since 1970."
    lines += _metric("canary_last_seen_timestamp_seconds", text, ((labels, "%d" % one.sent) for labels, one in there))
    lines += _metric("archive_bytes", "What all files of the log server take on the disk.", [({}, total)])
    lines += _metric("archive_files", "Closed files.", [({}, len(closed))])
    if closed:
        lines += _metric("archive_oldest_timestamp_seconds", "When the oldest closed file was closed.", [({}, "%d" % closed[0][0])])
    if check:
        lines += _metric("archive_problems", "What the last verification of the chain found wrong.", [({}, len(check.get("problems", ())))])
        lines += _metric("archive_verified_timestamp_seconds", "When the chain was last verified.", [({}, "%d" % check.get("at", 0))])
    running = int(log_archive.receiver(settings["unit"]) > 0)
    lines += _metric("server_receiving", "1 where the receiver runs.", [({}, running)])
    lines += _metric("server_last_run_seconds", "When this was looked, in seconds since 1970.", [({}, "%d" % now)])
    return "\n".join([*lines, *_forwarded(settings)]) + "\n"
