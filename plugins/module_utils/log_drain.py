# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the OpenTelemetry Collector tells of its queues, and how what waited in one engine is sent when the other has taken over.

Its queues are files of bbolt below `STATE/otelcol/queue`. From rsyslog to the collector the senders of rsyslog stay until their segments
are read; from the collector to rsyslog the unit `groundwork-log-drain` runs the collector without inputs until its queues are empty.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
import urllib.error
import urllib.request
from typing import Any, Callable, Dict, Iterator, List, Mapping, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import log_bolt, log_spool, processes, readable_file

FIGURES = "http://127.0.0.1:8898/metrics"
SECONDS = 5
DRAIN = "groundwork-log-drain.service"
SENDER = "groundwork-log-sender-"
UNITS, PLACE = "/etc/systemd/system", "/etc/groundwork/logs"
PROOF = 3  # seconds that a line takes at most from a source into the queues
SETTLED = 20  # seconds for which all that waited was sent, so that it has been acknowledged too
_LINE = re.compile(r"^(?:otelcol_)(\w+)\{([^}]*)\} (\S+)$")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
#: The collector's names to those of the textfile; what fails for good is dropped by it, and counted as a dead letter.
_OUTPUTS = {
    "exporter_queue_size": "queue_bytes",
    "exporter_sent_log_records": "sent_lines_total",
    "exporter_send_failed_log_records": "dead_letters_total",
    "exporter_enqueue_failed_log_records": "dropped_lines_total",
}
_COUNTED = ("sent_lines_total", "dead_letters_total", "dropped_lines_total", "failed_writes_total")
Metric = Tuple[str, Dict[str, str], float]


def told() -> str:
    """Return what a running collector tells; nothing where none runs."""
    with contextlib.suppress(OSError, ValueError, urllib.error.URLError):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(FIGURES, timeout=SECONDS) as answer:  # the address is that of this host
            return str(answer.read().decode("utf-8", "replace"))
    return ""


def figures(text: str) -> Dict[Tuple[str, str, str], float]:
    """Return the collector's figures: (name, kind of label, its value) to the sum; a counter's ending `_total` is left out."""
    found: Dict[Tuple[str, str, str], float] = {}
    for line in text.splitlines():
        match = _LINE.match(line)
        if match:
            labels = dict(_LABEL.findall(match[2]))
            name = match[1][: -len("_total")] if match[1].endswith("_total") else match[1]
            for kind in ("exporter", "receiver"):
                if kind in labels:
                    key = (name, kind, labels[kind])
                    found[key] = found.get(key, 0.0) + float(match[3])
    return found


def waiting(text: str) -> Dict[str, float]:
    """Return how many bytes wait for each output."""
    return {who.split("/", 1)[-1]: value for (name, _kind, who), value in figures(text).items() if name == "exporter_queue_size"}


def metrics(text: str, outputs: Mapping[str, Any], memory: Dict[str, Tuple[float, float]], now: float) -> Iterator[Metric]:
    """Yield what the collector tells in the names of the textfile. memory: what an output had sent, and since when it has sent no more."""
    known = figures(text)
    for output in outputs:
        own = {_OUTPUTS[name]: value for (name, _kind, who), value in known.items() if name in _OUTPUTS and who.split("/", 1)[-1] == output}
        if "queue_bytes" not in own:
            continue
        for name in ("sent_lines_total", "dead_letters_total", "dropped_lines_total"):
            own.setdefault(name, 0.0)
        sent, since = memory.get(output, (-1.0, now))
        if sent != own["sent_lines_total"] or not own["queue_bytes"]:
            sent, since = own["sent_lines_total"], now
        memory[output] = (sent, since)
        for name, value in {**own, "queue_oldest_seconds": now - since}.items():
            yield name, {"output": output}, value
    for (name, _kind, who), value in known.items():
        if name == "receiver_accepted_log_records":
            yield "read_lines_total", {"input": who.split("/", 1)[-1]}, value
        if name in ("exporter_queue_capacity",):
            yield "queue_limit_bytes", {"output": who.split("/", 1)[-1]}, value


def write_bounds(configuration: Mapping[str, Any]) -> None:
    """Write for the collector's unit how many bytes may wait for each output, in its environment. Raises OSError."""
    folder = os.path.join(configuration["state"], "otelcol")
    status = os.statvfs(folder)
    queue = os.path.join(folder, "queue")
    used = sum(os.stat(os.path.join(queue, name)).st_size for name in os.listdir(queue)) if os.path.isdir(queue) else 0
    free = status.f_bavail * status.f_frsize + used
    lines = []
    for name, output in configuration["outputs"].items():
        bound = int(output["bound"]) or max(1 << 20, min(int(free * output["share"]), int(output["most"])))
        lines.append("GROUNDWORK_LOG_BOUND_%s=%d\n" % (name.upper(), bound))
    readable_file.write(os.path.join(folder, "bounds.env"), "".join(lines))


def give(folder: str, user: str) -> None:
    """Give what is below a folder to a user. Raises OSError, LookupError."""
    shutil.chown(folder, user, user)
    for place, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            shutil.chown(os.path.join(place, name), user, user)


def has_queue(state: str) -> bool:
    """Return whether something waits in a queue of the collector, which must not run."""
    folder = os.path.join(state, "otelcol", "queue")
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        try:
            if any(key != b"qmv0" for key in log_bolt.read(os.path.join(folder, name))):
                return True
        except log_bolt.Damaged:
            return True  # the collector shall say what is wrong with it
    return False


def start(state: str) -> bool:
    """Start to send what waits in the collector's queues, where there is any; return whether. Called while no collector runs."""
    if not os.path.exists(os.path.join(UNITS, DRAIN)) or not has_queue(state):
        return False
    processes.answer(["systemctl", "enable", DRAIN], 60)
    processes.answer(["systemctl", "start", "--no-block", DRAIN], 60)
    return True


def stop() -> None:
    """Stop it, for the collector itself begins."""
    if os.path.exists(os.path.join(UNITS, DRAIN)):
        processes.answer(["systemctl", "disable", "--now", DRAIN], 120)


def finish(state: str, text: str, memory: Dict[str, Tuple[float, float]], now: float, is_chosen: Callable[[], bool]) -> bool:
    """Remove what is left of the collector once its queues are empty for a while; return whether.

    text: what it tells. is_chosen: whether rsyslog still is the engine, asked before each step.
    """
    sizes = waiting(text)
    if any(sizes.values()) or (not sizes and has_active(DRAIN)):
        memory.pop(DRAIN, None)
        return False
    if now - memory.setdefault(DRAIN, (0.0, now))[1] < SETTLED or not is_chosen():
        return False
    stop()
    if not is_chosen():
        return False
    if has_queue(state):
        start(state)
        return False
    for path in (os.path.join(UNITS, DRAIN), *(os.path.join(PLACE, name) for name in ("collector.json", "drain.json"))):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
    for folder in (os.path.join(state, "otelcol"), os.path.join(PLACE, "secrets")):
        shutil.rmtree(folder, ignore_errors=True)
    memory.pop(DRAIN, None)
    return True


def has_active(unit: str) -> bool:
    """Return whether a unit runs."""
    return processes.answer(["systemctl", "is-active", unit], 30)[0] == 0


def senders(prefix: str = SENDER) -> List[str]:
    """Return the outputs whose senders of rsyslog are still there. prefix: of the names of the units."""
    code, text = processes.answer(["systemctl", "list-units", "--all", "--plain", "--no-legend", prefix + "*.service"], 30)
    names = [line.split()[0] for line in text.splitlines() if line.startswith(prefix)] if code == 0 else []
    return [name[len(prefix) : -len(".service")] for name in names]


def finish_senders(state: str, now: float, say: Callable[[str], object], is_chosen: Callable[[], bool]) -> Iterator[Metric]:
    """Stop the senders of rsyslog whose segments are read to their end; yield what still waits for the others.

    is_chosen: whether the collector still is the engine. Asked before each step: another run may have written the senders anew meanwhile.
    """
    for name in senders():
        folder = os.path.join(state, name)
        found = log_spool.segments(folder)
        unread = sum(one.unread for one in found)
        if unread or any(now - one.changed < SETTLED for one in found):
            yield "queue_bytes", {"output": name}, float(unread)
            continue
        if is_chosen():
            processes.answer(["systemctl", "disable", "--now", "%s%s.service" % (SENDER, name)], 60)
        if not is_chosen():
            return
        for path in ("%s/%s%s.service" % (UNITS, SENDER, name), "%s/send-%s.conf" % (PLACE, name)):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
        shutil.rmtree(os.path.join(folder, "segments"), ignore_errors=True)
        say("all that waited in rsyslog for %s is sent" % name)


def proven(
    outputs: Mapping[str, Any], seconds: float, ask: Callable[[], str] = told, pause: Callable[[float], object] = time.sleep
) -> List[str]:
    """Return the outputs for which lines wait and none is sent for so long; an empty queue, or one that moves, proves that it works."""
    first: Dict[str, float] = {}
    left = list(outputs)
    end = time.monotonic() + seconds
    pause(PROOF)
    while left:
        known = figures(ask())
        sent = {who.split("/", 1)[-1]: value for (name, _kind, who), value in known.items() if name == "exporter_sent_log_records"}
        sizes = {who.split("/", 1)[-1]: value for (name, _kind, who), value in known.items() if name == "exporter_queue_size"}
        for name in list(left):
            if name in sizes and (not sizes[name] or sent.get(name, 0.0) > first.setdefault(name, sent.get(name, 0.0))):
                left.remove(name)
        if not left or time.monotonic() >= end:
            break
        pause(1)
    return left


def unproven(configuration: Mapping[str, Any], seconds: float, pause: Callable[[float], object] = time.sleep) -> Dict[str, str]:
    """Return the outputs of own senders for which lines wait and none is sent for so long, with what they say of it."""
    first: Dict[str, float] = {}
    left = [name for name, output in configuration["outputs"].items() if output.get("proves")]
    stuck: Dict[str, str] = {}
    end = time.monotonic() + seconds
    pause(PROOF)
    while left:
        stuck = {}
        for name in left:
            folder = os.path.join(configuration["state"], name)
            places = log_spool.Places(folder)
            sent = places.counts.get("sent", 0.0)
            waiting = any(one.unread for one in log_spool.segments(folder))
            if waiting and sent <= first.setdefault(name, sent):
                stuck[name] = places.trouble
        left = list(stuck)
        if time.monotonic() >= end:
            break
        pause(1)
    return stuck
