# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`./run test`: everything, side by side on two cores, and the totals on the last line.

Two lanes take what runs containers, which waits for them half of the time; a third one of lower priority takes what needs none.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from xml.etree import ElementTree

from tools import scenarios

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / ".cache" / "reports"
CONTAINER_LANES = 2
CAUSE = 600  # characters of a failure's cause at the end
NICE = 5  # of what needs no containers: nothing there measures time


@dataclass
class Totals:
    """What passed and failed so far, over everything that ran."""

    passed: int = 0
    failed: int = 0
    skipped: list[str] = field(default_factory=list)
    causes: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, passed: int, failed: int, skipped: list[str], text: str, causes: Sequence[str] = ()) -> None:
        """Count a job's result and tell it; the causes of failures are told again at the end."""
        with self.lock:
            self.passed += passed
            self.failed += failed
            self.skipped += skipped
            self.causes += causes
            sys.stdout.write(text + "\n")
            sys.stdout.flush()


@dataclass(frozen=True)
class Job:
    """One part of the run: `work` adds its own result to the totals."""

    name: str
    work: Callable[[Totals], None]


def counted(report: Path) -> tuple[int, int, list[str]]:
    """Return passed, failed and the skipped cases with their reasons of a JUnit report."""
    passed, failed, skipped = 0, 0, []
    for case in ElementTree.parse(report).iter("testcase"):
        reason = case.find("skipped")
        if reason is not None:
            skipped.append(f"{case.get('name')}: {reason.get('message') or 'no reason given'}")
        elif case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        else:
            passed += 1
    return passed, failed, skipped


def causes(report: Path) -> list[str]:
    """Return what failed in a JUnit report, each in one short line: CI shows the end of the output, not all of it."""
    return [
        short(f"{case.get('classname')}.{case.get('name')}: {found.get('message') or found.text}")
        for case in ElementTree.parse(report).iter("testcase")
        for found in (*case.findall("failure"), *case.findall("error"))
    ]


def short(text: str) -> str:
    """Return a text as one line of at most `CAUSE` characters, its middle left out."""
    line = " ".join(text.split())
    return line if len(line) <= CAUSE else f"{line[: CAUSE // 2]} … {line[-CAUSE // 2 :]}"


def reporting(name: str, command: list[str], nice: int = 0) -> Job:
    """Return a job that runs a command which writes a JUnit report to the path in place of `REPORT`."""

    def work(totals: Totals) -> None:
        report, log = REPORTS / f"{name}.xml", REPORTS / f"{name}.log"
        report.unlink(missing_ok=True)
        began = time.monotonic()
        words = ["nice", f"-n{nice}", *(word.replace("REPORT", str(report)) for word in command)]
        with log.open("w", encoding="utf-8") as stream:
            code = subprocess.run(
                words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT, check=False
            ).returncode
        seconds = time.monotonic() - began
        passed, failed, skipped = counted(report) if report.exists() else (int(code == 0), 0, [])
        if code != 0 and failed == 0:
            failed = 1  # it broke down before it could report
        line = f"{'passed' if failed == 0 else 'FAILED'}  {name}: {passed} passed, {failed} failed ({seconds:.0f} s)"
        tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-80:]
        if failed:
            line = "\n".join([line, *(f"    {text}" for text in tail)])
        why = (causes(report) if report.exists() else []) or [short(f"{name}: {' '.join(tail)}")] if failed else []
        totals.add(passed, failed, skipped, line, why)

    return Job(name, work)


def scenario(name: str) -> Job:
    """Return a job that runs one Molecule scenario."""

    def work(totals: Totals) -> None:
        outcome = scenarios.run(name)
        why = [short(f"molecule {name}: {text}") for text in scenarios.causes(outcome)]
        totals.add(int(outcome.passed), int(not outcome.passed), [], scenarios.reported(outcome), why)

    return Job(f"molecule {name}", work)


def tests(path: Path, nice: int = 0) -> Job:
    """Return a job that runs one file of integration tests."""
    return reporting(path.stem, [sys.executable, "-m", "pytest", "-q", "--junit-xml", "REPORT", str(path)], nice)


def jobs() -> tuple[list[Job], list[Job]]:
    """Return what runs containers, the longest first, and what does not, what breaks most often and quickest first."""
    python, report = sys.executable, "REPORT"
    fleet, apart = integration()
    roles = [scenario(name) for name in scenarios.scenarios()]
    quick = [
        reporting("unit", [python, "-m", "pytest", "-q", "--junit-xml", report, "tests/unit", "tests/architecture"], NICE),
        reporting("lint", [python, "-m", "tools.lint", "--junit", report], NICE),
        reporting("sanity", [python, "-m", "tools.sanity"], NICE),
    ]
    return [tests(fleet[0]), roles[0], *map(tests, fleet[1:]), *roles[1:]], [*quick, *(tests(path, NICE) for path in apart)]


def integration() -> tuple[list[Path], list[Path]]:
    """Return the integration tests that run containers, those of the staging fleet first since they take longest, and the others."""
    found = sorted((ROOT / "tests" / "integration").glob("test_*.py"), key=lambda path: (path.stem != "test_staging", path.stem))
    fleet = [path for path in found if re.search(r"^(?:from|import) (?:docker|ssh_lab)\b", path.read_text(encoding="utf-8"), re.MULTILINE)]
    return fleet, [path for path in found if path not in fleet]


def worker(queue: Queue[Job], totals: Totals) -> None:
    """Run jobs until none is left; a job that raises counts as failed."""
    while True:
        try:
            job = queue.get_nowait()
        except Empty:
            return
        try:
            job.work(totals)
        except Exception as error:
            totals.add(0, 1, [], f"FAILED  {job.name}: {type(error).__name__}: {error}")


def main() -> int:
    """Run everything and return 0 where nothing failed."""
    began = time.monotonic()
    REPORTS.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("ANSIBLE_NOCOLOR", "1")
    made = subprocess.run([sys.executable, "-m", "lab", "images"], cwd=ROOT, check=False).returncode
    totals = Totals()
    if made != 0:
        totals.add(0, 1, [], "FAILED  lab: its images could not be made")
    workers = []
    for lanes, lane in zip((CONTAINER_LANES, 1), jobs(), strict=True):
        queue: Queue[Job] = Queue()
        for job in lane:
            queue.put(job)
        workers += [threading.Thread(target=worker, args=(queue, totals)) for _ in range(lanes)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    for reason in totals.skipped:
        sys.stdout.write(f"skipped  {reason}\n")
    for cause in totals.causes:
        sys.stdout.write(f"cause  {cause}\n")
    sys.stdout.write(f"{time.monotonic() - began:.0f} s in all; output of each part in .cache/reports and .cache/molecule\n")
    sys.stdout.write(f"{totals.passed} passed, {totals.failed} failed\n")
    return 1 if totals.failed or not totals.passed else 0


if __name__ == "__main__":
    sys.exit(main())
