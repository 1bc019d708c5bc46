# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second sshd that tries a configuration: what it is given, how it is asked, and what its answers mean.

It takes the configuration that `sshd -T -C user=…,addr=…` printed for the person who connects: blocks of Match are settled by the
real address, which a client on the host itself does not have. Only public keys are needed: a server says that it accepts a key before it
asks for a signature.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import List, Optional, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils.account_keys import Key, keys_of

ADDRESS = "127.0.0.1"
MOST_KEYS = 8
# The trial has its own place and time, says what it thinks, and has no rate to keep to.
OWN = (
    "addressfamily", "listenaddress", "logingracetime", "loglevel", "maxauthtries", "maxstartups", "persourcemaxstartups",
    "persourcenetblocksize", "persourcepenalties", "persourcepenaltyexemptlist", "pidfile", "port", "syslogfacility",
)  # fmt: skip
LISTS = ("allowusers", "denyusers")
ACCEPTED = re.compile(r"Server accepts key: \S+ \S+ (SHA256:[A-Za-z0-9+/]+)")
USED = re.compile(r"Accepted publickey for \S+ from \S+ port \d+ ssh2: (\S+) (SHA256:[A-Za-z0-9+/]+)")
NO_AGREEMENT = re.compile(r"(?:Unable to negotiate|no matching|no mutual).*")
TELLING = ("refused", "not in ", "not allowed", "bad ", "error:", "fatal:", "Invalid user", "expired", "revoked")


@dataclass(frozen=True)
class Verdict:
    """What a trial showed. refusal: why the person would be locked out, empty where not. proven, unproven: sentences for the user."""

    refusal: str = ""
    proven: List[str] = field(default_factory=list)
    unproven: List[str] = field(default_factory=list)

    def joined(self, other: Verdict) -> Verdict:
        """Return both in one."""
        return Verdict(self.refusal or other.refusal, self.proven + other.proven, self.unproven + other.unproven)


@dataclass(frozen=True)
class Connection:
    """How somebody is connected: the four words of SSH_CONNECTION, sshd(8) and ssh(1). Empty: not by SSH, or not known."""

    address: str = ""
    port: str = ""
    local_address: str = ""
    local_port: str = ""


def connection_of(words: str) -> Connection:
    """Return what SSH_CONNECTION says; anything else than its four words says nothing."""
    parts = words.split()
    return Connection(*parts) if len(parts) == 4 and parts[1].isdigit() and parts[3].isdigit() else Connection()


def criteria(name: str, address: str, connection: Connection) -> str:
    """Return the connection as `sshd -T -C` takes it. address: of the client, where it is known."""
    known = address or connection.address
    found = ["user=%s" % name, "host=%s" % (known or "localhost"), "addr=%s" % (known or ADDRESS)]
    if connection.local_port:
        found += ["laddr=%s" % connection.local_address, "lport=%s" % connection.local_port]
    return ",".join(found)


def trial_config(report: str, port: int, replaced: Optional[Sequence[str]] = None) -> str:
    """Return the configuration of the trial from what `sshd -T` printed. replaced: paths instead of AuthorizedKeysFile.

    Of AllowUsers and DenyUsers the part behind @ is left out: it speaks of an address that the trial does not have (`ssh_access.reasons`
    judges it).
    """
    lines = []
    for line in report.splitlines():
        name, _space, value = line.strip().partition(" ")
        name = name.lower()
        if not name or name in OWN or (name == "authorizedkeysfile" and replaced is not None):
            continue
        if name in LISTS and "@" in value:
            user = value.partition("@")[0]
            if name == "allowusers" and not value.startswith("!"):
                lines.append("%s %s" % (name, user))
            continue
        lines.append(line.strip())
    if replaced is not None:
        lines.append("authorizedkeysfile %s" % " ".join(replaced))
    own = ["listenaddress %s:%d" % (ADDRESS, port), "pidfile none", "loglevel verbose", "logingracetime 20", "maxstartups 20"]
    return "\n".join([*lines, *own]) + "\n"


def client_command(ssh: str, name: str, port: int, public_key: str) -> List[str]:
    """Return the command that offers one public key to the trial. It never gets in: there is no private key."""
    options = {
        "BatchMode": "yes",
        "ConnectTimeout": "10",
        "GlobalKnownHostsFile": "/dev/null",
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "IdentityFile": public_key,
        "PreferredAuthentications": "publickey",
        "StrictHostKeyChecking": "no",
        "UserKnownHostsFile": "/dev/null",
    }
    words = [word for key, value in options.items() for word in ("-o", "%s=%s" % (key, value))]
    return [ssh, "-v", "-F", "/dev/null", "-p", str(port), *words, "-l", name, ADDRESS, "true"]


def used_fingerprint(journal: str) -> str:
    """Return the fingerprint of the key that opened a connection, from sshd's line in the journal; empty where it does not say."""
    found = USED.findall(journal)
    return str(found[-1][1]) if found and "-CERT" not in found[-1][0] else ""


def journal_pattern(name: str, connection: Connection) -> str:
    """Return what `journalctl --grep` looks for: the line in which sshd accepted this connection."""
    address = re.escape(connection.address)
    return "^Accepted publickey for %s from %s port %s " % (re.escape(name), address, connection.port)


def candidates(text: str, demanded: str = "") -> List[Key]:
    """Return the keys that the trial can offer: all of authorized_keys, or the one with the fingerprint `demanded`.

    A key with `from` is none, since the trial comes from the host itself, nor is the key of an authority.
    """
    found = [key for key in keys_of(text) if "from" not in key.options and "cert-authority" not in key.options]
    return [key for key in found if demanded in ("", key.fingerprint)][:MOST_KEYS]


def said(log: str) -> str:
    """Return what a server's log or a client's output says about a refusal, in one line; empty where nothing tells."""
    lines = [line.strip() for line in log.splitlines()]
    return next((line for line in reversed(lines) if any(word in line for word in TELLING)), "")


def others(text: str, report: str) -> bool:
    """Tell whether the user may have a way in that the trial cannot offer: a key with `from`, of an authority or of a command."""
    words = dict(line.split(None, 1) for line in report.lower().splitlines() if " " in line)
    elsewhere = any(words.get(name, "none").strip() != "none" for name in ("authorizedkeyscommand", "trustedusercakeys"))
    return elsewhere or len(keys_of(text)) > len(candidates(text))


def judged(tried: Sequence[Key], outputs: Sequence[str], log: str, used: bool, more: bool = False) -> Verdict:
    """Return what the client's outputs, one for each key that was tried, and the server's log mean.

    used: it is the connection's own key. more: the user has ways in that were not tried, so that a refusal proves nothing.
    """
    unknown = [] if used else ["which key opened this connection is not known"]
    for key, output in zip(tried, outputs):
        match = ACCEPTED.search(output)
        if match and match.group(1) == key.fingerprint:
            which = "the key of this connection" if used else "a key of the user"
            return Verdict(proven=["a second sshd with the new configuration accepts %s, %s" % (which, key.fingerprint)], unproven=unknown)
    disagreement = NO_AGREEMENT.search("\n".join(outputs))
    if disagreement:
        reason = "it finds no common algorithm with ssh of this host: %s" % disagreement.group(0).strip()
    else:
        reason = "it says: %s" % said(log) if said(log) else ""
    names = ", ".join(key.fingerprint for key in tried)
    what = "the key of this connection, %s" % names if used else "any key of the user (%s)" % names
    text = "a second sshd with the new configuration does not accept %s%s" % (what, "; " + reason if reason else "")
    return Verdict(unproven=[text, *unknown]) if more and not used else Verdict(text)
