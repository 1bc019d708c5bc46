# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""sudo itself says whether a user may still become root: with drop-ins that are not in place yet, seen by this one call only.

systemd gives the call a mount namespace of its own, in which the staged directory stands at the place of /etc/sudoers.d.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import List, Mapping, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import processes
from ansible_collections.groundwork.fleet.plugins.module_utils.program_paths import located
from ansible_collections.groundwork.fleet.plugins.module_utils.ssh_trial import Verdict

DIRECTORY = "/etc/sudoers.d"
PLACE = "/run"  # root's alone, as sudo demands of what it reads; gone with the next boot
SECONDS = 30
AS_ANSIBLE = ("sudo", "-n", "-u", "root", "/bin/sh", "-c", ":")
NO_NAMESPACE = range(200, 246)  # exit status of a unit that systemd could not set up: systemd.exec(5)

# What is staged: path of a drop-in to its text, None for one that goes.
Staged = Mapping[str, Optional[str]]


def command(systemd_run: str, user: str, staged: str = "") -> List[str]:
    """Return the command in which a user does what Ansible does: become root without being asked. staged: the directory to see."""
    bound = ["-p", "BindReadOnlyPaths=%s:%s" % (staged, DIRECTORY)] if staged else []
    limits = ["-p", "User=%s" % user, "-p", "RuntimeMaxSec=%d" % SECONDS]
    return [systemd_run, "--quiet", "--pipe", "--wait", "--collect", *bound, *limits, "--", *AS_ANSIBLE]


def judged(user: str, code: int, output: str, now: int, changed: Sequence[str]) -> Verdict:
    """Return what the exit status of the trial means. now: that of the call with the drop-ins that are in place. changed: the others."""
    if code == 0:
        return Verdict(proven=["sudo with the new drop-ins lets %s become root" % user])
    if code in NO_NAMESPACE:
        return Verdict(unproven=["systemd cannot give the trial of sudo a view of its own (exit status %d)" % code])
    if now != 0:
        return Verdict(unproven=["sudo already asks %s for a password or refuses, so that nothing is lost" % user])
    line = (output.strip().splitlines() or ["exit status %d" % code])[-1]
    return Verdict("sudo would not let %r become root any more with the new %s: %s" % (user, ", ".join(changed), line))


def stage(files: Staged, directory: str) -> None:
    """Fill a directory with the drop-ins as they will be."""
    if os.path.isdir(DIRECTORY):
        for name in os.listdir(DIRECTORY):
            source = os.path.join(DIRECTORY, name)
            if os.path.isfile(source):
                shutil.copyfile(source, os.path.join(directory, name))
    for path, text in files.items():
        target = os.path.join(directory, os.path.basename(path))
        if text is not None:
            with open(target, "w", encoding="utf-8") as stream:
                stream.write(text)
        elif os.path.exists(target):
            os.unlink(target)
    for name in os.listdir(directory):
        os.chmod(os.path.join(directory, name), 0o440)
    os.chmod(directory, 0o755)  # noqa: S103  # as /etc/sudoers.d is


def changes(files: Staged) -> List[str]:
    """Return the drop-ins that would be others than they are."""
    found = []
    for path, text in sorted(files.items()):
        try:
            with open(path, encoding="utf-8", errors="replace") as stream:
                now: Optional[str] = stream.read()
        except OSError:
            now = None
        if now != text:
            found.append(path)
    return found


def attempt(user: str, files: Staged) -> Verdict:
    """Try sudo for a user with staged drop-ins. Nothing changes; where the host has no sudo or systemd, that is said."""
    systemd_run = located("systemd-run")
    if located("sudo") is None or systemd_run is None or not os.path.isdir(DIRECTORY):
        return Verdict(unproven=["sudo is not tried: this host has no %s" % ("systemd-run" if systemd_run is None else "sudo yet")])
    with tempfile.TemporaryDirectory(prefix="groundwork-sudo-", dir=PLACE) as directory:
        stage(files, directory)
        code, output = processes.answer(command(systemd_run, user, directory), SECONDS + 10)
    now = 0 if code == 0 else processes.answer(command(systemd_run, user), SECONDS + 10)[0]
    return judged(user, code, output, now, changes(files))
