# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`killed_deploy.py INVENTORY VARIABLES HOST,HOST`: converge, and kill -9 the run everywhere once each host uses the release 1.1.0."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

SECONDS = 120
CONVERGE = Path(__file__).parents[1] / "shared" / "converge.yml"
MODULE = "^/usr/bin/python3[.0-9]*$"  # what comes through a pipe has no arguments; the service has


def on(host: str, *command: str) -> str:
    """Return what a command says in the container of a host."""
    return subprocess.run(["docker", "exec", host, *command], capture_output=True, text=True, check=False).stdout.strip()


def main() -> int:
    inventory, variables, hosts = sys.argv[1:]
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", inventory, "-e", variables, str(CONVERGE)]
    waiting, deadline = set(hosts.split(",")), time.monotonic() + SECONDS
    run = subprocess.Popen(command, start_new_session=True, stdout=sys.stderr)
    try:
        while waiting and run.poll() is None and time.monotonic() < deadline:
            for host in sorted(waiting):
                if on(host, "readlink", "/opt/hello/current") == "releases/1.1.0":
                    on(host, "pkill", "-9", "-f", MODULE)
                    waiting.discard(host)
            time.sleep(0.1)
    finally:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
    return 1 if waiting else 0


if __name__ == "__main__":
    sys.exit(main())
