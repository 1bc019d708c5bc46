# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's own program `groundwork-log-spool`: keeps the lines that wait for their outputs within bounds, and tells of them.

plugin_utils/health_program.py makes one file of it and of what it imports. Its configuration is JSON, written by the role log_shipping.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import time
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import (
    errors,
    log_recovery,
    log_spool,
    log_truncation,
    processes,
    readable_file,
)

USAGE = """usage: groundwork-log-spool CONFIGURATION before-collect | after-collect | keep | once | check
       groundwork-log-spool CONFIGURATION before-send | stop-send | after-send OUTPUT
What the units of the log shipping run before they start and after they end, and what keeps the lines that wait within bounds.
"""
SECONDS = 5  # between two looks
TELL_SECONDS = 15  # between two writings of the metrics
SETTLED = 30  # for so long nothing was written into a segment before it may go
STATS_BYTES = 1 << 20
IDLE_SECONDS = 2  # a line that was written so long before the statistics has been read by then
SENDER = "groundwork-log-sender-"
_VALUE = re.compile(r'[\\"\n]')
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


def remove_sent(folder: str, lines: int, now: float) -> int:
    """Remove the segments that the sender has read to their end, but for their last lines. Returns how many."""
    count = 0
    for segment in log_spool.settled(log_spool.segments(folder)):
        if segment.read is not None and not segment.unread and now - segment.changed > SETTLED:
            log_spool.keep_tail(folder, segment, lines)
            os.unlink(segment.path)
            count += 1
    return count


def bound_of(folder: str, output: Mapping[str, Any]) -> int:
    """Return how many bytes may wait for an output: as declared, else a share of what is free."""
    if output["bound"]:
        return int(output["bound"])
    status = os.statvfs(folder)
    waiting = sum(one.size for one in log_spool.segments(folder))
    return min(int((status.f_bavail * status.f_frsize + waiting) * output["share"]), int(output["most"]))


def too_large(configuration: Mapping[str, Any]) -> Iterator[str]:
    """Yield a refusal for each output whose lines may take more than the file system has."""
    folder = configuration["state"]
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    status = os.statvfs(folder)
    size = status.f_blocks * status.f_frsize
    for name, output in configuration["outputs"].items():
        if output["bound"] >= size:
            expected = "less than the %d bytes of the file system of %s" % (size, configuration["state"])
            yield str(errors.bad_input("fleet_logs.outputs.%s.disk" % name, output["bound"], expected, "Write a smaller size, or auto."))


def drop(folder: str, bound: int, policy: str, counts: Counts) -> int:
    """Remove segments until what waits is within its bound; return how many lines that cost. policy: oldest or newest."""
    found = log_spool.segments(folder)
    waiting, lost = sum(one.size for one in found), 0
    closed = log_spool.settled(found)
    for segment in closed if policy == "oldest" else reversed(closed):
        if waiting <= bound:
            break
        lines = log_spool.count_lines(segment.path, segment.read or 0)
        os.unlink(segment.path)
        counts.add("dropped", lines)
        waiting, lost = waiting - segment.size, lost + lines
    return lost


def statistics(path: str) -> Dict[Tuple[str, str], Dict[str, float]]:
    """Return the newest statistics of rsyslog's impstats, by origin and name; keep its file short."""
    found: Dict[Tuple[str, str], Dict[str, float]] = {}
    try:
        with open(path, "rb") as stream:
            stream.seek(max(0, os.stat(path).st_size - log_spool.BLOCK))
            text = stream.read().decode("utf-8", "replace")
        if os.stat(path).st_size > STATS_BYTES:
            os.truncate(path, 0)
    except OSError:
        return found
    for line in text.splitlines():
        with contextlib.suppress(ValueError):
            note = json.loads(line[line.index("{") :])
            values = {**note, **note["values"]} if isinstance(note.get("values"), dict) else note
            numbers = {key: float(value) for key, value in values.items() if isinstance(value, (int, float))}
            found[str(note.get("origin")), str(note.get("name"))] = numbers
    return found


def has_nothing_to_send(folder: str, output: Mapping[str, Any]) -> bool:
    """Return whether a sender that is stopped now has handed on all that it read, as far as its kind of output lets know."""
    if output["clean_end"] == "connection":
        return log_recovery.is_quiet(output["port"])
    return output["clean_end"] == "idle" and is_idle(folder)


def is_idle(folder: str) -> bool:
    """Return whether rsyslog's last statistics say that nothing is in its hands, and nothing was written for it since."""
    path = os.path.join(folder, "state", "stats")
    try:
        told = os.stat(path).st_mtime
    except OSError:
        return False
    found = log_spool.segments(folder)
    if any(one.unread or one.changed > told - IDLE_SECONDS for one in found):
        return False
    stats = statistics(path)
    queues = [stats.get(("core.queue", name), {}).get("size") for name in ("send", "again")]
    return queues[0] == 0 and not queues[1]


def of_output(name: str, folder: str, counts: Counts, now: float) -> Iterator[Metric]:
    """Yield what is known of one output."""
    label = {"output": name}
    found = log_spool.segments(folder)
    unread = [one for one in found if one.unread]
    yield "queue_bytes", label, float(sum(one.unread for one in found))
    yield "queue_oldest_seconds", label, max(0.0, now - min(one.begun for one in unread)) if unread else 0.0
    yield "dropped_lines_total", label, float(counts.values.get("dropped", 0))
    dead = os.path.join(folder, "dead-letters.log")
    yield "dead_letters_total", label, float(log_spool.count_lines(dead)) if os.path.exists(dead) else 0.0
    stats = statistics(os.path.join(folder, "state", "stats"))
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


def of_collector(folder: str, counters: Iterable[str], inputs: Iterable[str]) -> Iterator[Metric]:
    """Yield what is known of the collector.

    counters: what its flows count, `WHAT:FLOW:INPUT:SERVICE`. inputs: the names of those that read files.
    """
    lost = truncations(folder).values
    for name in inputs:
        yield "truncated_unread_bytes_total", {"input": name}, float(lost.get(name, 0))
    stats = statistics(os.path.join(folder, "stats"))
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
    "last_run_seconds": ("gauge", "When these figures were taken, seconds since 1970."),
}


def to_textfile(metrics: List[Metric]) -> str:
    """Return the metrics in Prometheus' text format."""
    lines = []
    for name, (kind, meaning) in HELP.items():
        found = [(labels, value) for one, labels, value in metrics if one == name]
        if found:
            lines += ["# HELP groundwork_logs_%s %s" % (name, meaning), "# TYPE groundwork_logs_%s %s" % (name, kind)]
            for labels, value in found:
                pairs = ",".join('%s="%s"' % (key, _VALUE.sub("_", text)) for key, text in labels.items())
                lines.append("groundwork_logs_%s%s %.15g" % (name, "{%s}" % pairs if pairs else "", value))
    return "\n".join(lines) + "\n"


def look(configuration: Mapping[str, Any], now: float, say: Callable[[str], object]) -> List[Metric]:
    """Keep each output within its bounds once, and return what is known of all."""
    state, metrics = configuration["state"], []
    for path, count in log_recovery.fetch_strays(state, configuration["inputs"], now).items():
        say("%s was rotated away before it was read: %d lines are fetched" % (path, count))
    for name, output in configuration["outputs"].items():
        folder = os.path.join(state, name)
        counts = Counts(os.path.join(folder, "counts.json"))
        with contextlib.suppress(FileNotFoundError):  # a segment may go at any time
            remove_sent(folder, output["lines"], now)
        bound = bound_of(folder, output)
        lost = drop(folder, bound, output["policy"], counts)
        if lost:
            say("dropped the %s %d lines for output %s: more than %d bytes wait" % (output["policy"], lost, name, bound))
        metrics += list(of_output(name, folder, counts, now))
        metrics.append(("queue_limit_bytes", {"output": name}, float(bound)))
    collector = os.path.join(state, "collect")
    metrics += list(of_collector(collector, configuration.get("counters", []), configuration["inputs"]))
    return [*metrics, ("last_run_seconds", {}, now)]


def retire(outputs: Mapping[str, Any]) -> List[str]:
    """Stop the senders of outputs that are no longer declared; return their units."""
    code, text = processes.answer(["systemctl", "list-units", "--all", "--plain", "--no-legend", SENDER + "*.service"], 30)
    units = [line.split()[0] for line in text.splitlines() if line.startswith(SENDER)] if code == 0 else []
    gone = [unit for unit in units if unit[len(SENDER) : -len(".service")] not in outputs]
    for unit in gone:
        processes.answer(["systemctl", "disable", "--now", unit], 60)
    return gone


def watch_truncations(watch: log_truncation.Watch) -> None:
    """Look once for files that were truncated before they were read, and say what came of it."""
    try:
        found = watch.look(time.time())
        said = log_truncation.told(found, truncations(os.path.join(watch.folder, "collect")).add) if found else []
    except OSError as error:
        said = [str(error)]
    sys.stdout.write("".join(text + "\n" for text in said))
    sys.stdout.flush()


def keep(configuration: Mapping[str, Any], rounds: int = 0) -> None:
    """Look again and again. rounds: how often, 0 for ever."""
    told, done = 0.0, 0
    for unit in retire(configuration["outputs"]):
        sys.stdout.write("stopped %s, whose output is no longer declared; what it had to send stays where it is\n" % unit)
    folder = os.path.dirname(configuration["textfile"] or "")
    watch = log_truncation.Watch(configuration["state"], configuration["inputs"])
    while True:
        now = time.time()
        try:
            metrics = look(configuration, now, lambda text: sys.stdout.write(text + "\n"))
            if folder and os.path.isdir(folder) and now - told >= TELL_SECONDS:
                readable_file.write(configuration["textfile"], to_textfile(metrics))
                told = now
        except OSError as error:
            sys.stdout.write("%s\n" % error)
        sys.stdout.flush()
        done += 1
        if rounds and done >= rounds:
            return
        for _look in range(int(SECONDS / log_truncation.SECONDS)):
            watch_truncations(watch)
            time.sleep(log_truncation.SECONDS)


def main(words: List[str], *_registry: Any) -> int:
    """Run, and return the exit status."""
    known = {"before-collect": 0, "after-collect": 0, "keep": 0, "once": 0, "check": 0, "before-send": 1, "stop-send": 1, "after-send": 1}
    if len(words) < 2 or words[1] not in known or len(words) != 2 + known[words[1]]:
        (sys.stdout if words == ["--help"] else sys.stderr).write(USAGE)
        return 0 if words == ["--help"] else 2
    with open(words[0], encoding="utf-8") as stream:
        configuration = json.load(stream)
    state, command = configuration["state"], words[1]
    if command == "check":
        problems = list(too_large(configuration))
        sys.stderr.write("".join(problem + "\n" for problem in problems))
        return 1 if problems else 0
    if command in ("keep", "once"):
        keep(configuration, 1 if command == "once" else 0)
    elif command == "before-collect":
        back = log_recovery.begin_collecting(state, configuration["inputs"], configuration["lines"])
        for name, lines in back.items():
            sys.stdout.write("the last run did not end as it should, or its file was rotated: %d lines of %s again\n" % (lines, name))
    elif command == "after-collect":
        log_recovery.ended(os.path.join(state, "collect"), os.environ.get("SERVICE_RESULT", ""), needs_quiet=False)
    else:
        output, folder = configuration["outputs"][words[2]], os.path.join(state, words[2])
        if command == "before-send":
            lines = log_recovery.begin_sending(folder, output["lines"])
            if lines:
                sys.stdout.write("the last run did not end as it should: %d lines are sent again\n" % lines)
        elif command == "stop-send":
            log_recovery.about_to_stop(folder, has_nothing_to_send(folder, output))
        else:
            result = os.environ.get("SERVICE_RESULT", "")
            log_recovery.ended(os.path.join(folder, "state"), result, output["clean_end"] != "always")
    return 0
