# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place that starts a program on a host."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from typing import Any, Iterator, Sequence, Tuple


def run(command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[Any]:
    """Run a program without a shell and return what it answers, be it a failure; `options` are those of subprocess.run.

    Not AnsibleModule.run_command: that one knows no time limit and needs a module, which health checks and apt's host side are not.
    """
    return subprocess.run(list(command), check=False, **options)  # pylint: disable=ansible-bad-function


def answer(command: Sequence[str], seconds: float, **options: Any) -> Tuple[int, str]:
    """Run a program and return its exit status with all that it said; 124 where it was killed after `seconds`."""
    try:
        done = run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            **options,
        )
    except subprocess.TimeoutExpired:
        return 124, "%s did not end within %g s" % (command[0], seconds)
    return done.returncode, str(done.stdout)


@contextlib.contextmanager
def background(command: Sequence[str], log: str) -> Iterator[Any]:
    """Have a program run beside, with all that it says in the file `log`; it and its children are killed at the end."""
    with open(log, "wb") as stream:
        process = subprocess.Popen(  # pylint: disable=ansible-bad-function,consider-using-with
            list(command), stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
