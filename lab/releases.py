# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m lab.releases SOURCE OUTPUT`: build a release archive that is the same, byte for byte, wherever it is built."""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import sys
import tarfile
from pathlib import Path

EPOCH = 1_767_225_600  # the start of 2026, UTC


def build(source_dir: Path, output: Path) -> str:
    """Write the files of `source_dir` as an uncompressed tar to `output` and return its SHA-256.

    Order, owner, times and modes do not depend on the machine: a file is 0755 if its owner may execute it, else 0644.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in sorted(source_dir.rglob("*"), key=lambda one: one.relative_to(source_dir).as_posix()):
            if path.is_file() and "__pycache__" not in path.parts:
                member = tarfile.TarInfo(path.relative_to(source_dir).as_posix())
                content = path.read_bytes()
                member.size, member.mtime = len(content), EPOCH
                member.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
                member.uname = member.gname = "root"
                archive.addfile(member, io.BytesIO(content))
    data = buffer.getvalue()
    if not output.is_file() or output.read_bytes() != data:
        output.parent.mkdir(parents=True, exist_ok=True)
        staged = output.with_name(f".{output.name}.{os.getpid()}")
        staged.write_bytes(data)
        staged.replace(output)
    return hashlib.sha256(data).hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(prog="lab.releases", description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    sys.stdout.write(build(arguments.source, arguments.output) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
