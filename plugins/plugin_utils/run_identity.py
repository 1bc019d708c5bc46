# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who this run is: one name for all forked workers of one ansible-playbook process, another for every other process.

Action plugins run in forked workers that share no memory, but all share the local temporary directory that ansible-core makes in the
main process before the first fork and removes with the run. The first worker that asks writes the name and a secret there.
"""

from __future__ import annotations

import getpass
import hashlib
import hmac
import json
import multiprocessing
import os
import platform
import secrets
import sys
import time
from collections.abc import Mapping

from ansible import constants

FILE = "groundwork-run.json"


def _user() -> str:
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # an execution environment may run under a uid that has no name
        return "uid %d" % os.getuid()


def _started(pid: int) -> float:
    """Return when a process started; now, where that cannot be read (no /proc: macOS)."""
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8", errors="replace") as stream:
            ticks = int(stream.read().rpartition(")")[2].split()[19])
        with open("/proc/uptime", encoding="ascii") as stream:
            uptime = float(stream.read().split()[0])
        return time.time() - uptime + ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return time.time()


def described(environment: Mapping[str, str], pid: int, mark: str) -> str:
    """Return the name of the run of the main process `pid`, as people read it in a refusal."""
    job = ", AWX job %s" % environment["JOB_ID"] if environment.get("AWX_HOST") and environment.get("JOB_ID") else ""
    program = os.path.basename(sys.argv[0]) or "ansible"
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(_started(pid)))
    return "%s@%s%s, %s %d since %s (run %s)" % (_user(), platform.node() or "unknown", job, program, pid, since, mark)


def _recorded(directory: str) -> dict[str, str]:
    """Return what the first worker wrote; write it, where this is the first. A link is made whole or not at all."""
    path = os.path.join(directory, FILE)
    if not os.path.exists(path):
        parent = multiprocessing.parent_process()
        pid = (parent.pid if parent else None) or os.getpid()
        record = {"identity": described(os.environ, pid, secrets.token_hex(3)), "secret": secrets.token_hex(32)}
        own = "%s.%d-%s" % (path, os.getpid(), secrets.token_hex(4))
        descriptor = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(record, stream)
        try:
            os.link(own, path)
        except FileExistsError:
            pass  # another worker was faster: its record counts
        finally:
            os.unlink(own)
    with open(path, encoding="utf-8") as stream:
        found: dict[str, str] = json.load(stream)
    return found


def run_identity() -> str:
    """Return the name of this run: "ana@controller, ansible-playbook 4711 since 2026-11-23T21:00:00Z (run 3f9a1c)"."""
    return _recorded(constants.DEFAULT_LOCAL_TMP)["identity"]


def run_token(purpose: str) -> str:
    """Return what only this run can know, for one purpose ("guard web-1"): it never stands in a variable, a fact or a result."""
    secret = _recorded(constants.DEFAULT_LOCAL_TMP)["secret"]
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()
