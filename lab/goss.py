# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program goss, against which our health checks are held."""

from __future__ import annotations

from pathlib import Path

from lab import go_programs
from lab.console import call

MODULE = "github.com/goss-org/goss"
PROGRAM = go_programs.Program("goss", f"{MODULE}/cmd/goss", (1, 22), "about a minute")


def published(pattern: str) -> list[Path]:
    """Return the files of goss' own sources that match a pattern: its examples, in Go's copy of them."""
    call(go_programs.go(PROGRAM, "mod", "download", MODULE), "go mod download")  # without its sources `list` knows no folder
    command = go_programs.go(PROGRAM, "list", "-m", "-f", "{{.Dir}}", MODULE)
    return sorted(Path(call(command, "go list").strip().splitlines()[-1]).glob(pattern))


def binary() -> Path:
    """Return the path of goss, built where that has not been done."""
    return go_programs.built(PROGRAM)
