# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of authorized_keys: read, compared and merged. Source: sshd(8), AUTHORIZED_KEYS FILE FORMAT."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Sequence, Set

KEY_TYPES = (
    "ssh-ed25519",
    "sk-ssh-ed25519@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-rsa",
)
KEY = re.compile(r"(%s)\s+([A-Za-z0-9+/]+={0,3})(?:\s+(.*))?" % "|".join(re.escape(one) for one in KEY_TYPES))
OPTION = re.compile(r'\s*([A-Za-z0-9-]+)(?:="((?:[^"\\]|\\.)*)")?(,|\s+|$)')
KEY_BLOB = re.compile(r"\s([A-Za-z0-9+/]{40,}={0,3})(?:\s|$)")
EXPIRY = re.compile(r"^(\d{4})(\d\d)(\d\d)(?:\d{4}(?:\d\d)?)?Z?$")


@dataclass(frozen=True)
class Key:
    """One key. options: lower-case name to value, empty for a flag; of an option that stands twice, the last value."""

    kind: str
    blob: str
    comment: str = ""
    options: Dict[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """The SHA-256 fingerprint as `ssh-keygen -l` and the journal of sshd print it."""
        return fingerprint(self.blob)

    @property
    def expires(self) -> str:
        """The day from which sshd refuses it, as YYYY-MM-DD; empty for never."""
        match = EXPIRY.match(self.options.get("expiry-time", ""))
        return "-".join(match.groups()) if match else ""

    @property
    def line(self) -> str:
        """The line of authorized_keys."""
        words = [",".join(name if not value else '%s="%s"' % (name, value) for name, value in self.options.items())]
        return " ".join(word for word in [*words, self.kind, self.blob, self.comment] if word)


def fingerprint(blob: str) -> str:
    """Return the SHA-256 fingerprint of the base64 part of a key."""
    try:
        raw = base64.b64decode(blob)
    except binascii.Error:
        raw = blob.encode()
    return "SHA256:" + base64.b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=")


def parsed(line: str) -> Optional[Key]:
    """Return the key of a line, None for a comment, an empty line or what is no key of a known type."""
    text = line.strip()
    options: Dict[str, str] = {}
    while text and not text.startswith("#"):
        match = KEY.fullmatch(text)
        if match:
            return Key(match.group(1), match.group(2), (match.group(3) or "").strip(), options)
        option = OPTION.match(text)
        if not option:
            return None
        options[option.group(1).lower()] = option.group(2) or ""
        text = text[option.end() :]
    return None


def keys_of(text: Optional[str]) -> List[Key]:
    """Return the keys of an authorized_keys file."""
    return [key for key in map(parsed, (text or "").splitlines()) if key is not None]


def blobs(text: Optional[str]) -> Set[str]:
    """Return the keys of an authorized_keys file without options and comments, those of unknown types too."""
    return {blob for line in (text or "").splitlines() if not line.lstrip().startswith("#") for blob in KEY_BLOB.findall(" " + line)}


def merged_keys(declared: Sequence[str], current: Optional[str], exclusive: bool) -> str:
    """Return the text of authorized_keys: the declared keys alone, or after those that are there.

    A key that is there with other options than declared, such as its expiry, gets the declared line.
    """
    wanted = {key.blob: key for key in map(parsed, declared) if key is not None}
    lines = [] if exclusive else (current or "").splitlines()
    for number, line in enumerate(lines):
        key = parsed(line)
        if key is not None and key.blob in wanted and key.options != wanted[key.blob].options:
            lines[number] = wanted[key.blob].line
    have = blobs("\n".join(lines))
    lines += [key for key in declared if not blobs(key) & have]
    return "".join(line + "\n" for line in lines)


def key_name(line: str, blob: str) -> str:
    """Return a key as a person knows it: its fingerprint as `ssh-keygen -l` prints it, and its comment."""
    comment = line.partition(blob)[2].strip()
    return "%s (%s)" % (fingerprint(blob), comment) if comment else fingerprint(blob)


def dropped_keys(declared: Sequence[str], current: Optional[str]) -> List[str]:
    """Return the names of the keys that an account has now and that are not declared."""
    wanted = blobs("\n".join(declared))
    return [key_name(line, blob) for line in (current or "").splitlines() for blob in sorted(blobs(line) - wanted)]
