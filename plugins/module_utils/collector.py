# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program of `collectors/` on a host: `PROGRAM OPTIONS TEXTFILE`, two paths. Prints the metrics; the unit moves them into place."""

from __future__ import annotations

import json
import sys
import time
from typing import Any, Callable, List, Mapping

Collect = Callable[[Mapping[str, Any], str, float], List[str]]


def run(words: List[str], collect: Collect) -> int:
    """Print what `collect` finds and return the exit status: 0, or 2 where it could not be told."""
    if len(words) != 2:
        sys.stderr.write("usage: PROGRAM OPTIONS TEXTFILE\nPrint metrics. OPTIONS is a file of JSON, TEXTFILE what the last run left.\n")
        return 2
    try:
        with open(words[0], encoding="utf-8") as stream:
            options = json.load(stream)
        try:
            with open(words[1], encoding="utf-8") as stream:
                earlier = stream.read()
        except FileNotFoundError:
            earlier = ""
        lines = collect(options, earlier, time.time())
    except (OSError, ValueError) as error:
        sys.stderr.write("%s\n" % error)
        return 2
    sys.stdout.write("\n".join(lines) + "\n")
    return 0
