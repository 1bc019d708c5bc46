# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program goss, against which our health checks are held: built once from the sources that lab/go/goss/go.sum fixes."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from lab.console import CACHE, ROOT, LabError, as_root, call, say

SOURCES = ROOT / "lab" / "go" / "goss"
MODULE = "github.com/goss-org/goss"
PACKAGE = f"{MODULE}/cmd/goss"
LEAST = (1, 22)
PLACES = ("/usr/local/go/bin", "/usr/lib/go/bin")


def version_of(text: str) -> tuple[int, int]:
    """Return the version in what `go version` says; zeros where it says none."""
    found = re.search(r"\bgo(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def compiler() -> str | None:
    """Return the path of a Go that can build it, None where there is none."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *PLACES])
    found = shutil.which("go", path=path)
    if found is None:
        return None
    told = subprocess.run([found, "version"], capture_output=True, text=True, check=False).stdout
    return found if version_of(told) >= LEAST else None


def ready() -> str:
    """Return the path of a Go that can build it; one is installed where there is none. Raises LabError where that is no use."""
    found = compiler()
    if found is None:
        say("installing golang-go with apt-get")
        call(as_root(["apt-get", "install", "-q", "-y", "--no-install-recommends", "golang-go"]), "apt-get install golang-go")
        found = compiler()
    if found is None:
        wanted = "%d.%d" % LEAST
        raise LabError(
            f"no Go {wanted} or newer found, nor is it what apt-get installs here: install Go {wanted} or newer and put it into PATH"
        )
    return found


def published(pattern: str) -> list[Path]:
    """Return the files of goss' own sources that match a pattern: its examples, in Go's copy of them."""
    go = ready()
    command = ["env", "GOFLAGS=-mod=readonly", go, "-C", str(SOURCES), "list", "-m", "-f", "{{.Dir}}", MODULE]
    return sorted(Path(call(command, "go list").strip().splitlines()[-1]).glob(pattern))


def binary() -> Path:
    """Return the path of goss, built where that has not been done. It needs no library of the host that it runs on."""
    digest = hashlib.sha256((SOURCES / "go.sum").read_bytes()).hexdigest()[:16]
    path = CACHE / f"goss-{digest}"
    if not path.exists():
        go = ready()
        say("building goss (once, about a minute)")
        CACHE.mkdir(parents=True, exist_ok=True)
        staged = path.with_name(f".{path.name}.{os.getpid()}")
        command = [
            "env",
            "CGO_ENABLED=0",
            "GOFLAGS=-mod=readonly",
            go,
            "-C",
            str(SOURCES),
            "build",
            "-trimpath",
            "-o",
            str(staged),
            PACKAGE,
        ]
        call(command, "go build of goss")
        staged.replace(path)
    return path
