# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Leaves the sandbox of sshd, which its sessions inherit: what a role mounts or sets is meant for the host, not for one session.

A module that finds itself in a mount namespace of its own starts anew as a transient unit (systemd-run), which PID 1 starts outside of it.
"""

from __future__ import annotations

import os
import sys
from typing import Dict, List, Optional, Set

from ansible.module_utils.common import respawn
from ansible_collections.groundwork.fleet.plugins.module_utils import ancestry, processes
from ansible_collections.groundwork.fleet.plugins.module_utils.program_paths import located

BUS = "/run/dbus/system_bus_socket"
WAITING = "GROUNDWORK_WAITING"  # the environment variable that names the process of the session, which waits outside of the unit


def process_of_session() -> int:
    """Return the id of the process that the session started: this one, or the one that waits for it."""
    waiting = os.environ.get(WAITING, "")
    return int(waiting) if waiting.isdigit() else os.getpid()


def ssh_connection() -> str:
    """Return SSH_CONNECTION of the session, sshd(8); empty where it is none of ssh.

    sudo takes it out of the environment of what it starts, so the parents are asked too; outside of the sandbox `leave` has put it
    into the environment, which /proc does not show of a running process.
    """
    return os.environ.get("SSH_CONNECTION", "") or ancestry.inherited("SSH_CONNECTION", process_of_session())


def mount_ids(mountinfo: str) -> Set[str]:
    """Return the ids of the mounts in a text such as /proc/self/mountinfo; no two namespaces have one in common, proc(5)."""
    return {line.split(" ", 1)[0] for line in mountinfo.splitlines() if line}


def apart(own: str, first: str) -> bool:
    """Tell from two such texts whether the namespaces differ. A chroot sees part of the same mounts and is not apart."""
    ids = mount_ids(own), mount_ids(first)
    return all(ids) and not ids[0] & ids[1]


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as stream:
            return stream.read()
    except OSError:
        return ""


def way_out() -> Optional[str]:
    """Return the path of systemd-run where this process is root's, sandboxed, and can start a unit; None where it stays."""
    if os.geteuid() != 0 or respawn.has_respawned() or not os.path.exists(BUS):
        return None
    return located("systemd-run") if apart(_read("/proc/self/mountinfo"), _read("/proc/1/mountinfo")) else None


def command(program: str) -> List[str]:
    """Return what starts a Python outside that reads its program from the standard input: no argument tells of a secret."""
    return [program, "--quiet", "--wait", "--pipe", "--collect", "--service-type=exec", sys.executable, "-"]


def payload(environment: Dict[str, str]) -> str:
    """Return the program that is the running module again, with its arguments and this environment."""
    # Where the maker stands differs between the versions of ansible-core; both give the program as text.
    make = getattr(respawn, "_create_payload", None) or respawn._respawn.create_payload
    return "import os\nos.environ.clear()\nos.environ.update(%r)\nexec(compile(%r, 'module', 'exec'))\n" % (environment, make())


def leave() -> None:
    """Run the module outside of the sandbox and end with its exit status; return where there is none to leave."""
    program = way_out()
    if program is None:
        return
    connection = ssh_connection()
    environment = dict(os.environ, **({"SSH_CONNECTION": connection} if connection else {}), **{WAITING: str(os.getpid())})
    done = processes.run(command(program), input=payload(environment).encode("utf-8", "surrogateescape"))
    raise SystemExit(done.returncode)
