# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory on the controller that holds the authority and the hosts' certificates: locked, private, atomic."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils.authority import (
    Pair,
    Subject,
    authority_problem,
    new_authority,
    new_leaf,
    reason_to_issue,
)
from ansible_collections.groundwork.fleet.plugins.plugin_utils.private_files import private_directory, write_atomically


@dataclass(frozen=True)
class Wanted:
    """What one host's certificate should be."""

    subject: Subject
    days: int
    authority_name: str
    since: datetime | None = None


@dataclass(frozen=True)
class Issued:
    """Where a host's files are on the controller and what had to be done for them."""

    authority_certificate: Path
    certificate: Path
    key: Path
    reason: str | None
    authority_created: bool = False


def host_directory(directory: Path, host: str) -> Path:
    """Return the place of a host's pair; any inventory name is safe as a path."""
    name = quote(host, safe="")
    return directory / "hosts" / (name.replace(".", "%2E") if not name.strip(".") else name)


def issue(directory: Path, wanted: Wanted, now: datetime) -> Issued:
    """Make sure that the authority and the host's certificate are there and valid. Safe between processes."""
    private_directory(directory)
    with _lock(directory / ".lock"):
        if not (directory / ".gitignore").exists():
            write_atomically(directory / ".gitignore", b"*\n", 0o600)
        authority, place = read_pair(directory, "ca"), host_directory(directory, wanted.subject.common_name)
        created = authority is None
        if authority is None:
            _refuse_halves(directory, "ca")
            authority = new_authority(wanted.authority_name, now)
            write_pair(directory, "ca", authority)
        _refuse_broken(authority, directory, now)
        reason = reason_to_issue(read_pair(place, "host"), authority.certificate, wanted.subject, wanted.days, now, wanted.since)
        if reason:
            private_directory(place)
            write_pair(place, "host", new_leaf(authority, wanted.subject, wanted.days, now))
        for key in (directory / "ca.key", place / "host.key"):
            key.chmod(0o600)
    return Issued(directory / "ca.crt", place / "host.crt", place / "host.key", reason, created)


def foresee(directory: Path, scratch: Path, wanted: Wanted, now: datetime) -> Issued:
    """Answer like `issue` without touching `directory`: what would have to be made is made in `scratch`."""
    authority, place = read_pair(directory, "ca"), host_directory(directory, wanted.subject.common_name)
    if authority is not None:
        _refuse_broken(authority, directory, now)
        reason = reason_to_issue(read_pair(place, "host"), authority.certificate, wanted.subject, wanted.days, now, wanted.since)
        if reason is None:
            return Issued(directory / "ca.crt", place / "host.crt", place / "host.key", None)
    else:
        _refuse_halves(directory, "ca")
        reason = "there is none yet"
    signer = authority or new_authority(wanted.authority_name, now)
    write_atomically(scratch / "ca.crt", signer.certificate, 0o600)
    write_pair(scratch, "host", new_leaf(signer, wanted.subject, wanted.days, now))
    return Issued(scratch / "ca.crt", scratch / "host.crt", scratch / "host.key", reason, authority is None)


def read_pair(directory: Path, name: str) -> Pair | None:
    """Return the certificate and key of that name, or None unless both are there."""
    try:
        return Pair((directory / f"{name}.crt").read_bytes(), (directory / f"{name}.key").read_bytes())
    except FileNotFoundError:
        return None


def write_pair(directory: Path, name: str, pair: Pair) -> None:
    """Write the key, then the certificate, each atomically."""
    write_atomically(directory / f"{name}.key", pair.key, 0o600)
    write_atomically(directory / f"{name}.crt", pair.certificate, 0o600)


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "wb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _refuse_halves(directory: Path, name: str) -> None:
    # A new authority would cut every host off that trusts the old one: never made where a trace of the old one is.
    # A key alone without any issued certificate is a first run that was interrupted.
    lost = "key" if (directory / f"{name}.crt").exists() else "crt" if (directory / "hosts").exists() else None
    if lost:
        raise BadInput(
            f"certificates_directory {str(directory)!r} has issued certificates, but {name}.{lost} is gone. "
            f"Restore {name}.{lost} from your backup; to start a new authority on all hosts, move the whole directory away."
        )


def _refuse_broken(authority: Pair, directory: Path, now: datetime) -> None:
    problem = authority_problem(authority, now)
    if problem:
        raise bad_input(
            "certificates_directory",
            str(directory),
            "a directory with a usable authority (ca.crt, ca.key), but " + problem,
            "Restore both from your backup; to start a new authority on all hosts, move them away.",
        )
