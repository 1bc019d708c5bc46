# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When OpenPGP keys end, and which keys made a signature (RFC 4880 section 5.2, RFC 9580), without gpg. No signature is verified here.

What apt trusts is apt's matter; this only reads dates out of keys that it trusts already.
"""

from __future__ import annotations

import base64
import re
from typing import Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import openpgp

SIGNATURE, PUBLIC_KEY, USER_ID, PUBLIC_SUBKEY = 2, 6, 13, 14  # packet tags, RFC 4880 section 4.3
CERTIFICATIONS = (0x10, 0x11, 0x12, 0x13, 0x1F)  # of a user id, or of the key itself; section 5.2.1
SUBKEY_BINDING = 0x18
CREATED, KEY_ENDS, ISSUER, ISSUER_FINGERPRINT = 2, 9, 16, 33  # subpackets, section 5.2.3.1 and RFC 9580
ARMORED_SIGNATURE = re.compile(r"-----BEGIN PGP SIGNATURE-----\r?\n(.*?)-----END PGP SIGNATURE-----", re.DOTALL)
ARMORED_KEY = b"-----BEGIN PGP PUBLIC KEY BLOCK-----"


class Signature(NamedTuple):
    """What is read of a signature. issuers: key ids and fingerprints. ends: seconds after the key's creation, 0 where it never ends."""

    kind: int
    created: int
    ends: int
    issuers: Tuple[str, ...]


def subpackets(data: bytes) -> Iterator[Tuple[int, bytes]]:
    """Return (type, body) of each subpacket. One that is cut off ends them."""
    position = 0
    while position < len(data):
        first, size = data[position], 1
        length = first
        if 192 <= first < 255:
            size, length = 2, ((first - 192) << 8) + int.from_bytes(data[position + 1 : position + 2], "big") + 192
        elif first == 255:
            size, length = 5, int.from_bytes(data[position + 1 : position + 5], "big")
        body = data[position + size : position + size + length]
        if not body:
            return
        yield body[0] & 0x7F, body[1:]
        position += size + length


def signature(body: bytes) -> Optional[Signature]:
    """Read a signature packet of version 4 or 6; None for another one."""
    if len(body) < 6 or body[0] not in (4, 6):
        return None
    width = 2 if body[0] == 4 else 4
    hashed_size = int.from_bytes(body[4 : 4 + width], "big")
    hashed = body[4 + width : 4 + width + hashed_size]
    rest = body[4 + width + hashed_size :]
    open_size = int.from_bytes(rest[:width], "big")
    created = ends = 0
    for kind, value in subpackets(hashed):
        if kind == CREATED:
            created = int.from_bytes(value, "big")
        elif kind == KEY_ENDS:
            ends = int.from_bytes(value, "big")
    issuers: List[str] = []
    for kind, value in [*subpackets(hashed), *subpackets(rest[width : width + open_size])]:
        if kind == ISSUER:
            issuers.append(value.hex().upper())
        elif kind == ISSUER_FINGERPRINT:
            issuers.append(value[1:].hex().upper())
    return Signature(body[1], created, ends, tuple(issuers))


def names(fingerprint: str) -> Set[str]:
    """Return what signatures call a key: its fingerprint and its key id, the end of one of version 4, the begin of one of version 6."""
    return {fingerprint, fingerprint[-16:] if len(fingerprint) == 40 else fingerprint[:16]}


def key_packets(data: bytes) -> bytes:
    """Return the packets of a key file, armored or binary. Raises openpgp.NotAKey."""
    return openpgp.dearmored(data.decode("utf-8", "replace")) if ARMORED_KEY in data else data


def ends(data: bytes) -> Dict[str, Optional[int]]:
    """Return the fingerprint of each key and subkey with when it ends, in seconds since 1970; None where it never does.

    data: packets. The newest self-signature decides; a subkey ends with its primary key at the latest. Raises openpgp.NotAKey.
    """
    found: Dict[str, Tuple[int, Optional[int]]] = {}  # fingerprint -> (newest self-signature, end)
    parents: Dict[str, str] = {}
    primary = current = ""
    born: Dict[str, int] = {}
    for tag, body in openpgp.packets(data):
        if tag in (PUBLIC_KEY, PUBLIC_SUBKEY):
            try:
                current = openpgp.fingerprint(body)
            except openpgp.NotAKey:
                current = ""
                continue
            primary = current if tag == PUBLIC_KEY else primary
            parents[current], born[current] = primary, int.from_bytes(body[1:5], "big")
            found.setdefault(current, (-1, None))
        elif tag == SIGNATURE and current:
            made = signature(body)
            wanted = CERTIFICATIONS if current == primary else (SUBKEY_BINDING,)
            if made and made.kind in wanted and names(primary) & set(made.issuers) and made.created >= found[current][0]:
                found[current] = (made.created, born[current] + made.ends if made.ends else None)
    return {key: earliest(end, found[parents[key]][1]) if parents[key] in found else end for key, (_made, end) in found.items()}


def earliest(one: Optional[int], other: Optional[int]) -> Optional[int]:
    """Return the earlier of two ends; None is never."""
    known = [end for end in (one, other) if end is not None]
    return min(known) if known else None


def signers(data: bytes) -> Set[str]:
    """Return the key ids and fingerprints of who signed: from a clear-signed text (InRelease) or a detached signature (Release.gpg)."""
    parts: List[bytes] = []
    if b"-----BEGIN PGP SIGNATURE-----" in data:
        for block in ARMORED_SIGNATURE.findall(data.decode("utf-8", "replace")):
            lines = [line.strip() for line in block.splitlines()]
            lines = lines[lines.index("") + 1 :] if "" in lines else lines
            parts.append(base64.b64decode("".join(line for line in lines if not line.startswith("="))))
    else:
        parts.append(data)
    found: Set[str] = set()
    for part in parts:
        for tag, body in openpgp.packets(part):
            made = signature(body) if tag == SIGNATURE else None
            found.update(made.issuers if made else ())
    return found
