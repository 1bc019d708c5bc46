# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far each rotation has come, in a file of the controller, so that a run that was broken off is resumed where it stopped.

Its steps: the next version is written, those who let in come to accept it as well, it becomes the current one, those who use it get it,
the previous one is retired, those who let in refuse it. Each is kept before it is done, and what is done twice does no harm.

No value is kept. Between the intent to write a new version and the note that it is written stands the new one's digest (scrypt, RFC 7914,
with a random salt): a later run asks the backend and sees whether it was written, so that there is never a second new version.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_versions
from ansible_collections.groundwork.fleet.plugins.plugin_utils.private_files import private_directory, write_atomically

FORMAT = 1
WRITING, ACCEPTING, PROMOTING, DEPLOYING, RETIRING, LOCKING = "writing", "accepting", "promoting", "deploying", "retiring", "locking"
#: Steps that bring something to hosts.
ON_HOSTS = (ACCEPTING, DEPLOYING, LOCKING)
_COST = 1 << 14  # 16 MiB and some 50 ms a guess: a generated secret is beyond any number of these


@dataclass
class Rotation:
    """One that has begun.

    begun: when, ISO 8601. salt, digest: hexadecimal, of the new version while it is written. done: hosts at which the step is done.
    health: host to the status of each of its checks before the rotation came to it.
    """

    step: str
    begun: str
    salt: str = ""
    digest: str = ""
    done: list[str] = field(default_factory=list)
    health: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass
class State:
    """rotations: name of a secret to what has begun. finished: name to when its last rotation ended, ISO 8601."""

    rotations: dict[str, Rotation] = field(default_factory=dict)
    finished: dict[str, str] = field(default_factory=dict)


def digest(value: bytes, salt: str) -> str:
    """Return the digest of a new version."""
    return hashlib.scrypt(value, salt=bytes.fromhex(salt), n=_COST, r=8, p=1).hex()


class Place:
    """The directory of the state, closed to others. Safe between processes of this machine."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.path = directory / "state.json"

    @contextlib.contextmanager
    def alone(self) -> Iterator[State]:
        """Give the state while no other run has it; what was changed in it is kept at the end, and by `keep`."""
        private_directory(self.directory)
        descriptor = os.open(self.directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            state = self.read()
            yield state
            self.keep(state)
        finally:
            os.close(descriptor)

    def read(self) -> State:
        """Return the state; an empty one where nothing was ever rotated. Raises BadInput for a file that this cannot be."""
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
            if data["format"] != FORMAT:
                raise ValueError("format %s" % data["format"])
            return State({name: Rotation(**one) for name, one in data["rotations"].items()}, dict(data["finished"]))
        except FileNotFoundError:
            return State()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            remedy = "It is damaged or of a newer version (%s). A copy from a backup brings the rotations back." % type(error).__name__
            raise bad_input("rotation", str(self.path), "the state of the rotations in format %d" % FORMAT, remedy) from None

    def keep(self, state: State) -> None:
        """Write the state, durable and 0600."""
        content = {"format": FORMAT, "rotations": {name: asdict(one) for name, one in state.rotations.items()}, "finished": state.finished}
        if not (self.directory / ".gitignore").exists():
            write_atomically(self.directory / ".gitignore", b"*\n", 0o600)
        write_atomically(self.path, (json.dumps(content, indent=1, sort_keys=True) + "\n").encode(), 0o600)


@dataclass(frozen=True)
class Steps:
    """What a step needs from outside; a version is `secret_versions.NEXT`, `PREVIOUS` or "", the current one.

    fetch: secret, version to what the backend has now, never from a cache; None where there is none. make: a new value.
    replace: writes a version.
    """

    fetch: Callable[[str, str], bytes | None]
    make: Callable[[str], bytes]
    replace: Callable[[str, str, bytes], None]


def write_once(name: str, state: State, keep: Callable[[State], None], steps: Steps, now: datetime) -> bool:
    """Bring a rotation to the step after its next version is written; return whether this call wrote it.

    Called by one run at a time. What `steps` raise is passed on, and a later call goes on from there.
    """
    begun = state.rotations.get(name)
    if begun is not None and begun.step != WRITING:
        return False
    there = None if begun is None else steps.fetch(name, secret_versions.NEXT)
    if begun is not None and there is not None and hmac.compare_digest(digest(there, begun.salt), begun.digest):
        _enter(begun, ACCEPTING)  # it was broken off, or its answer was lost, after the backend had it
        keep(state)
        return False
    value, salt = steps.make(name), secrets.token_hex(16)
    state.rotations[name] = Rotation(WRITING, begun.begun if begun else now.isoformat(timespec="seconds"), salt, digest(value, salt))
    keep(state)
    steps.replace(name, secret_versions.NEXT, value)
    _enter(state.rotations[name], ACCEPTING)
    keep(state)
    return True


def _enter(one: Rotation, step: str) -> None:
    one.step, one.salt, one.digest, one.done = step, "", "", []


def promote(name: str, state: State, keep: Callable[[State], None], steps: Steps, acceptors: Iterable[str]) -> bool:
    """Make the next version the current one where all who let in accept it; return whether this call did. Raises BadInput."""
    one = state.rotations[name]
    if one.step == ACCEPTING and not waiting(state, name, acceptors):
        _enter(one, PROMOTING)
        keep(state)
    if one.step != PROMOTING:
        return False
    following, current = steps.fetch(name, secret_versions.NEXT), steps.fetch(name, "")
    if following is None or current is None:
        remedy = "Somebody took it away: write it there again, or take the secret out of state.json to begin anew."
        raise bad_input("rotation", name, "its current and its next version in the backend", remedy)
    if following != current:  # else it was broken off after the last write
        steps.replace(name, secret_versions.PREVIOUS, current)
        steps.replace(name, "", following)
    _enter(one, DEPLOYING)
    keep(state)
    return following != current


def go_back(name: str, state: State, keep: Callable[[State], None], steps: Steps) -> None:
    """Make the previous version the current one again, to be brought to all who use it; the new one is then retired. Raises BadInput."""
    one = state.rotations[name]
    if one.step in (RETIRING, LOCKING):
        raise bad_input("rotation_back", name, "a rotation whose old version is not retired yet", "Let it end, and rotate it once more.")
    previous = steps.fetch(name, secret_versions.PREVIOUS) if one.step in (PROMOTING, DEPLOYING) else None
    if previous is not None:
        steps.replace(name, "", previous)
    _enter(one, DEPLOYING)
    keep(state)


def retire(name: str, state: State, keep: Callable[[State], None], steps: Steps, users: Iterable[str]) -> bool:
    """Overwrite the previous version where all who use the secret have the current one; return whether this call did."""
    one = state.rotations[name]
    if one.step == DEPLOYING and not waiting(state, name, users):
        _enter(one, RETIRING)
        keep(state)
    if one.step != RETIRING:
        return False
    for version in (secret_versions.PREVIOUS, secret_versions.NEXT):
        steps.replace(name, version, secret_versions.RETIRED)
    _enter(one, LOCKING)
    keep(state)
    return True


def before(state: State, names: Iterable[str], host: str, health: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, str]]:
    """Return how the checks of a host were before it got any of the new versions, and keep it: a resumed run compares with that too.

    health: the checks as they are now. Only their names and status are kept.
    """
    begun = [state.rotations[name] for name in names if name in state.rotations]
    now = {str(name): str(result.get("status", "")) for name, result in health.items()}
    kept = next((one.health[host] for one in begun if host in one.health), now)
    for one in begun:
        one.health.setdefault(host, kept)
    return {name: {"status": status} for name, status in kept.items()}


def deployed(state: State, names: Iterable[str], host: str, step: str) -> None:
    """Note that a step is done at a host and proven healthy. A rotation that another run has brought further meanwhile is left alone."""
    for name in names:
        begun = state.rotations.get(name)
        if begun is not None and begun.step == step and host not in begun.done:
            begun.done = sorted([*begun.done, host])


def waiting(state: State, name: str, hosts: Iterable[str]) -> list[str]:
    """Return the hosts at which the present step of a rotation is not done yet."""
    begun = state.rotations.get(name)
    return sorted(set(hosts) - set(begun.done if begun else ()))


def proven(state: State, acceptors: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the rotations of which the last step is done at every host. acceptors: name of a secret to the hosts that let in with it."""
    begun = [name for name, one in state.rotations.items() if one.step == LOCKING]
    return sorted(name for name in begun if not waiting(state, name, acceptors.get(name, ())))


def finish(state: State, names: Iterable[str], acceptors: Mapping[str, Iterable[str]], now: datetime) -> list[str]:
    """End those of the named rotations that are proven, and return them."""
    ended = sorted(set(names) & set(proven(state, acceptors)))
    for name in ended:
        del state.rotations[name]
        state.finished[name] = now.isoformat(timespec="seconds")
    return ended
