# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the second sshd of `ssh_trial` on the loopback address and lets the host's own ssh ask it."""

from __future__ import annotations

import os
import socket
import tempfile
import time
from typing import Any, List, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import processes, session_sandbox, ssh_trial
from ansible_collections.groundwork.fleet.plugins.module_utils.account_keys import Key
from ansible_collections.groundwork.fleet.plugins.module_utils.program_paths import located
from ansible_collections.groundwork.fleet.plugins.module_utils.ssh_trial import Connection, Verdict

PLACE = "/run"  # root's alone, as StrictModes of sshd demands of key files
START_SECONDS = 10
CLIENT_SECONDS = 20
LONGEST = 120  # seconds, should this process be killed: the trial ends by itself
JOURNAL_SECONDS = 20


def connection() -> Connection:
    """Return how this process is connected."""
    return ssh_trial.connection_of(session_sandbox.ssh_connection())


def used_key(name: str, known: Connection) -> str:
    """Return the fingerprint of the key that opened the connection, as the journal of the host has it; empty where it has not."""
    journalctl = located("journalctl")
    if not known.address or journalctl is None:
        return ""
    command = [journalctl, "--quiet", "--no-pager", "--reverse", "--lines=1", "--output=cat"]
    command += ["--identifier=sshd", "--identifier=sshd-session", "--grep", ssh_trial.journal_pattern(name, known)]
    code, output = processes.answer(command, JOURNAL_SECONDS)
    return ssh_trial.used_fingerprint(output) if code == 0 else ""


def free_port() -> int:
    """Return a port of the loopback address on which nobody listens."""
    with socket.socket() as probe:
        probe.bind((ssh_trial.ADDRESS, 0))
        return int(probe.getsockname()[1])


def listens(process: Any, port: int) -> bool:
    """Wait until the trial answers; tell whether it does."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with socket.create_connection((ssh_trial.ADDRESS, port), timeout=1):
                return True
        except OSError:
            time.sleep(0.05)
    return False


def read(path: str) -> str:
    """Return what the trial said."""
    with open(path, encoding="utf-8", errors="replace") as stream:
        return stream.read()


def asked(ssh: str, name: str, port: int, keys: Sequence[Key], directory: str) -> List[str]:
    """Offer one key after the other until one is accepted; return what the client said to each."""
    outputs = []
    for number, key in enumerate(keys):
        path = os.path.join(directory, "%d.pub" % number)
        with open(path, "w", encoding="ascii", errors="replace") as stream:
            stream.write("%s %s\n" % (key.kind, key.blob))
        outputs.append(processes.answer(ssh_trial.client_command(ssh, name, port, path), CLIENT_SECONDS)[1])
        if ssh_trial.ACCEPTED.search(outputs[-1]):
            break
    return outputs


def attempt(
    sshd: str, report: str, name: str, authorized: str, demanded: str = "", replaced: Optional[Sequence[str]] = None
) -> Verdict:  # fmt: skip
    """Try whether sshd with the configuration of `report` accepts a key of the user.

    authorized: text of the user's key files as they will be. demanded: fingerprint of the one key that has to be accepted, empty for any.
    replaced: paths of AuthorizedKeysFile of which the first is to be read as `authorized`, since it is not written yet; None: as they are.
    """
    ssh, timeout = located("ssh"), located("timeout")
    used = any(key.fingerprint == demanded for key in ssh_trial.candidates(authorized, demanded)) if demanded else False
    keys = ssh_trial.candidates(authorized, demanded if used else "")
    if ssh is None or timeout is None or not keys:
        missing = (
            "it has no program %s" % ("ssh" if ssh is None else "timeout") if keys else "none of the user's keys can be offered from it"
        )
        return Verdict(unproven=["no second sshd is tried on this host: %s" % missing])
    with tempfile.TemporaryDirectory(prefix="groundwork-sshd-", dir=PLACE) as directory:
        os.chmod(directory, 0o755)  # noqa: S103  # sshd reads the keys as the user
        paths = replaced
        if replaced is not None:
            staged = os.path.join(directory, "authorized_keys")
            with open(staged, "w", encoding="utf-8") as stream:
                stream.write(authorized)
            os.chmod(staged, 0o644)
            paths = [staged, *replaced[1:]]
        port = free_port()
        config, log = os.path.join(directory, "sshd_config"), os.path.join(directory, "log")
        with open(config, "w", encoding="utf-8") as stream:
            stream.write(ssh_trial.trial_config(report, port, paths))
        with processes.background([timeout, "-k", "1", str(LONGEST), sshd, "-D", "-e", "-f", config], log) as process:
            if not listens(process, port):
                said = read(log).strip().splitlines() or ["nothing"]
                return Verdict(unproven=["a second sshd with the new configuration did not start; it says: %s" % said[-1]])
            outputs = asked(ssh, name, port, keys, directory)
        return ssh_trial.judged(keys, outputs, read(log), used, ssh_trial.others(authorized, report))
