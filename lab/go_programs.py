# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that are built from the sources of their release, once: `lab/go/<name>` fixes the version and the checksum of every module."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab.console import CACHE, ROOT, LabError, as_root, call, say

PLACES = ("/usr/local/go/bin", "/usr/lib/go/bin")


@dataclass(frozen=True)
class Program:
    """A program: its name, Go's path of its main package, the oldest Go that builds it, and how long that takes, in words.

    The package is `.` where its main.go is in lab/go/<name>.
    """

    name: str
    package: str
    least: tuple[int, int]
    takes: str

    @property
    def sources(self) -> Path:
        """Return the directory of its go.mod and go.sum."""
        return ROOT / "lab" / "go" / self.name


def version_of(text: str) -> tuple[int, int]:
    """Return the version in what `go version` says; zeros where it says none."""
    found = re.search(r"\bgo(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def compiler(least: tuple[int, int]) -> str | None:
    """Return the path of a Go that is new enough, None where there is none."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *PLACES])
    found = shutil.which("go", path=path)
    if found is None:
        return None
    told = subprocess.run([found, "version"], capture_output=True, text=True, check=False).stdout
    return found if version_of(told) >= least else None


def ready(least: tuple[int, int]) -> str:
    """Return the path of a Go that is new enough; one is installed where there is none. Raises LabError where that is no use."""
    found = compiler(least)
    if found is None:
        say("installing golang-go with apt-get")
        call(as_root(["apt-get", "install", "-q", "-y", "--no-install-recommends", "golang-go"]), "apt-get install golang-go")
        found = compiler(least)
    if found is None:
        wanted = "%d.%d" % least
        raise LabError(
            f"no Go {wanted} or newer found, nor is it what apt-get installs here: install Go {wanted} or newer and put it into PATH"
        )
    return found


def go(program: Program, *arguments: str) -> list[str]:
    """Return a command of Go's on the sources of a program; what is not fixed in them is refused."""
    return ["env", "CGO_ENABLED=0", "GOFLAGS=-mod=readonly -buildvcs=false", ready(program.least), "-C", str(program.sources), *arguments]


def built(program: Program) -> Path:
    """Return the path of a program, built where that has not been done. It needs no library of the host that it runs on."""
    sources = [program.sources / "go.sum", *sorted(program.sources.glob("*.go"))]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    path = CACHE / f"{program.name}-{digest}"
    if not path.exists():
        command = go(program, "build", "-trimpath", "-o")
        say(f"building {program.name} (once, {program.takes})")
        CACHE.mkdir(parents=True, exist_ok=True)
        staged = path.with_name(f".{path.name}.{os.getpid()}")
        call([*command, str(staged), program.package], f"go build of {program.name}")
        staged.replace(path)
    return path
