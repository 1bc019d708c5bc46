# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that runs leave on the controller: closed to others, and whole or not there."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def write_atomically(path: Path, content: bytes, mode: int) -> None:
    """Replace a file so that a reader sees the old or the new content, and that it survives a crash."""
    descriptor, staged = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            os.fchmod(stream.fileno(), mode)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(staged, path)
    except BaseException:
        Path(staged).unlink(missing_ok=True)
        raise


def private_directory(directory: Path) -> None:
    """Create a directory and what lacks above it with mode 0700, and close an existing one to others."""
    for parent in reversed(directory.parents):
        with contextlib.suppress(FileExistsError):
            parent.mkdir(mode=0o700)
    directory.mkdir(mode=0o700, exist_ok=True)
    directory.chmod(0o700)
