# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are credentials of systemd: encrypted on the host, for this host, by its TPM or its own key (systemd-creds(1)).

Each encryption of the same secret differs, so what counts is what the file on the host decrypts to: where that is right, it stays.
"""

from __future__ import annotations

import hmac
import subprocess
from dataclasses import replace
from typing import List, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import file_content, processes
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry, observe

PROGRAM = "systemd-creds"
SECONDS = 60  # a TPM is slow, and others may be using it


def _answer(arguments: List[str], given: bytes) -> subprocess.CompletedProcess[bytes]:
    """Run the program; contents go by pipes alone."""
    try:
        return processes.run([PROGRAM, *arguments], input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=SECONDS)
    except FileNotFoundError:
        raise BadInput("This host has no %s, which comes with systemd 250 and newer: leave out `credential`." % PROGRAM) from None
    except subprocess.TimeoutExpired:
        pass  # not `from`: the error has what was given
    raise BadInput("%s %s did not end within %d s." % (PROGRAM, arguments[0], SECONDS))


def encrypted(name: str, content: bytes, path: str) -> bytes:
    """Return content as a credential of this host. Raises BadInput with what the program says, which is nothing of the content.

    It is bound to the TPM but not to a state of the firmware (no PCR): an update of the firmware must not keep a service from starting.
    """
    done = _answer(["encrypt", "--name=" + name, "--tpm2-pcrs=", "-", "-"], content)
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise BadInput("files[%r] could not be encrypted as the credential %r: %s" % (path, name, said[-1] if said else "no reason given"))
    return done.stdout


def decrypted(name: str, path: str) -> Optional[bytes]:
    """Return the content of a credential, None where it is none, or not one of this host and name."""
    done = _answer(["decrypt", "--name=" + name, path, "-"], b"")
    return done.stdout if done.returncode == 0 else None


def _right(entry: Entry, content: bytes) -> bool:
    found = file_content.keyed(entry.key, content) if entry.key else ""
    return hmac.compare_digest(found, entry.sha256) if entry.key else content == entry.content


def sealed(entry: Entry, check_mode: bool) -> Entry:
    """Return the entry with the content that its file is to have: what stands there where that is right, else encrypted anew.

    One whose content was not sent stays as it is, and so is asked for; in check mode the content stays open, for nothing is written.
    """
    if not entry.credential or entry.kind != "file":
        return entry
    state = observe(entry.path)
    if state.kind == "file" and not state.large:
        before = decrypted(entry.credential, entry.path)
        if before is not None and _right(entry, before):
            return replace(entry, content=state.content, key="", sha256="")
    if entry.key or check_mode:
        return entry
    return replace(entry, content=encrypted(entry.credential, entry.content, entry.path))
