# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the controller that hold secrets: found, created whole and once, replaced whole."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import AlreadyThere, NotThere, SecretError, Settings

DIRECTORY = ".groundwork/secrets"
# Of all threads of this process.
_WRITING = threading.Lock()
DIRECTORY_HELP = "the directory of the files, by default `%s` beside the inventory" % DIRECTORY


def place(reference: SecretReference, settings: Settings) -> Path:
    """Return the file that the reference's path names in the option `directory`; no link leads out of it."""
    directory = settings.path("directory", DIRECTORY).resolve()
    path = (directory / reference.path).resolve()
    if not path.is_relative_to(directory):
        raise SecretError("The path leads out of the directory %s." % directory)
    return path


def read(path: Path, create: str) -> bytes:
    """Return the content. create: how a user makes such a file, as a sentence of the error."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotThere("%s: No such file or directory. %s" % (path, create)) from None


def told(error: OSError, create: str) -> str:
    """Return what to say of a file that could not be read or written."""
    return "%s: %s. %s" % (error.filename, error.strerror, create)


def changed_at(path: Path) -> datetime | None:
    """Return when the content was last written; None where there is no such file."""
    with contextlib.suppress(FileNotFoundError):
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return None


def create(path: Path, make: Callable[[], bytes]) -> None:
    """Create the file with what `make` returns, 0600 and durable; half of it is never seen. Raises AlreadyThere."""
    if path.exists():
        raise AlreadyThere("%s is there already." % path)
    with _staged(path, make()) as staged:
        try:
            os.link(staged, path)
        except FileExistsError:
            raise AlreadyThere("%s is there already." % path) from None


def replace(path: Path, content: bytes) -> None:
    """Put a new content in the place of the old one, whole or not at all. Raises NotThere where there is no old one."""
    if not path.exists():
        raise NotThere("%s: No such file or directory." % path)
    with _staged(path, content) as staged:
        staged.chmod(path.stat().st_mode & 0o777)
        staged.replace(path)


@contextlib.contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Hold off other threads, and other runs on this machine, while a program reads, changes and writes a file of the directory."""
    import fcntl  # pylint: disable=import-outside-toplevel  # only where something is written

    with _WRITING:
        # The directory, not the file: the program may put another file in its place.
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def _staged(path: Path, content: bytes) -> Iterator[Path]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    staged = path.with_name(".%s.%s" % (path.name, secrets.token_hex(6)))
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        yield staged
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    finally:
        staged.unlink(missing_ok=True)
