# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs in Java, had by Maven once: `lab/java/<name>` has their pom.xml and the checksum of every archive."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from lab.console import CACHE, ROOT, LabError, as_root, call, say

#: What apt-get installs where a command is missing.
PACKAGES = {"mvn": "maven", "java": "default-jdk-headless"}


@dataclass(frozen=True)
class Program:
    """A program: its name, which is that of its directory in lab/java."""

    name: str

    @property
    def sources(self) -> Path:
        """Return the directory of its pom.xml and checksums.txt."""
        return ROOT / "lab" / "java" / self.name


def command(name: str) -> str:
    """Return the path of `mvn` or `java`, installed where it is missing. Raises LabError where that is no use."""
    if shutil.which(name) is None:
        say(f"installing {PACKAGES[name]} with apt-get")
        call(as_root(["apt-get", "install", "-q", "-y", "--no-install-recommends", PACKAGES[name]]), f"apt-get install {PACKAGES[name]}")
    found = shutil.which(name)
    if found is None:
        raise LabError(f"no {name} in PATH, nor is it there after apt-get installed {PACKAGES[name]}: install it and put it into PATH")
    return found


def checked(program: Program, directory: Path) -> None:
    """See that a directory holds the archives that are fixed and no other. Raises LabError that names the first that differs."""
    lines = (program.sources / "checksums.txt").read_text(encoding="utf-8").splitlines()
    fixed = {name: checksum for checksum, name in (line.split() for line in lines)}
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in directory.glob("*.jar")}
    for name in sorted(fixed.keys() | there.keys()):
        if fixed.get(name) != there.get(name):
            wanted, found = fixed.get(name, "none of that name"), there.get(name, "none of that name")
            raise LabError(
                f"{name} of {program.name} is not what lab/java/{program.name}/checksums.txt says: expected {wanted}, got {found}"
            )


def archives(program: Program) -> Path:
    """Return the directory with the archives of a program, had by Maven where that has not been done. Raises LabError."""
    names = ("pom.xml", "checksums.txt")
    digest = hashlib.sha256(b"".join((program.sources / name).read_bytes() for name in names)).hexdigest()[:16]
    place = CACHE / f"{program.name}-{digest}"
    if not place.exists():
        say(f"fetching {program.name} with Maven (once, some seconds)")
        staged = place.with_name(f".{place.name}.{os.getpid()}")
        maven = [command("mvn"), "--quiet", "--batch-mode", "--file", str(program.sources / "pom.xml")]
        copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={staged}"]
        call([*maven, *copy], f"Maven for {program.name}")
        try:
            checked(program, staged)
            staged.rename(place)
        except LabError:
            shutil.rmtree(staged)
            raise
        except OSError:  # somebody was quicker
            shutil.rmtree(staged)
    return place


def java(program: Program, *arguments: str, heap: str = "512m") -> list[str]:
    """Return the command that runs a class, or a file of source text, with the archives of a program."""
    return [command("java"), f"-Xmx{heap}", "-XX:+UseSerialGC", "-cp", f"{archives(program)}/*", *arguments]
