# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change that nobody confirms is taken back: by the host itself, without the controller and across a reboot.

`arm` before the change, `confirm` by the same run over a new connection. Everything else takes back what the journal has since: the time, a
boot, somebody at the console. The order of the steps is what makes it safe to be killed between any two of them:

arm      units and time first, the record last: a time that runs without a record removes its units and does nothing.
confirm  the record first: from then on nothing can take the change back, whatever else still stands.
restore  the record says so first, durably (`reason`); then changes under way are waited for, then what is to be taken back is settled
         (`taking`), and the record goes last: who is interrupted begins again with the same list.
"""

from __future__ import annotations

import os
import secrets
import sys
import time
from dataclasses import replace
from typing import Any, Callable, Dict, List, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, guard_record, guard_units
from ansible_collections.groundwork.fleet.plugins.module_utils.anchored_paths import replace_durably
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.module_utils.guard_record import (
    PLACES,
    BeingTakenBack,
    Places,
    Record,
    TakenBack,
    refuse_foreign,
)

__all__ = ["BeingTakenBack", "Places", "TakenBack", "arm", "confirm", "disarm", "main", "refuse_foreign", "restore", "status"]

RETRIES = (2, 5, 10)  # seconds until what could not be taken back is tried again
SHORTEST, DEFAULT, LONGEST = 15, 60, 3600  # seconds
Undo = Callable[[List[str], str, str], Dict[str, List[str]]]


def _no_step(name: str) -> None:
    """Ignore a step's name."""


def check_timeout(timeout: int) -> None:
    """Raise BadInput for a time that is too short for a new connection or longer than anybody should stay locked out."""
    if not SHORTEST <= timeout <= LONGEST:
        expected = "%d to %d seconds" % (SHORTEST, LONGEST)
        raise bad_input("timeout", timeout, expected, "A new connection has to come about within it; %d s suit most hosts." % DEFAULT)


def _report_last(run: str, places: Places) -> None:
    """Raise TakenBack, once, where this run's change was taken back."""
    last = guard_record.read_last(places)
    if last and last["run"] == run and not last["reported"]:
        guard_record.write_last({**last, "reported": True}, places)
        raise TakenBack(guard_record.told(last))


def _extend(record: Record, timeout: int, places: Places, step: Callable[[str], None]) -> None:
    deadline = max(record.deadline, time.monotonic() + timeout)
    guard_record.write(replace(record, timeout=timeout, deadline=deadline), places)
    step("extended")
    guard_units.start(timeout, places)


def _begin(run: str, timeout: int, token: str, known: List[str], places: Places, step: Callable[[str], None]) -> None:
    """Start the units and the time, then write the record."""
    marker = secrets.token_hex(8)
    with open(places.marker, "w", encoding="ascii") as stream:
        stream.write(marker)
    deadline = time.monotonic() + timeout
    try:
        guard_units.start(timeout, places)
    except BaseException:
        guard_units.stop(places)
        raise
    step("started")
    digest = guard_record.digest(token)
    guard_record.write(Record(digest, run, guard_record.this_boot(), marker, time.time(), timeout, deadline, known), places)
    step("armed")


def arm(
    run: str, timeout: int = DEFAULT, token: str = "", places: Places = PLACES, step: Callable[[str], None] = _no_step
) -> str:  # fmt: skip
    """Arm a guard and return the token that confirms it; give one where the caller keeps it. Armed by the same run, it gets more time.

    Raises BadInput where another run holds the host, TakenBack where what this run changed before was taken back.
    """
    check_timeout(timeout)
    token = token or secrets.token_hex(32)
    with guard_record.locked(places):
        record = guard_record.read(places)
        if record is not None and record.run != run:
            raise BadInput("Nothing was changed: %s" % guard_record.held(record, places))
        if record is not None and guard_record.due_now(record, places):
            raise BeingTakenBack("What this run changed is being taken back, because %s." % guard_record.due_now(record, places))
        if record is not None:
            if not guard_record.matches(record, run, token):
                raise bad_input("token", "", "the one with which this run armed", "Arm and confirm in one run.", secret=True)
            _extend(record, timeout, places, step)
            return token
        _report_last(run, places)
        os.makedirs(places.directory, mode=0o700, exist_ok=True)
        os.chmod(places.directory, 0o700)
        replace_durably(places.bundle, guard_units.bundled(), 0o600)
        step("bundled")
        # Nobody changes anything between this look and the record: it would be taken for a change of this run.
        with change_journal.locked(places.journal, run):
            known = change_journal.names(places.journal)
            _begin(run, timeout, token, known, places, step)
    return token


def confirm(token: str, run: str, places: Places = PLACES, step: Callable[[str], None] = _no_step) -> bool:
    """Keep what was changed. Returns whether a guard was armed.

    Raises TakenBack where it was taken back, BadInput where another run armed it.
    """
    with guard_record.locked(places):
        record = guard_record.read(places)
        if record is None:
            _report_last(run, places)
            return False
        if not guard_record.matches(record, run, token):
            raise BadInput("Not confirmed: only the run that armed can confirm. %s" % guard_record.held(record, places))
        reason = guard_record.due_now(record, places)
        if reason:
            raise BeingTakenBack("The change is being taken back, because %s." % reason)
        guard_record.erase(places)
        step("confirmed")
        guard_record.forget_last(places)
        guard_units.stop(places)
    return True


def status(places: Places = PLACES) -> Dict[str, Any]:
    """Return what is armed, until when and by whom, and how the last guard ended that took something back."""
    record, last = guard_record.read(places), guard_record.read_last(places)
    found: Dict[str, Any] = {"state": "disarmed", "holder": "", "since": "", "deadline": "", "left": 0, "last": last}
    if record is None:
        return found
    left = record.left(time.monotonic())
    found.update(state="restoring" if guard_record.due_now(record, places) else "armed", holder=record.run)
    found.update(since=guard_record.stamp(record.armed), deadline=guard_record.stamp(time.time() + left), left=round(left))
    return found


def _undo(changes: List[str], run: str, journal: str) -> Dict[str, List[str]]:
    """Take changes back through the engine and return paths, units and errors."""
    from ansible_collections.groundwork.fleet.plugins.module_utils import undo  # it needs the engine, and the engine asks here

    done = undo.undo(changes, run, force=True, journal=journal)
    return {"paths": done.paths, "units": done.units, "errors": done.errors, "lost": done.lost}


def _insist(undo: Undo, changes: List[str], run: str, journal: str) -> Dict[str, List[str]]:
    """Take changes back, again where something failed: a lock was held, a unit did not come up. What is back already stays."""
    paths: List[str] = []
    units: List[str] = []
    for pause in (*RETRIES, None):
        with guard_record.taking_back():
            done = undo(changes, run, journal) if changes else {}
        paths, units = paths + done.get("paths", []), units + done.get("units", [])
        if not done.get("errors") or pause is None:
            break
        say("tried again in %d s: %s" % (pause, "; ".join(done["errors"])))
        time.sleep(pause)
    errors = done.get("errors", []) + done.get("lost", [])
    return {"paths": list(dict.fromkeys(paths)), "units": list(dict.fromkeys(units)), "errors": list(dict.fromkeys(errors))}


def _settle(record: Record, places: Places) -> List[str]:
    """Wait for a change that is under way, and return what is to be taken back, newest first. What begins later is refused.

    A change that was killed is taken back by the engine itself, here; one without a manifest had not begun.
    """
    from ansible_collections.groundwork.fleet.plugins.module_utils import file_swap  # it asks here

    while True:
        try:
            with change_journal.locked(places.journal):
                for text in file_swap.recover(places.journal):
                    say(text)
                found = [name for name in reversed(change_journal.names(places.journal)) if name not in record.known]
                return [name for name in found if os.path.exists(os.path.join(places.journal, name, "manifest.json"))]
        except BadInput as error:
            say("waiting: %s" % error)


def restore(
    reason: str = "",
    places: Places = PLACES,
    step: Callable[[str], None] = _no_step,
    undo: Undo = _undo,
    reported: bool = False,
) -> Dict[str, Any]:
    """Take back what was changed since the guard was armed, where that is due or `reason` says why. Returns the outcome, empty if not due.

    reported: whoever armed knows of it already.
    """
    with guard_record.locked(places):
        record = guard_record.read(places)
        if record is None:
            guard_units.stop(places)
            return {}
        reason = guard_record.due_now(record, places) or reason
        if not reason:
            return {}
        if not record.reason:
            record = replace(record, reason=reason)
            guard_record.write(record, places)
            step("begun")
        taking = record.taking
        if taking is None:
            taking = _settle(record, places)
            guard_record.write(replace(record, taking=taking), places)
            step("settled")
        done = _insist(undo, taking, record.run, places.journal)
        step("undone")
        outcome: Dict[str, Any] = {"outcome": "restored", "run": record.run, "armed": record.armed, "timeout": record.timeout}
        outcome.update(at=time.time(), reason=record.reason, changes=taking, reported=reported, **done)
        guard_record.write_last(outcome, places)
        step("told")
        guard_record.erase(places)
        step("erased")
        guard_units.stop(places)
    return outcome


def disarm(places: Places = PLACES) -> bool:
    """Keep what was changed without a proof. Returns whether a guard was armed."""
    with guard_record.locked(places):
        record = guard_record.read(places)
        if record is not None and record.reason:
            raise BeingTakenBack("The change is being taken back, because %s." % record.reason)
        guard_record.erase(places)
        guard_units.stop(places)
    return record is not None


def say(text: str) -> None:
    """Tell the journal of the host, which keeps what a unit says."""
    sys.stdout.write("groundwork-guard: %s\n" % text)
    sys.stdout.flush()


def _until_due(places: Places) -> None:
    """Wait until nothing is armed any more, be it confirmed or taken back. The time may have been extended after the timer was set."""
    while True:
        outcome = restore(places=places)
        record = guard_record.read(places)
        if outcome:
            say(guard_record.told(outcome))
        if record is None:
            return
        time.sleep(min(1.0, record.left(time.monotonic()) + 0.05))


def main(words: Sequence[str], places: Places = PLACES) -> int:
    """Do what a unit asks for (due, boot), or somebody at the console (status, restore, disarm). Returns the exit status."""
    os.umask(0o077)
    word: Optional[str] = words[0] if words else None
    try:
        if word == "due":
            _until_due(places)
        elif word == "boot":
            with guard_units.not_waiting_for_units():
                outcome = restore(places=places)
            say(guard_record.told(outcome) if outcome else "nothing to take back")
        elif word == "restore":
            outcome = restore("somebody asked for it on the host", places)
            say(guard_record.told(outcome) if outcome else "nothing is armed")
        elif word == "disarm":
            say("the change is kept" if disarm(places) else "nothing is armed")
        elif word == "status":
            for name, value in status(places).items():
                say("%s: %s" % (name, value))
        else:
            say("expected one of due, boot, status, restore, disarm")
            return 2
    except BeingTakenBack as error:
        say(str(error))
        return 0 if word == "due" else 1
    except (BadInput, OSError) as error:
        say("failed: %s" % error)
        return 1
    return 0
