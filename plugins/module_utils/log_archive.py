# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Closes the files of a log server into the chain, and removes them when their time is over."""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import json
import os
import shutil
import sys
import time
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import log_chain, log_lines, log_space, processes

DAY = 86400
PATIENCE = 30.0  # seconds until the receiver has to have let go of a file
SYSTEMCTL = "/usr/bin/systemctl"
LEVEL = 6  # of gzip


class Closed(NamedTuple):
    """What is known of a file when it is compressed."""

    lines: int
    first: bytes
    last: bytes


def own_folder(directory: str) -> str:
    """Return the folder of the chain, and make it."""
    folder = os.path.join(directory, log_lines.OWN)
    os.makedirs(folder, mode=0o750, exist_ok=True)
    return folder


@contextlib.contextmanager
def locked(directory: str, shared: bool = False) -> Iterator[None]:
    """Hold the lock of a log server's files: shared while they are listed, alone while one takes another's place."""
    path = os.path.join(directory, log_lines.OWN, "lock")
    flags = os.O_RDONLY if shared else os.O_RDWR | os.O_CREAT
    try:
        handle = os.open(path, flags, 0o640)
    except FileNotFoundError:  # nothing was ever closed
        yield
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _period(when: float, every: str) -> str:
    return time.strftime("%Y%m%d%H" if every == "hourly" else "%Y%m%d", time.gmtime(when))


def _began(path: str) -> float:
    """Return when the server took the first line of a file, in seconds since 1970."""
    with open(path, "rb") as stream:
        line = stream.readline(1 << 17)
    try:
        return log_lines.seconds(log_lines.received(line))
    except ValueError:
        return os.stat(path).st_mtime


def due(directory: str, settings: Mapping[str, Any], now: float) -> Iterator[Tuple[str, str]]:
    """Yield host and file name of what has to be closed: files of a period that is over, and large ones; first those begun before."""
    largest = log_space.size(settings["file_size"], "file_size")
    for host in log_lines.hosts(directory):
        for entry in list(log_lines.files(directory, host)):
            if entry.name.endswith(log_lines.CLOSING):
                yield host, entry.name
            elif entry.name.endswith(log_lines.LIVE) and entry.stat().st_size > 0:
                over = _period(_began(entry.path), settings["close_every"]) < _period(now, settings["close_every"])
                if over or entry.stat().st_size >= largest:
                    yield host, entry.name


def receiver(unit: str) -> int:
    """Return the process that writes the files, 0 where none does."""
    code, said = processes.answer([SYSTEMCTL, "show", "--property=MainPID", "--value", unit], 10)
    return int(said) if code == 0 and said.strip().isdigit() else 0


def is_open(process: int, paths: List[str]) -> bool:
    """Return whether a process has one of these files open. Raises OSError where that cannot be seen."""
    wanted = {(status.st_dev, status.st_ino) for status in map(os.stat, paths)}
    folder = "/proc/%d/fd" % process
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return False
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            status = os.stat(os.path.join(folder, name))
            if (status.st_dev, status.st_ino) in wanted:
                return True
    return False


def _let_go(paths: List[str], unit: str) -> bool:
    """Have the receiver open its files anew, and tell whether it has let go of these."""
    process = receiver(unit)
    if not process:
        return True
    processes.answer([SYSTEMCTL, "kill", "--kill-who=main", "--signal=HUP", unit], 10)
    ends = time.monotonic() + PATIENCE
    while is_open(process, paths):
        if time.monotonic() > ends:
            return False
        time.sleep(0.05)
    return True


def compress(path: str, target: str) -> Closed:
    """Compress a file, for good on the disk when this returns, and tell what is in it. Raises OSError."""
    count, first, last = 0, b"", b""
    with open(path, "rb") as source, open(target, "wb") as stream:
        with gzip.GzipFile("", "wb", LEVEL, stream, mtime=0) as packed:
            for line in source:
                count += 1
                when = log_lines.stamp(line)
                if when:
                    first, last = min(first or when, when), max(last, when)
                packed.write(line)
        stream.flush()
        os.fsync(stream.fileno())
    return Closed(count, first, last)


def _sync_folder(path: str) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def close(directory: str, chain: log_chain.Chain, host: str, name: str) -> str:
    """Take one renamed file into the chain and return its new name, relative to the directory. Raises OSError."""
    program = name[: -len(log_lines.CLOSING)]
    folder = os.path.join(directory, host)
    path, partial = os.path.join(folder, name), os.path.join(folder, name + ".partial")
    status = os.stat(path)
    told = compress(path, partial)
    number = chain.link.number + 1
    new = log_lines.archive_name(program, told.first, told.last, number)
    os.chown(partial, status.st_uid, status.st_gid)
    os.chmod(partial, status.st_mode & 0o7777)
    relative = "%s/%s" % (host, new)
    with locked(directory):
        os.rename(partial, os.path.join(folder, new))
        _sync_folder(folder)
        times = {key: when.decode("ascii", "replace") for key, when in (("first", told.first), ("last", told.last))}
        size = os.stat(os.path.join(folder, new)).st_size
        found = log_chain.file_digest(os.path.join(folder, new))
        chain.append("closed", file=relative, sha256=found, size=size, lines=told.lines, written=status.st_mtime_ns, **times)
        os.unlink(path)
    return relative


def _mend(directory: str, chain: log_chain.Chain, host: str, names: List[str]) -> None:
    """Finish what a died run left.

    A compressed file that is in the chain makes the one that it was made of superfluous; one that is not in the chain goes.
    """
    last = log_chain.last_of(chain.folder, "closed") or {}
    for name in names:
        told = log_lines.archive(name)
        if name.endswith(".partial") or (told and told.number > chain.link.number):
            os.unlink(os.path.join(directory, host, name))
        elif told and last.get("file") == "%s/%s" % (host, name):
            left = os.path.join(directory, host, told.program + log_lines.CLOSING)
            if os.path.exists(left) and os.stat(left).st_mtime_ns == last.get("written"):
                with gzip.open(os.path.join(directory, host, name)) as packed, open(left, "rb") as stream:
                    same = all(packed.read(1 << 20) == block for block in iter(lambda: stream.read(1 << 20), b""))
                if same:
                    os.unlink(left)


def close_due(directory: str, settings: Mapping[str, Any], chain: log_chain.Chain, now: float) -> List[str]:
    """Close what is due and return the new names. Files that the receiver does not let go of stay for the next run."""
    waiting = list(due(directory, settings, now))
    for host in sorted({host for host, _name in waiting}):
        _mend(directory, chain, host, [entry.name for entry in log_lines.files(directory, host)])
    renamed: List[Tuple[str, str]] = []
    seen = set()
    for host, name in waiting:
        path = os.path.join(directory, host, name)
        target = path if name.endswith(log_lines.CLOSING) else path[: -len(log_lines.LIVE)] + log_lines.CLOSING
        if target in seen or not os.path.exists(path):
            continue
        if target != path:
            if os.path.exists(target):  # of an earlier run: first that one, this one the next time
                continue
            os.rename(path, target)
        seen.add(target)
        renamed.append((host, os.path.basename(target)))
    if not renamed:
        return []
    if not _let_go([os.path.join(directory, host, name) for host, name in renamed], settings["unit"]):
        sys.stderr.write("The receiver still writes to renamed files; they are closed the next time.\n")
        return []
    return [close(directory, chain, host, name) for host, name in renamed]


def usage(directory: str) -> Tuple[int, List[Tuple[float, int, str]]]:
    """Return how many bytes all files take, and the closed ones by the time of their closing: time, bytes, name."""
    total, closed = 0, []
    for host in log_lines.hosts(directory):
        for entry in log_lines.files(directory, host):
            status = entry.stat(follow_symlinks=False)
            taken = status.st_blocks * 512
            total += taken
            told = log_lines.archive(entry.name)
            if told:
                closed.append((told.number, status.st_mtime, taken, "%s/%s" % (host, entry.name)))
    return total, [(when, taken, name) for _number, when, taken, name in sorted(closed)]


def retire(directory: str, settings: Mapping[str, Any], chain: log_chain.Chain, now: float) -> List[str]:
    """Remove closed files that are too old, then the oldest until the rest is small enough; return their names."""
    status = os.statvfs(directory)
    most = log_space.size(settings["keep_size"], "keep_size", status.f_blocks * status.f_frsize)
    total, closed = usage(directory)
    gone = []
    for when, taken, name in closed:
        if now - when > settings["keep_days"] * DAY:
            reason = "older than %d days" % settings["keep_days"]
        elif total > most:
            reason = "all logs took %d bytes, more than %d" % (total, most)
        else:
            continue
        chain.append("removed", file=name, reason=reason)
        os.unlink(os.path.join(directory, name))
        total -= taken
        gone.append(name)
    for host in log_lines.hosts(directory):
        with contextlib.suppress(OSError):  # it is not empty
            if gone:
                os.rmdir(os.path.join(directory, host))
    return gone


def forget(chain: log_chain.Chain) -> None:
    """Remove the files of the chain all of whose files are removed, the oldest first; the last two stay."""
    for path in log_chain.months(chain.folder)[:-2]:
        kept, last = set(), b""
        removed = {json.loads(line).get("file") for _path, line in log_chain.lines(chain.folder) if b'"kind":"removed"' in line}
        with open(path, "rb") as stream:
            for line in stream:
                last = line.rstrip(b"\n")
                if b'"kind":"closed"' in line:
                    kept.add(json.loads(line).get("file"))
        if kept - removed:
            return
        chain.append("forgotten", through=json.loads(last)["n"], head=log_chain.digest(last))
        os.unlink(path)


def run(settings: Mapping[str, Any], now: Optional[float] = None) -> Dict[str, Any]:
    """Do all of it and tell what was done. Raises OSError, ChainError."""
    now = time.time() if now is None else now
    directory = settings["directory"]
    folder = own_folder(directory)
    with contextlib.suppress(OSError, LookupError):  # who may read the logs may verify them
        shutil.chown(folder, group=settings["group"])
    with open(os.path.join(folder, "running"), "w", encoding="ascii") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        with locked(directory):
            pass  # the lock's file is there from now on
        chain = log_chain.Chain(folder, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)))
        if not chain.link.number:
            chain.append("begun", host=os.uname().nodename)
        gone = retire(directory, settings, chain, now)
        closed = close_due(directory, settings, chain, now)
        forget(chain)
        if chain.link.number > chain.began:
            chain.seal(settings["tls"])
            for path in [*log_chain.months(folder), os.path.join(folder, "lock")]:
                with contextlib.suppress(OSError, LookupError):
                    shutil.chown(path, group=settings["group"])
        return {"closed": closed, "removed": gone, "link": chain.link, "changed": chain.link.number > chain.began}
