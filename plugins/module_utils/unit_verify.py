# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have systemd judge staged units before they are in place. It judges a file by its name, and calls what it ignores no failure."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from typing import List, Mapping, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import processes

PROGRAM = ("systemd-analyze", "verify")
# What systemd says of a line that it leaves out or a unit that it would not load; a program may still come, so that it lacks is no matter.
REFUSED = re.compile(r"ignoring|fatal error|Failed to|lacks |Invalid |refusing", re.IGNORECASE)
NOT_YET = re.compile(r"is not executable")


def asked_for(argv: Sequence[str]) -> bool:
    """Return whether a validator is this one."""
    return tuple(argv[:2]) == PROGRAM


def refusals(output: str, directory: str, names: Sequence[str]) -> List[str]:
    """Return what systemd refuses of these units, each with the unit's name first. directory: where they were judged."""
    found = []
    for line in output.splitlines():
        text = line.strip().replace(directory + "/", "")
        about = any(text.startswith((name, name.replace("@.", "@test_instance.", 1))) for name in names)
        if about and REFUSED.search(text) and not NOT_YET.search(text) and text not in found:
            found.append(text)
    return found


def verify(paths: Mapping[str, str], seconds: float) -> List[str]:
    """Return what is wrong with units; `paths` says for each where its content is staged."""
    with tempfile.TemporaryDirectory(prefix="groundwork-units-") as directory:
        judged = []
        for path, staged in paths.items():
            judged.append(os.path.join(directory, os.path.basename(path)))
            shutil.copyfile(staged, judged[-1])
        done = processes.run(
            [*PROGRAM, "--man=no", *judged],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            env={**os.environ, "LC_ALL": "C", "SYSTEMD_COLORS": "0", "SYSTEMD_LOG_LEVEL": "warning"},
        )
        return refusals(done.stdout, directory, [os.path.basename(path) for path in paths])
