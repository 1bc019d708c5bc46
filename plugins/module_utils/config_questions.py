# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The questions of dpkg about configuration files that were changed on the host: how they are decided, and what became of each.

The source is dpkg(1), --force-confold, --force-confnew and --force-confdef, and ucf(1) for the files that ucf manages.
"""

from __future__ import annotations

import re
from typing import Dict

KEEP, REPLACE = "keep", "replace"
OPTIONS = {KEEP: ["--force-confdef", "--force-confold"], REPLACE: ["--force-confnew"]}
ENVIRONMENT = {KEEP: {"UCF_FORCE_CONFFOLD": "1"}, REPLACE: {"UCF_FORCE_CONFFNEW": "1"}}
_QUESTION = re.compile(r"^Configuration file '(.+)'$")
_ANSWER = re.compile(r"^ ==> (Using new|Using current old|Keeping old)")


def decided(text: str) -> Dict[str, str]:
    """Return path to `kept` or `replaced` of each question in what dpkg said, in English."""
    found: Dict[str, str] = {}
    path = ""
    for line in text.splitlines():
        question, answer = _QUESTION.match(line), _ANSWER.match(line)
        if question:
            path = question.group(1)
        elif answer and path:
            found[path] = "replaced" if answer.group(1).startswith("Using new") else "kept"
            path = ""
    return found
