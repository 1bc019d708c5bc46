# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's own program `groundwork-log-spool`: keeps the lines that wait for their outputs within bounds, and tells of them.

plugin_utils/health_program.py makes one file of it and of what it imports. Its configuration is JSON, written by the role log_shipping.
On a log server that forwards it is `groundwork-log-forward`, for what waits for the next servers (plugin_utils/log_forward.py).
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple, cast

from ansible_collections.groundwork.fleet.plugins.module_utils import (
    disk_bounds,
    log_drain,
    log_failover,
    log_mark,
    log_metrics,
    log_places,
    log_recovery,
    log_spool,
    log_truncation,
    processes,
    readable_file,
    rsyslog_stats,
)

USAGE = """usage: groundwork-log-spool CONFIGURATION before-collect | after-collect | keep | once | check | servers
       groundwork-log-spool CONFIGURATION before-send | stop-send | after-send OUTPUT
       groundwork-log-spool CONFIGURATION prove SECONDS
What the units of the log shipping run before they start and after they end, and what keeps the lines that wait within bounds.
"""
SECONDS = 5  # between two looks
TELL_SECONDS = 15  # between two writings of the metrics
SETTLED = 30  # for so long nothing was written into a segment before it may go
IDLE_SECONDS = 2  # a line that was written so long before the statistics has been read by then
UNDECLARED = {"lines": 11264, "clean_end": "never"}  # as many as any sender has in its hands, twice (log_engines/rsyslog.py)
Memory = Dict[str, Tuple[float, float]]


def remove_sent(folder: str, lines: int, now: float) -> int:
    """Remove the segments that the sender has read to their end, but for their last lines. Returns how many."""
    count = 0
    for segment in log_spool.settled(log_spool.segments(folder)):
        if segment.read is not None and not segment.unread and now - segment.changed > SETTLED:
            if lines:  # none where the sender notes what was acknowledged
                log_spool.keep_tail(folder, segment, lines)
            os.unlink(segment.path)
            count += 1
    log_spool.forget_notes(folder, now - log_spool.STALE_SECONDS)
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
    whole = disk_bounds.size(folder)
    for name, output in configuration["outputs"].items():
        problem = disk_bounds.refusal("fleet_logs.outputs.%s.disk" % name, output["bound"], output["bound"], folder, whole)
        if problem:
            yield problem


def drop(folder: str, bound: int, policy: str, counts: log_metrics.Counts) -> int:
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


def has_nothing_to_send(folder: str, output: Mapping[str, Any]) -> bool:
    """Return whether a sender that is stopped now has handed on all that it read, as far as its kind of output lets know."""
    if output["clean_end"] == "connection":
        using = log_failover.in_use(folder, output)
        return log_recovery.is_quiet(using.port if using else output["port"])
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
    stats = rsyslog_stats.statistics(path)
    queues = [stats.get(("core.queue", name), {}).get("size") for name in ("send", "again")]
    return queues[0] == 0 and not queues[1]


def look_collector(configuration: Mapping[str, Any], now: float, say: Callable[[str], object], memory: Memory) -> List[log_metrics.Metric]:
    """Return what is known of the outputs of the OpenTelemetry Collector, and of those that rsyslog has still to serve."""
    found = list(log_drain.metrics(log_drain.told(), configuration["outputs"], memory, now))
    found += log_drain.finish_senders(configuration["state"], now, say, lambda: is_chosen(configuration))
    return [*found, *([("last_run_seconds", {}, now)] if found else [])]


def look(
    configuration: Mapping[str, Any], now: float, say: Callable[[str], object], memory: Optional[Memory] = None
) -> List[log_metrics.Metric]:
    """Keep each output within its bounds once, and return what is known of all. memory: of earlier looks."""
    memory = {} if memory is None else memory
    if is_collector(configuration):
        return look_collector(configuration, now, say, memory)
    state: str = configuration["state"]
    metrics: List[log_metrics.Metric] = []
    if os.path.isdir(os.path.join(state, "otelcol")):
        text = log_drain.told()
        metrics += [one for one in log_drain.metrics(text, log_drain.waiting(text), memory, now) if one[0] == "queue_bytes"]
        if log_drain.finish(state, text, memory, now, lambda: is_chosen(configuration)):
            say("all that waited in the collector is sent")
            metrics = []
    for path, count in log_recovery.fetch_strays(state, configuration["inputs"], now).items():
        say("%s was rotated away before it was read: %d lines are fetched" % (path, count))
    for name, output in configuration["outputs"].items():
        folder = os.path.join(state, name)
        counts = log_metrics.Counts(os.path.join(folder, "counts.json"))
        with contextlib.suppress(FileNotFoundError):  # a segment may go at any time
            remove_sent(folder, output["lines"], now)
        bound = bound_of(folder, output)
        log_metrics.bound_dead_letters(folder, counts)
        lost = drop(folder, bound, output["policy"], counts)
        if lost:
            say("dropped the %s %d lines for output %s: more than %d bytes wait" % (output["policy"], lost, name, bound))
        metrics += list(log_metrics.of_output(name, folder, counts, now))
        metrics.append(("queue_limit_bytes", {"output": name}, float(bound)))
        metrics += log_failover.metrics(name, folder, output)
    metrics += list(log_metrics.of_collector(os.path.join(state, "collect"), configuration.get("counters", [])))
    metrics += list(log_metrics.of_truncations(os.path.join(state, "collect"), configuration["inputs"]))
    return [*metrics, ("last_run_seconds", {}, now)]


def is_collector(configuration: Mapping[str, Any]) -> bool:
    """Return whether the OpenTelemetry Collector carries the logs of this host."""
    return bool(configuration.get("engine") == "opentelemetry-collector")


def written(configuration: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the configuration as a run may have written it meanwhile, nothing where it cannot be read just now."""
    with contextlib.suppress(OSError, ValueError, KeyError), open(configuration["path"], encoding="utf-8") as stream:
        return cast(Dict[str, Any], json.load(stream))
    return {}


def is_chosen(configuration: Mapping[str, Any]) -> bool:
    """Return whether the engine has not been changed since this program began, so that what is left of the other one may go."""
    now = written(configuration)
    return "path" not in configuration or (bool(now) and is_collector(now) == is_collector(configuration))


def before_collector(configuration: Mapping[str, Any]) -> None:
    """Make ready what the collector needs to start: its places, taken over from rsyslog, and the bounds of its queues. Raises OSError."""
    state = configuration["state"]
    log_drain.stop()
    unclean, collect = False, os.path.join(state, "collect")
    floor = log_mark.cursor_at(collect)
    if log_spool.read_states(collect) or os.path.exists(os.path.join(collect, "imjournal.state")):
        log_recovery.begin_collecting(state, configuration["inputs"], configuration["rsyslog_lines"])
    else:
        unclean = log_mark.begin(collect, log_places.told(state)) is not None
    for line in log_places.before_collector(state, configuration["inputs"], configuration["lines"] if unclean else 0, floor):
        sys.stdout.write(line + "\n")
    log_mark.keep_text(collect, log_places.told(state))
    log_drain.write_bounds(configuration)
    log_drain.give(os.path.join(state, "otelcol"), configuration["user"])


def before_rsyslog(configuration: Mapping[str, Any]) -> None:
    """Make ready what the collector of rsyslog needs to start, taken over from the OpenTelemetry Collector. Raises OSError."""
    state = configuration["state"]
    for line in log_places.before_rsyslog(state, configuration["inputs"]):
        sys.stdout.write(line + "\n")
    if os.path.isdir(os.path.join(state, "otelcol")) and not log_drain.has_active(log_drain.DRAIN) and log_drain.start(state):
        sys.stdout.write("what waits in the collector is sent by %s\n" % log_drain.DRAIN)
    back = log_recovery.begin_collecting(state, configuration["inputs"], configuration["lines"])
    for name, lines in back.items():
        sys.stdout.write("the last run did not end as it should, or its file was rotated: %d lines of %s again\n" % (lines, name))


def retire(configuration: Mapping[str, Any]) -> List[str]:
    """Stop the senders of outputs that are no longer declared; return their units."""
    prefix = configuration.get("senders", log_drain.SENDER)
    gone = {name: "%s%s.service" % (prefix, name) for name in log_drain.senders(prefix) if name not in configuration["outputs"]}
    for name, unit in gone.items():
        if name not in written(configuration).get("outputs", ()):  # otherwise it is declared anew
            processes.answer(["systemctl", "disable", "--now", unit], 60)
    return list(gone.values())


def _keep_places(state: str, outputs: Iterable[str]) -> Iterator[str]:
    """Write down how far each file is read, for the start after a kill that leaves a note of rsyslog empty; yield what went wrong."""
    for folder in (os.path.join(state, "collect"), *(os.path.join(state, name, "state") for name in outputs)):
        try:
            if os.path.isdir(folder):
                log_spool.keep_places(folder)
        except OSError as error:
            yield str(error)


def watch_files(watch: log_truncation.Watch, outputs: Iterable[str]) -> None:
    """Look once for files that were truncated before they were read, and say what came of it; keep how far all are read.

    outputs: those of rsyslog.
    """
    try:
        found = watch.look(time.time())
        said = log_truncation.told(found, log_metrics.truncations(os.path.join(watch.folder, "collect")).add) if found else []
    except OSError as error:
        said = [str(error)]
    said += _keep_places(watch.folder, outputs)
    sys.stdout.write("".join(text + "\n" for text in said))
    sys.stdout.flush()


def say(text: str) -> None:
    """Say something in the journal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def follow_servers(configuration: Mapping[str, Any]) -> Optional[threading.Thread]:
    """Begin to watch the outputs that have several servers, beside what else is done: a server that does not answer takes seconds."""
    if is_collector(configuration) or not any(map(log_failover.servers, configuration["outputs"].values())):
        return None
    thread = threading.Thread(target=log_failover.follow, args=(configuration, say), daemon=True)
    thread.start()
    return thread


def keep(configuration: Mapping[str, Any], rounds: int = 0) -> None:
    """Look again and again. rounds: how often, 0 for ever."""
    told, done = 0.0, 0
    memory: Memory = {}
    for unit in [] if is_collector(configuration) else retire(configuration):
        sys.stdout.write("stopped %s, whose output is no longer declared; what it had to send stays where it is\n" % unit)
    folder = os.path.dirname(configuration["textfile"] or "")
    watch = log_truncation.Watch(configuration["state"], configuration["inputs"])
    beside = None if rounds else follow_servers(configuration)
    while beside is None or beside.is_alive():  # systemd begins anew where that one has died
        now = time.time()
        try:
            metrics = look(configuration, now, say, memory)
            if folder and os.path.isdir(folder) and now - told >= TELL_SECONDS:
                readable_file.write(configuration["textfile"], log_metrics.to_textfile(metrics))
                told = now
        except OSError as error:
            sys.stdout.write("%s\n" % error)
        sys.stdout.flush()
        done += 1
        if rounds and done >= rounds:
            return
        for _look in range(int(SECONDS / log_truncation.SECONDS)):
            watch_files(watch, () if is_collector(configuration) else configuration["outputs"])
            time.sleep(log_truncation.SECONDS)


def serve_sender(configuration: Mapping[str, Any], command: str, name: str) -> None:
    """Do what the unit of a sender asks for. command: before-send, stop-send or after-send. name: of the output. Raises OSError."""
    # One that is no longer declared goes on until what it has to send is sent, or is stopped: it says no more than that it may be unclean.
    output, folder = configuration["outputs"].get(name, UNDECLARED), os.path.join(configuration["state"], name)
    if command == "before-send":
        using = log_failover.begin(folder, output, log_failover.asking(configuration.get("tls_directory", "")))
        if using:
            say("sends to %s" % using.name)
        lines = log_recovery.begin_sending(folder, output["lines"])
        if lines:
            say("the last run did not end as it should: %d lines are sent again" % lines)
    elif command == "stop-send":
        log_recovery.about_to_stop(folder, has_nothing_to_send(folder, output))
    else:
        result = os.environ.get("SERVICE_RESULT", "")
        log_recovery.ended(os.path.join(folder, "state"), result, output["clean_end"] != "always")


def main(words: List[str], *_registry: Any) -> int:
    """Run, and return the exit status."""
    known = {
        "before-collect": 0,
        "after-collect": 0,
        "keep": 0,
        "once": 0,
        "check": 0,
        "servers": 0,
        "before-send": 1,
        "stop-send": 1,
        "after-send": 1,
        "prove": 1,
    }
    if len(words) < 2 or words[1] not in known or len(words) != 2 + known[words[1]]:
        (sys.stdout if words == ["--help"] else sys.stderr).write(USAGE)
        return 0 if words == ["--help"] else 2
    with open(words[0], encoding="utf-8") as stream:
        configuration = {**json.load(stream), "path": words[0]}
    state, command = configuration["state"], words[1]
    if command == "check":
        problems = list(too_large(configuration))
        sys.stderr.write("".join(problem + "\n" for problem in problems))
        return 1 if problems else 0
    if command == "servers":
        sys.stdout.write(json.dumps(log_failover.told(configuration)) + "\n")
    elif command in ("keep", "once"):
        keep(configuration, 1 if command == "once" else 0)
    elif command == "before-collect":
        (before_collector if is_collector(configuration) else before_rsyslog)(configuration)
    elif command == "prove":
        if is_collector(configuration):
            stuck = dict.fromkeys(log_drain.proven(configuration["outputs"], float(words[2])), "")
        else:
            stuck = log_drain.unproven(configuration, float(words[2]))
        for name, said in stuck.items():
            sys.stderr.write("lines wait for output %s, and none is sent%s\n" % (name, ": " + said if said else ""))
        return 1 if stuck else 0
    elif command == "after-collect":
        log_recovery.ended(os.path.join(state, "collect"), os.environ.get("SERVICE_RESULT", ""), needs_quiet=False)
    else:
        serve_sender(configuration, command, words[2])
    return 0
