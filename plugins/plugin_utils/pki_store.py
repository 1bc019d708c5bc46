# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory on the controller that holds the authorities and the hosts' certificates: locked, private, atomic.

`root.crt` signs `intermediate.crt`, which signs the leaves below `hosts/`. `ca.crt` is the one authority of earlier releases, trusted
until no host needs it any more.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.authority import Pair, Subject
from ansible_collections.groundwork.fleet.plugins.plugin_utils.private_files import private_directory, write_atomically

HOST = "host"  # the name of the leaf that every host has


@dataclass(frozen=True)
class Leaf:
    """A certificate that a host is to have. name: of its files."""

    name: str
    subject: Subject
    days: int


@dataclass(frozen=True)
class Wanted:
    """What one host should have. The days are those of a new one.

    root_key, intermediate_key: PEM, where a backend of secrets keeps them; None where they are files of the directory.
    members: the hosts of the inventory, None where they are not known. revoke_removed: whether the certificates of all others end.
    """

    host: str
    leaves: tuple[Leaf, ...]
    authority_name: str = "groundwork.fleet"
    root_key: bytes | None = field(default=None, repr=False)
    intermediate_key: bytes | None = field(default=None, repr=False)
    intermediate_days: int = 1825
    list_days: int = 90
    members: frozenset[str] | None = None
    revoke_removed: bool = False
    since: datetime | None = None


@dataclass(frozen=True)
class Issued:
    """Where one certificate of a host is on the controller. reason: why it is new, None where it is not."""

    certificate: Path
    issuers: Path
    key: Path
    reason: str | None


@dataclass
class Outcome:
    """Where everything for a host is on the controller and what had to be done for it.

    authorities: what a host trusts. former: the authority of before, while it is trusted. done: what was or would be made, in words.
    waits_for: hosts that have to trust the root before a certificate of it is handed out. recorded: whether the host is known to have all.
    """

    authorities: Path
    root: Path
    revoked: Path
    former: Path | None = None
    leaves: dict[str, Issued] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    waits_for: tuple[str, ...] = ()
    recorded: bool = True
    created: bool = False


@dataclass(frozen=True)
class Place:
    """The directory, or in check mode the directory with what would be written kept beside it, in `scratch`."""

    directory: Path
    scratch: Path | None = None

    def path(self, name: str) -> Path:
        """Return where a file is to be read."""
        if self.scratch is not None and (self.scratch / name).exists():
            return self.scratch / name
        return self.directory / name

    def read(self, name: str) -> bytes | None:
        """Return a file's content, None where there is none."""
        try:
            return self.path(name).read_bytes()
        except FileNotFoundError:
            return None

    def exists(self, name: str) -> bool:
        """Tell whether there is such a file or directory."""
        return self.path(name).exists()

    def write(self, name: str, content: bytes) -> None:
        """Write a file atomically, for nobody else to read; leave one alone that is so."""
        path = (self.scratch or self.directory) / name
        if self.read(name) == content:
            if self.scratch is None:
                path.chmod(0o600)
            return
        private_directory(path.parent)
        write_atomically(path, content, 0o600)

    def pair(self, name: str, key: bytes | None = None) -> Pair | None:
        """Return a certificate with its key, an empty one where it is elsewhere; None where there is no certificate."""
        certificate = self.read(f"{name}.crt")
        return None if certificate is None else Pair(certificate, key or self.read(f"{name}.key") or b"")

    def write_pair(self, name: str, pair: Pair, with_key: bool = True) -> None:
        """Write the key, then the certificate."""
        if with_key:
            self.write(f"{name}.key", pair.key)
        self.write(f"{name}.crt", pair.certificate)

    def close_key(self, name: str) -> None:
        """Take a key from the eyes of others."""
        if self.scratch is None and (self.directory / f"{name}.key").exists():
            (self.directory / f"{name}.key").chmod(0o600)

    def document(self, name: str, default: Any) -> Any:
        """Return what a JSON file holds. Raises BadInput for one that cannot be read."""
        content = self.read(name)
        if content is None:
            return default
        try:
            return json.loads(content)
        except ValueError as error:
            where = self.path(name)
            raise BadInput(f"{where} cannot be read ({error}); expected JSON. Restore it from your backup.") from None

    def write_document(self, name: str, value: Any) -> None:
        """Write a JSON file."""
        self.write(name, (json.dumps(value, indent=1, sort_keys=True) + "\n").encode())

    def hosts(self) -> list[str]:
        """Return the hosts that have a certificate."""
        return sorted(unquote(path.parent.name) for path in self.directory.glob("hosts/*/host.crt"))

    def retire(self, name: str) -> None:
        """Put an authority away that is not trusted any more."""
        if self.scratch is not None:
            return
        private_directory(self.directory / "former")
        for path in self.directory.glob(f"{name}.*"):
            path.replace(self.directory / "former" / path.name)


def host_directory(host: str) -> str:
    """Return the place of a host's pairs within the directory; any inventory name is safe as a path."""
    name = quote(host, safe="")
    return "hosts/" + (name.replace(".", "%2E") if not name.strip(".") else name)


@contextlib.contextmanager
def opened(directory: Path, scratch: Path | None = None) -> Iterator[Place]:
    """Give the directory to one process at a time; with `scratch` it is only looked at."""
    if scratch is not None:
        yield Place(directory, scratch)
        return
    private_directory(directory)
    with open(os.open(directory / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "wb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        if not (directory / ".gitignore").exists():
            write_atomically(directory / ".gitignore", b"*\n", 0o600)
        yield Place(directory)


def with_key(pair: Pair, key: bytes | None) -> Pair:
    """Return the pair with a key from elsewhere."""
    return replace(pair, key=key) if key else pair


def moment(text: str) -> datetime:
    """Return a moment that was kept as text."""
    return datetime.fromisoformat(text)
