# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program sops, with which the secret backend of that name is tested."""

from __future__ import annotations

from pathlib import Path

from lab import go_programs

PROGRAM = go_programs.Program("sops", "github.com/getsops/sops/v3/cmd/sops", (1, 25), "about two minutes")


def binary() -> Path:
    """Return the path of sops, built where that has not been done."""
    return go_programs.built(PROGRAM)
