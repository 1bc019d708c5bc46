# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs health checks at once.

One thread decides what is due and what an answer means; workers only look. A look that does not answer in time is left
behind with its worker, and another one takes its place: what hangs delays nobody.
"""

from __future__ import annotations

import heapq
import threading
import time
from queue import Empty, SimpleQueue
from typing import Any, Callable, Dict, List, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import health_result
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Check, Deadline, Observation
from ansible_collections.groundwork.fleet.plugins.module_utils.health_result import Results, Verdict

WORKERS = 8  # at first; each thread costs memory, and most checks answer at once
MOST_WORKERS = 256  # more than so many checks that hang at once have to wait for each other's timeouts
PATIENCE = 0.03  # seconds without any answer, after which more workers are called
GRACE = 0.2  # seconds that a check may be late
DETAIL = 5.0  # seconds for the journal lines of a failure, fetched after its deadline

judge, report = health_result.judge, health_result.report  # known by this place too


class _Job:
    """One thing for a worker to do; `deadline` stands from its start."""

    def __init__(self, follow: _Follow, act: Callable[[Deadline], Any], seconds: float, end: Optional[Deadline]) -> None:
        self.follow = follow
        self.act = act
        self.seconds = seconds
        self.end = end
        self.deadline: Optional[Deadline] = None
        self.answer: Any = None
        self.error = ""
        self.lost = False

    def do(self) -> None:
        self.deadline = Deadline(self.seconds, self.end)
        try:
            self.answer = self.act(self.deadline)
        except Exception as error:  # pylint: disable=broad-except  # whatever a check meets is its finding
            self.error = "%s: %s" % (type(error).__name__, error)


class _Follow:
    """One check on its way to a result."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self.started = 0.0
        self.attempts = 0
        self.good = 0  # looks in a row that passed
        self.since = 0.0  # when the first of them was
        self.identity = ""
        self.verdict = Verdict("", Observation({}))
        self.took = 0.0


class _Workers:
    """Threads that do jobs: few while jobs are quick, as many as needed where some hang."""

    def __init__(self) -> None:
        self.todo: SimpleQueue[Optional[_Job]] = SimpleQueue()
        self.done: SimpleQueue[_Job] = SimpleQueue()
        self.count = 0  # those that can be reckoned with
        self.alive = 0  # those that hang included
        self.open: Dict[int, _Job] = {}  # handed out, neither answered nor given up

    def give(self, job: _Job) -> None:
        self.open[id(job)] = job
        self.todo.put(job)
        if self.count < min(WORKERS, len(self.open)):
            self._call(1)

    def _call(self, number: int) -> None:
        for _each in range(min(number, MOST_WORKERS - self.alive)):
            self.alive += 1
            threading.Thread(target=self._work, daemon=True).start()
            self.count += 1

    def _work(self) -> None:
        for job in iter(self.todo.get, None):
            job.do()
            self.done.put(job)

    def answered(self, seconds: float) -> Optional[_Job]:
        """Return a job that is done, None where none is within `seconds`; then those that wait get more workers."""
        waiting = not self.todo.empty()
        try:
            job = self.done.get(timeout=min(seconds, PATIENCE) if waiting else seconds)
        except Empty:
            if waiting and not self.todo.empty():
                self._call(min(self.todo.qsize(), max(self.count, WORKERS)))
            return None
        if job.lost:
            self.count += 1
            return None
        del self.open[id(job)]
        return job

    def overdue(self) -> List[_Job]:
        """Return the jobs that did not answer in time. Their workers do not count any more."""
        moment = time.monotonic() - GRACE
        late = [job for job in self.open.values() if job.deadline is not None and job.deadline.end < moment]
        for job in late:
            job.lost = True
            self.count -= 1
            del self.open[id(job)]
        return late

    def next_overdue(self) -> float:
        """Return when the next job is overdue."""
        ends = [job.deadline.end for job in list(self.open.values()) if job.deadline is not None]
        return min(ends, default=time.monotonic() + 1.0) + GRACE

    def dismiss(self) -> None:
        for _each in range(self.count):
            self.todo.put(None)


class _Run:
    """All checks of one call."""

    def __init__(self, checks: List[Check], total: float) -> None:
        self.total = total
        self.end = Deadline(total)
        self.workers = _Workers()
        self.checks = {check.name: check for check in checks}
        self.results: Results = {}
        self.due: List[Tuple[float, int, _Follow]] = []  # a heap
        self.order = 0
        self.blocked = dict(self.checks)

    def _later(self, follow: _Follow, pause: float) -> None:
        self.order += 1
        heapq.heappush(self.due, (time.monotonic() + max(pause, 0.0), self.order, follow))

    def _release(self) -> None:
        """Start the checks whose requirements are known, and skip those that hang on a failed one."""
        moved = True
        while moved:
            moved = False
            for name, check in list(self.blocked.items()):
                known = [required for required in check.requires if required in self.results]
                bad = next((one for one in known if self.results[one]["status"] in ("failed", "skipped")), None)
                if bad is not None:
                    self.results[name] = health_result.skipped(check, bad, self.results[bad].get("root", bad))
                elif len(known) == len(check.requires):
                    self._later(_Follow(check), 0.0)
                else:
                    continue
                del self.blocked[name]
                moved = True

    def _start_due(self) -> None:
        while self.due and self.due[0][0] <= time.monotonic():
            follow = heapq.heappop(self.due)[2]
            follow.started = follow.started or time.monotonic()
            check = follow.check
            options = check.options if check.look is None else check.look

            def look(deadline: Deadline, check: Check = check, options: Any = options) -> Verdict:
                return health_result.verdict_of(check, check.type.observe(options, deadline))

            self.workers.give(_Job(follow, look, check.timeout, self.end))

    def _finish(self, follow: _Follow, lines: List[str]) -> None:
        self.results[follow.check.name] = health_result.result_of(follow.check, follow.verdict, follow.attempts, follow.took, lines)
        self._release()

    def _settle(self, follow: _Follow, verdict: Verdict) -> None:
        """Accept the verdict, or try again."""
        follow.good = 0
        if not verdict.passed and follow.attempts <= follow.check.retries and self.end.left() > follow.check.delay:
            self._later(follow, follow.check.delay)
            return
        follow.verdict, follow.took = verdict, time.monotonic() - follow.started
        detail = verdict.observation.detail
        if verdict.passed or detail is None:
            self._finish(follow, [])
        else:
            self.workers.give(_Job(follow, lambda _deadline: detail().strip().splitlines(), DETAIL, None))

    def _take(self, follow: _Follow, verdict: Verdict) -> None:
        """Go on from what a look came to."""
        check, moment = follow.check, time.monotonic()
        if not follow.good:
            follow.attempts += 1
            follow.since, follow.identity = moment, verdict.observation.identity
        if verdict.observation.not_applicable or (not verdict.passed and not follow.good):
            self._settle(follow, verdict)
            return
        held = moment - follow.since
        where = (
            "after %.1f s of stable_for %g s" % (held, check.stable_for)
            if check.stable_for
            else "look %d of %d" % (follow.good + 1, check.passes)
        )
        why = ""
        if not verdict.passed:
            why = "%s, %s" % (verdict.why, where)
        elif check.stable_for and verdict.observation.identity != follow.identity:
            why = "it was restarted %s" % where
        follow.good += 1
        if why or (follow.good >= check.passes and held >= check.stable_for):
            self._settle(follow, verdict._replace(why=why))
        elif self.end.passed():
            self._settle(follow, verdict._replace(why="the total timeout ended %s" % where))
        else:
            rest = check.stable_for - held if follow.good >= check.passes else check.delay
            self._later(follow, min(check.delay, rest, self.end.left()))

    def _answered(self, job: _Job) -> None:
        late = "no answer within %.1f s" % (job.deadline.seconds if job.deadline else job.seconds)
        if isinstance(job.answer, Verdict) and not job.lost:
            self._take(job.follow, job.answer)
        elif job.follow.took:  # the journal lines of a failure
            self._finish(job.follow, job.answer if isinstance(job.answer, list) and not job.lost else [])
        else:
            self._take(job.follow, Verdict(job.error or late, Observation({})))

    def _out_of_time(self) -> bool:
        """Tell whether nothing that is left can answer any more: jobs that never started, checks that wait."""
        return time.monotonic() > self.end.end + GRACE and all(job.deadline is None for job in self.workers.open.values())

    def run(self) -> Results:
        """Return the results in the order of the declaration."""
        self._release()
        while len(self.results) < len(self.checks) and not self._out_of_time():
            self._start_due()
            until = min(self.workers.next_overdue(), self.due[0][0] if self.due else self.end.end + GRACE)
            job = self.workers.answered(max(until - time.monotonic(), 0.001))
            for each in ([job] if job else []) + self.workers.overdue():
                self._answered(each)
        self.workers.dismiss()
        nothing = Verdict("no answer within the total timeout of %g s" % self.total, Observation({}))
        return {
            name: self.results.get(name) or health_result.result_of(check, nothing, 1, self.total) for name, check in self.checks.items()
        }


def run(checks: List[Check], total: float) -> Results:
    """Run all checks at once, each for itself, and return their results by name after at most `total` seconds."""
    return _Run(checks, total).run()
