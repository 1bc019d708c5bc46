# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an archive was signed by a pinned OpenPGP key, judged by what verifies apt's own archives: gpgv, or sqv of Debian 13."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import List

from ansible_collections.groundwork.fleet.plugins.module_utils import openpgp, processes
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

PATH = "/usr/local/bin:/usr/bin:/bin"
SECONDS = 120


def command(archive: str, signature: str, keyring: str) -> List[str]:
    """Return the command that verifies a detached signature. Raises BadInput where the host has no program for it."""
    gpgv, sqv = shutil.which("gpgv", path=PATH), shutil.which("sqv", path=PATH)
    if gpgv:
        return [gpgv, "--quiet", "--keyring", keyring, signature, archive]
    if sqv:
        return [sqv, "--keyring", keyring, "--signature-file", signature, archive]
    raise BadInput("This host has neither gpgv nor sqv to verify a signature with. Install the package gpgv.")


def verify(where: str, archive: str, signature: str, key: str, directory: str) -> None:
    """Raise BadInput unless the detached signature in the file `signature` is one of the archive by the armoured key.

    directory: the module's own, for the keyring.
    """
    keyring = os.path.join(directory, "release-key.gpg")
    try:
        with open(keyring, "wb") as stream:
            stream.write(openpgp.dearmored(key))
    except openpgp.NotAKey as error:
        raise BadInput("%s.key cannot be read: %s. Take the output of gpg --armor --export." % (where, error)) from error
    done = processes.run(
        command(archive, signature, keyring),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS,
        env={"PATH": PATH, "LC_ALL": "C", "GNUPGHOME": directory},
    )
    if done.returncode:
        said = done.stdout.decode("utf-8", "replace").strip()
        raise BadInput("%s: the archive is not signed by the given key; nothing was installed. The verification says: %s" % (where, said))
