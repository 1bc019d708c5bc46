# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Content of files: small content is held and compared as it is, large content only as size and digest, in pieces."""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import BinaryIO

LARGE = 256 * 1024  # bytes; from here on content travels on its own, and only where the host lacks it
PIECE = 1024 * 1024  # bytes


def open_file(path: str) -> BinaryIO:
    """Open a regular file for reading; a link in its place is refused by the kernel, a pipe cannot hold the run up."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")


def digest(path: str) -> str:
    """Return the SHA-256 of a file as a hexadecimal string, reading it in pieces."""
    found = hashlib.sha256()
    with open_file(path) as stream:
        for piece in iter(lambda: stream.read(PIECE), b""):
            found.update(piece)
    return found.hexdigest()


def keyed(key: str, content: bytes) -> str:
    """Return the digest of content that only who has the key can make or check; key: hexadecimal."""
    return hmac.new(bytes.fromhex(key), content, "sha256").hexdigest()


def keyed_file(key: str, path: str) -> str:
    """Return the same of a file, reading it in pieces."""
    found = hmac.new(bytes.fromhex(key), digestmod="sha256")
    with open_file(path) as stream:
        for piece in iter(lambda: stream.read(PIECE), b""):
            found.update(piece)
    return found.hexdigest()


def copy(source: str, target: BinaryIO) -> str:
    """Copy a file in pieces into an open one and return its SHA-256."""
    found = hashlib.sha256()
    with open_file(source) as stream:
        for piece in iter(lambda: stream.read(PIECE), b""):
            found.update(piece)
            target.write(piece)
    return found.hexdigest()
