# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's own program `groundwork-patch-status`: how well patched it is, for people, as JSON or as Prometheus metrics, without Ansible.

plugin_utils/health_program.py makes one file of it and of what it imports.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any, Dict, List, Mapping

from ansible_collections.groundwork.fleet.plugins.module_utils import apt_host, patch_status, readable_file

USAGE = """usage: groundwork-patch-status [--json | --textfile PATH]
Tell what is pending on this host, by the package lists that are there. Changes nothing.

  --json           everything, as JSON
  --textfile PATH  write Prometheus metrics there, print nothing
  --help           print this

Exit status: 0 nothing is pending that matters, 1 something is, 2 it could not be told.
"""
LOCK_TIMEOUT = 60  # seconds; a timer comes again


def text(status: Mapping[str, Any]) -> str:
    """Return the status for people."""
    lists = status["lists"]["age"]
    lines = [
        "security updates: %s" % (", ".join(status["security"]) or "none"),
        "other updates: %s" % (", ".join(one["name"] for one in status["pending"] if not one["security"]) or "none"),
        "held: %s" % (", ".join(status["held"]) or "none"),
        "in no repository: %s" % (", ".join(status["obsolete"]) or "none"),
        "reboot: %s" % ("; ".join(status["reboot"]["reasons"]) or "not needed"),
        "run what was replaced: %s" % (", ".join(one["unit"] or ", ".join(one["programs"]) for one in status["processes"]) or "none"),
        "package lists: %s" % ("missing" if lists is None else "%.1f h old" % (lists / 3600)),
    ]
    if status["dpkg"]["interrupted"]:
        lines.insert(0, "dpkg was interrupted: run dpkg --configure -a")
    return "\n".join(lines) + "\n"


def matters(status: Mapping[str, Any]) -> bool:
    """Return whether somebody has to do something."""
    return bool(status["security"] or status["reboot"]["needed"] or status["processes"] or status["dpkg"]["interrupted"])


def run(words: List[str]) -> int:
    """Do what the command line asks and return the exit status. Raises AptError, OSError."""
    if words in (["--help"], ["-h"]):
        sys.stdout.write(USAGE)
        return 0
    if words and not (words == ["--json"] or (words[0] == "--textfile" and len(words) == 2)):
        sys.stderr.write(USAGE)
        return 2
    now = time.time()
    records: Dict[str, Any] = apt_host.read_records()
    status = patch_status.gather(apt_host.Apt(LOCK_TIMEOUT, False), records["refreshed"], now)
    if words[:1] == ["--textfile"]:
        readable_file.write(words[1], patch_status.to_textfile(status, now))
        return 0
    sys.stdout.write(json.dumps(status, indent=1) + "\n" if words else text(status))
    return int(matters(status))


def main(words: List[str], *_registry: Any) -> int:
    """Run, and return the exit status."""
    try:
        return run(words)
    except (apt_host.AptError, OSError) as error:
        sys.stderr.write("groundwork-patch-status: %s\n" % error)
        return 2
