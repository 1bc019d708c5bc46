# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far each rotation has come, in a file of the controller, so that a run that was broken off is resumed where it stopped.

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
from ansible_collections.groundwork.fleet.plugins.plugin_utils.private_files import private_directory, write_atomically

FORMAT = 1
WRITING, DEPLOYING = "writing", "deploying"
_COST = 1 << 14  # 16 MiB and some 50 ms a guess: a generated secret is beyond any number of these


@dataclass
class Rotation:
    """One that has begun.

    begun: when, ISO 8601. salt, digest: hexadecimal, of the new version while it is written. done: hosts that have it.
    health: host to the status of each of its checks before it got the new version.
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
    """What a new version needs from outside. fetch: what the backend has now, never from a cache. make: a new value. replace: writes it."""

    fetch: Callable[[str], bytes]
    make: Callable[[str], bytes]
    replace: Callable[[str, bytes], None]


def write_once(name: str, state: State, keep: Callable[[State], None], steps: Steps, now: datetime) -> bool:
    """Bring a rotation to the step after its new version is written; return whether this call wrote it.

    Called by one run at a time. What `steps` raise is passed on, and a later call goes on from there.
    """
    begun = state.rotations.get(name)
    if begun is not None and begun.step == DEPLOYING:
        return False
    if begun is not None and hmac.compare_digest(digest(steps.fetch(name), begun.salt), begun.digest):
        _written(begun)  # it was broken off, or its answer was lost, after the backend had it
        keep(state)
        return False
    value, salt = steps.make(name), secrets.token_hex(16)
    state.rotations[name] = Rotation(WRITING, begun.begun if begun else now.isoformat(timespec="seconds"), salt, digest(value, salt))
    keep(state)
    steps.replace(name, value)
    _written(state.rotations[name])
    keep(state)
    return True


def _written(one: Rotation) -> None:
    one.step, one.salt, one.digest = DEPLOYING, "", ""


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


def deployed(state: State, names: Iterable[str], host: str) -> None:
    """Note that a host uses the new versions and is proven healthy. One that another run has finished meanwhile is left alone."""
    for name in names:
        begun = state.rotations.get(name)
        if begun is not None and begun.step == DEPLOYING and host not in begun.done:
            begun.done = sorted([*begun.done, host])


def waiting(state: State, name: str, hosts: Iterable[str]) -> list[str]:
    """Return the hosts of a secret that do not have its new version yet."""
    begun = state.rotations.get(name)
    return sorted(set(hosts) - set(begun.done if begun else ()))


def proven(state: State, hosts: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the rotations whose new version every host has that uses the secret. hosts: name of a secret to these."""
    begun = [name for name, one in state.rotations.items() if one.step == DEPLOYING]
    return sorted(name for name in begun if not waiting(state, name, hosts.get(name, ())))


def finish(state: State, names: Iterable[str], hosts: Mapping[str, Iterable[str]], now: datetime) -> list[str]:
    """End those of the named rotations that are proven, and return them."""
    ended = sorted(set(names) & set(proven(state, hosts)))
    for name in ended:
        del state.rotations[name]
        state.finished[name] = now.isoformat(timespec="seconds")
    return ended
