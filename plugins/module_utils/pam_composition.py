# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pam-auth-update makes of a set of profiles: it runs on a copy, so nothing of the host changes and its result can be shown first."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Dict, Iterable, List, Mapping, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import processes
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

SERVICES = "/etc/pam.d"
PROFILES = "/usr/share/pam-configs"
RECORDS = "/var/lib/pam"  # what pam-auth-update enabled and wrote last
PREFIX = "groundwork-"
SECONDS = 60
# Its answers go into databases of their own: the host's debconf keeps what the administrator answered.
DEBCONF = """Config: config
Templates: templates

Name: config
Driver: File
Filename: %(directory)s/config.dat

Name: templates
Driver: File
Filename: %(directory)s/templates.dat
"""

# How pam-auth-update says where profiles are, begins to read them, and learns of another root.
PLACE = "my $inputdir = '%s';" % PROFILES
READS = "opendir(DIR, $inputdir)"
LEARNS = "'--root'"


def read_directory(path: str) -> Dict[str, str]:
    """Return the texts of the files of a directory by their paths, {} where there is none. Bytes that are no text survive."""
    found = {}
    try:
        names = sorted(os.listdir(path))
    except FileNotFoundError:
        return {}
    for name in names:
        full = os.path.join(path, name)
        if os.path.isfile(full):
            with open(full, encoding="utf-8", errors="surrogateescape") as stream:
                found[full] = stream.read()
    return found


def stage(root: str, texts: Mapping[str, str]) -> None:
    """Write texts below a directory, each at its path."""
    for directory in (SERVICES, PROFILES, RECORDS):
        os.makedirs(root + directory, mode=0o755, exist_ok=True)
    for path, text in texts.items():
        with open(root + path, "w", encoding="utf-8", errors="surrogateescape") as stream:
            stream.write(text)


def command(program: str, root: str, enabled: Iterable[str], removed: Iterable[str]) -> List[str]:
    """Return the command for profiles that are to be enabled and for such that are gone."""
    call = [program, "--root", root, "--package"]
    for option, names in (("--remove", sorted(removed)), ("--enable", sorted(enabled))):
        if names:
            call += [option, *(PREFIX + name for name in names)]
    return call


def obedient(program: str, root: str, directory: str) -> str:
    """Return the program that takes its profiles from below `root`: a copy of it, in `directory`, where it reads them before its options.

    So does the one of libpam-runtime 1.4.0 (Ubuntu 22.04): with --root it would still take the profiles of the host.
    """
    with open(program, encoding="utf-8", errors="surrogateescape") as stream:
        text = stream.read()
    if PLACE not in text or not 0 <= text.find(READS) < text.find(LEARNS):
        return program
    copy = os.path.join(directory, os.path.basename(program))
    with open(copy, "w", encoding="utf-8", errors="surrogateescape") as stream:
        stream.write(text.replace(PLACE, "my $inputdir = '%s';" % (root + PROFILES)))
    os.chmod(copy, 0o700)
    return copy


def composed(
    texts: Mapping[str, str], enabled: Iterable[str], removed: Iterable[str], directory: str, program: Optional[str] = None
) -> Dict[str, str]:
    """Return the texts as pam-auth-update leaves them.

    texts: all files of SERVICES, PROFILES and RECORDS by path, the profiles as they are to be. directory: an empty one, for the copy.
    Raises BadInput where it will not work on this host's files.
    """
    program = program or shutil.which("pam-auth-update", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if program is None:
        raise BadInput(
            "This host has no pam-auth-update, so a profile cannot be put in place. Use `arguments` and `lines`, or leave it out."
        )
    root = os.path.join(directory, "root")
    stage(root, texts)
    debconf = os.path.join(directory, "debconf.conf")
    with open(debconf, "w", encoding="utf-8") as stream:
        stream.write(DEBCONF % {"directory": directory})
    environment = dict(os.environ, LC_ALL="C", DEBIAN_FRONTEND="noninteractive", DEBCONF_SYSTEMRC=debconf, DEBCONF_NOWARNINGS="yes")
    done = processes.run(
        command(obedient(program, root, directory), root, enabled, removed),
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=SECONDS,
    )
    if done.returncode or "not updating" in done.stderr:
        text = "pam-auth-update does not take the profiles: %s. Nothing was changed. Take your own lines out of /etc/pam.d/common-*."
        raise BadInput(text % " ".join(done.stderr.split()))
    found: Dict[str, str] = {}
    for known in (SERVICES, PROFILES, RECORDS):
        found.update((path[len(root) :], text) for path, text in read_directory(root + known).items())
    return found
