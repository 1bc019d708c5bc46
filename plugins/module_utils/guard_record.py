# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host remembers of an armed guard, and who may change it meanwhile. See guard.py.

`<directory>/armed.json` stands as long as a guard is armed: writing it arms, removing it confirms, each in one step. `last.json` tells how
the last guard that was not confirmed ended. Changes ask here before they begin, so it costs no more than two looks where nothing is armed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import time
from dataclasses import asdict, dataclass, field
from typing import Any, Dict, Iterator, List, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal
from ansible_collections.groundwork.fleet.plugins.module_utils.anchored_paths import flush_directory, replace_durably
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

BOOT_ID = "/proc/sys/kernel/random/boot_id"
LOCK_SECONDS = 60
BY_HAND = "On the host, as root: python3 %s/guard.pyz status | restore | disarm."


class TakenBack(BadInput):
    """What this run changed was taken back. Its text is the whole message for the user."""


class BeingTakenBack(TakenBack):
    """The same, and it is not done yet."""


@dataclass(frozen=True)
class Places:
    """Where a guard lives. What is in `runtime` does not survive a boot."""

    directory: str = "/var/lib/groundwork/guard"
    runtime: str = "/run/groundwork"
    units: str = "/etc/systemd/system"
    journal: str = change_journal.JOURNAL

    @property
    def armed(self) -> str:
        return os.path.join(self.directory, "armed.json")

    @property
    def last(self) -> str:
        return os.path.join(self.directory, "last.json")

    @property
    def bundle(self) -> str:
        return os.path.join(self.directory, "guard.pyz")

    @property
    def marker(self) -> str:
        return os.path.join(self.runtime, "guard")


PLACES = Places()


def beside(journal: str) -> Places:
    """Return the places of the guard that watches over a journal."""
    return Places(directory=os.path.join(os.path.dirname(journal), "guard"), journal=journal)


@dataclass(frozen=True)
class Record:
    """An armed guard.

    digest: of the token. run: who armed. boot: the kernel's name of this boot. marker: what stands in the marker of this boot.
    armed: by the clock, for people. deadline: by the monotonic clock of this boot. known: the changes that were there before.
    reason: why the guard takes back, from then on it cannot be confirmed. taking: which changes, once that is settled.
    """

    digest: str
    run: str
    boot: str
    marker: str
    armed: float
    timeout: int
    deadline: float
    known: List[str] = field(default_factory=list)
    reason: str = ""
    taking: Optional[List[str]] = None

    def left(self, now: float) -> float:
        """Return the seconds until the deadline."""
        return max(0.0, self.deadline - now)


def stamp(seconds: float) -> str:
    """Return a time as people read it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def digest(token: str) -> str:
    """Return what a host keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def due(record: Record, now: float, boot: str, marker: str) -> str:
    """Return why a guard has to take back now, empty where it has not. A boot is no confirmation, whatever the time."""
    if record.reason:
        return record.reason
    if record.boot != boot or record.marker != marker:
        return "the host was restarted before it was confirmed"
    if now >= record.deadline:
        return "it was not confirmed within %d s" % record.timeout
    return ""


def this_boot() -> str:
    """Return the kernel's name of this boot. A container keeps that of its machine: the marker tells its boots apart."""
    with open(BOOT_ID, encoding="ascii") as stream:
        return stream.read().strip()


def due_now(record: Record, places: Places = PLACES) -> str:
    """Return why a guard has to take back at this moment."""
    try:
        with open(places.marker, encoding="ascii") as stream:
            marker = stream.read()
    except FileNotFoundError:
        marker = ""
    return due(record, time.monotonic(), this_boot(), marker)


def _load(path: str) -> Optional[Dict[str, Any]]:
    try:
        with open(path, "rb") as stream:
            found: Dict[str, Any] = json.loads(stream.read())
            return found
    except FileNotFoundError:
        return None
    except ValueError:
        raise BadInput("%s is damaged; expected what groundwork.fleet wrote there. Look at it and remove it." % path) from None


def read(places: Places = PLACES) -> Optional[Record]:
    """Return the armed guard, None where nothing is armed."""
    found = _load(places.armed)
    return Record(**found) if found is not None else None


def write(record: Record, places: Places = PLACES) -> None:
    """Arm, or write down how far an armed guard is."""
    replace_durably(places.armed, json.dumps(asdict(record), indent=1).encode(), 0o600)


def erase(places: Places = PLACES) -> None:
    """Let no guard be armed any more."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(places.armed)
        flush_directory(places.directory)


def read_last(places: Places = PLACES) -> Dict[str, Any]:
    """Return how the last guard that took something back ended, empty where there was none."""
    return _load(places.last) or {}


def write_last(outcome: Dict[str, Any], places: Places = PLACES) -> None:
    """Remember how a guard ended."""
    replace_durably(places.last, json.dumps(outcome, indent=1).encode(), 0o600)


def forget_last(places: Places = PLACES) -> None:
    """Forget how the last guard ended: a later change was confirmed."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(places.last)


def told(outcome: Dict[str, Any]) -> str:
    """Return what happened, in one message."""
    text = "The change was taken back at %s, because %s." % (stamp(outcome["at"]), outcome["reason"])
    text += " Restored: %s." % (", ".join(outcome["paths"] + outcome.get("units", [])) or "nothing had been changed")
    if outcome["errors"]:
        text += " Not restored: %s." % "; ".join(outcome["errors"])
    return text


def matches(record: Record, run: str, token: str) -> bool:
    """Tell whether a run may confirm: it armed, and knows what only it can know."""
    return record.run == run and hmac.compare_digest(record.digest, digest(token))


def held(record: Record, places: Places = PLACES) -> str:
    """Return who holds the host, in the words of a refusal."""
    since, left = stamp(record.armed), record.left(time.monotonic())
    if due_now(record, places):
        text = "%s armed a guard at %s, and what it changed is being taken back." % (record.run, since)
        return "%s Wait a moment and run again. %s" % (text, BY_HAND % places.directory)
    text = "%s armed a guard at %s and has %d s left to confirm it." % (record.run, since, round(left))
    return "%s Wait until then and run again. %s" % (text, BY_HAND % places.directory)


_taking_back: List[bool] = []  # not empty in the one process that takes back: it has to change what nobody else may


@contextlib.contextmanager
def taking_back() -> Iterator[None]:
    """Let this process change what its guard is taking back."""
    _taking_back.append(True)
    try:
        yield
    finally:
        _taking_back.pop()


def refuse_foreign(run: str, places: Places = PLACES) -> None:
    """Raise BadInput where another run's guard is armed, or where what this run changed was taken back and it does not know yet.

    Ask it under the lock of the journal: a guard that takes back first says so and then waits for that lock.
    """
    if _taking_back:
        return
    if not (os.path.exists(places.armed) or os.path.exists(places.last)):
        return
    record = read(places)
    if record is None:
        last = read_last(places)
        if last.get("run") == run and not last["reported"]:
            raise TakenBack("Nothing more was changed. " + told(last))
        return
    if record.run != run:
        raise BadInput("Nothing was changed: %s" % held(record, places))
    reason = due_now(record, places)
    if reason:
        raise BeingTakenBack("Nothing more was changed: what this run changed is being taken back, because %s." % reason)


@contextlib.contextmanager
def locked(places: Places = PLACES, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Let one process at a time arm, confirm or take back."""
    os.makedirs(places.runtime, mode=0o700, exist_ok=True)
    path = os.path.join(places.runtime, "guard.lock")
    with open(path, "a", encoding="ascii", opener=lambda name, flags: os.open(name, flags | os.O_CLOEXEC, 0o600)) as stream:
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                record = read(places)
                if record is not None and record.reason:
                    raise BeingTakenBack("The change is being taken back, because %s." % record.reason) from None
                if time.monotonic() > deadline:
                    raise BadInput("Another process holds %s. Wait for it to end, or end it." % path) from None
                time.sleep(0.1)
        yield
