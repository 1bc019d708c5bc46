# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the repository consists of: what is in git, or would be."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def paths() -> list[str]:
    """Return the paths. Links are a second view of the same files."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return [name for name in sorted(filter(None, names)) if (ROOT / name).is_file() and not (ROOT / name).is_symlink()]


@pytest.fixture(scope="session")
def repository(paths: list[str]) -> dict[str, str]:
    """Return path to text."""
    return {name: (ROOT / name).read_bytes().decode("utf-8", errors="replace") for name in paths}
