# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of the controller that give secrets. Neither what they say nor their arguments come into an error."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import processes
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_files
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import SecretError, Settings

SECONDS = 60.0
# What a pipe takes before anybody reads it (pipe(7)).
PIPE = 65536


class ProgramFailed(Exception):
    """A program ended with a status other than 0. Its text names program and status.

    status: its exit status. complaint: what it said on stderr; it may have a value in it, so it is for comparing only and never shown.
    """

    def __init__(self, program: str, status: int, complaint: str) -> None:
        super().__init__("%s ended with status %s" % (program, status))
        self.status = status
        self.complaint = complaint


def output(
    command: Sequence[str],
    install: str,
    *,
    value: bytes = b"",
    environment: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
    descriptors: Sequence[int] = (),
) -> bytes:
    """Return what a program writes to stdout.

    install: how to get the program, as a sentence. value: its stdin. environment: what is added to ours. seconds: its time limit.
    descriptors: what it may read. Raises ProgramFailed, and SecretError where it cannot be started or does not end.
    """
    try:
        done = processes.run(
            command,
            input=value,
            capture_output=True,
            timeout=seconds,
            env={**os.environ, "LC_ALL": "C", **(environment or {})},
            pass_fds=descriptors,
        )
    except FileNotFoundError:
        raise SecretError("It needs the program %s where ansible-playbook runs. %s" % (command[0], install)) from None
    except OSError as error:
        raise SecretError("The program %s cannot be started: %s." % (command[0], error.strerror)) from None
    except subprocess.TimeoutExpired:
        raise SecretError("%s did not end within %g s: does it wait for a passphrase?" % (command[0], seconds)) from None
    if done.returncode != 0:
        raise ProgramFailed(command[0], done.returncode, bytes(done.stderr).decode(errors="replace"))
    return bytes(done.stdout)


@contextlib.contextmanager
def readable(content: bytes) -> Iterator[int]:
    """Give a descriptor from which a program reads `content` once, as /dev/fd/N: no file and no environment variable has it."""
    if len(content) > PIPE:
        raise SecretError("%d bytes are too many for a secret that is handed to a program: at most %d." % (len(content), PIPE))
    reader, writer = os.pipe()
    try:
        with os.fdopen(writer, "wb") as stream:
            stream.write(content)
        yield reader
    finally:
        os.close(reader)


def explained(error: Exception, program: str, complaints: Sequence[tuple[str, str]], look: str, create: str) -> str:
    """Return what went wrong with a program, without any value.

    complaints: what it says on stderr, each with what it means. look: the command that shows more. create: how to make what is missing.
    """
    if isinstance(error, ProgramFailed):
        meanings = (meaning for said, meaning in complaints if said in error.complaint)
        return next(meanings, "%s: run %s to see why." % (error, look))
    if isinstance(error, OSError):
        return secret_files.told(error, create)
    return "%s failed (%s)." % (program, type(error).__name__)


def time_limit(settings: Settings) -> float:
    """Return the option `timeout` in seconds."""
    given = settings.options.get("timeout", SECONDS)
    try:
        seconds = float(given)
    except (TypeError, ValueError):
        seconds = 0
    if seconds <= 0:
        raise SecretError("The option timeout is %r: it is a number of seconds, more than 0." % (given,))
    return seconds
