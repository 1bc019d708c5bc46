# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m lab.wheels NAME OUTPUT`: a release archive with one wheel, made of lab/wheels/NAME, the same byte for byte everywhere.

The lab has no build backend offline; a wheel of pure Python is a zip file with three texts (PEP 427).
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import sys
import tempfile
import zipfile
from pathlib import Path

from lab import releases

ROOT = Path(__file__).resolve().parent
VERSION = "1.0.0"
DATE = (2026, 1, 1, 0, 0, 0)


def members(name: str, source: Path) -> dict[str, bytes]:
    """Return the files of the wheel by their paths, its record last."""
    info = "%s-%s.dist-info" % (name, VERSION)
    found = {path.relative_to(source).as_posix(): path.read_bytes() for path in sorted(source.rglob("*.py"))}
    found[info + "/METADATA"] = ("Metadata-Version: 2.1\nName: %s\nVersion: %s\n" % (name, VERSION)).encode()
    found[info + "/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: lab\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    found[info + "/entry_points.txt"] = ("[console_scripts]\n%s = %s:main\n" % (name, name)).encode()
    lines = ["%s,sha256=%s,%d" % (path, digest(content), len(content)) for path, content in found.items()]
    found[info + "/RECORD"] = "".join(line + "\n" for line in [*lines, info + "/RECORD,,"]).encode()
    return found


def digest(content: bytes) -> str:
    """Return the digest of a file as a record has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def build(name: str, output: Path) -> str:
    """Write the archive and return its SHA-256."""
    with tempfile.TemporaryDirectory() as directory:
        wheel = Path(directory) / "wheels" / ("%s-%s-py3-none-any.whl" % (name, VERSION))
        wheel.parent.mkdir()
        with zipfile.ZipFile(wheel, "w", zipfile.ZIP_STORED) as archive:
            for path, content in members(name, ROOT / "wheels" / name).items():
                member = zipfile.ZipInfo(path, DATE)
                member.external_attr = 0o644 << 16
                archive.writestr(member, content)
        return releases.build(Path(directory), output)


def main() -> int:
    """Build what was asked for and print its digest."""
    parser = argparse.ArgumentParser(prog="lab.wheels", description=__doc__)
    parser.add_argument("name")
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    sys.stdout.write(build(arguments.name, arguments.output) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
