# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The repository keeps its own rules."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import rules
import rules_code  # noqa: F401  registers its rules

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def repository() -> dict[str, str]:
    """Return what is in git or would be: path to text. Links are a second view, binary files have no rules."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    found = {}
    for name in sorted(filter(None, names)):
        path = ROOT / name
        if path.is_file() and not path.is_symlink():
            found[name] = path.read_bytes().decode("utf-8", errors="replace")
    return found


@pytest.mark.parametrize("name", sorted(rules.RULES))
def test_the_repository_keeps(name: str, repository: dict[str, str]) -> None:
    rule = rules.RULES[name]
    violations = rule(repository)
    reason = " ".join((rule.__doc__ or "").split())
    assert not violations, "%s\n\n  %s" % (reason, "\n  ".join(violations))
