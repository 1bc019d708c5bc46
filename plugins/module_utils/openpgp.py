# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fingerprints of an OpenPGP key block (RFC 4880, RFC 9580), without gpg. Nothing is verified but what a pin needs."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Iterator, List, Tuple

ARMOR = re.compile(r"-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(.*?)-----END PGP PUBLIC KEY BLOCK-----", re.DOTALL)
SECRET_TAGS = (5, 7)
PUBLIC_KEY = 6


class NotAKey(ValueError):
    """Bytes that are no OpenPGP public key."""


def crc24(data: bytes) -> int:
    """Return the checksum of an armored block."""
    value = 0xB704CE
    for byte in data:
        value ^= byte << 16
        for _bit in range(8):
            value <<= 1
            if value & 0x1000000:
                value ^= 0x1864CFB
    return value


def dearmored(text: str) -> bytes:
    """Return the packets of all armored public key blocks in `text`. Raises NotAKey."""
    if "BEGIN PGP PRIVATE KEY BLOCK" in text:
        raise NotAKey("it is a private key, which must not leave its owner")
    blocks = ARMOR.findall(text)
    if not blocks:
        raise NotAKey("it holds no line '-----BEGIN PGP PUBLIC KEY BLOCK-----'")
    packets = b""
    for block in blocks:
        lines = [line.strip() for line in block.splitlines()]
        if "" in lines:  # what stands before the empty line are headers such as Version and Comment
            lines = lines[lines.index("") + 1 :]
        checksum = [line[1:] for line in lines if line.startswith("=")]
        try:
            data = base64.b64decode("".join(line for line in lines if not line.startswith("=")), validate=True)
            expected = [int.from_bytes(base64.b64decode(line, validate=True), "big") for line in checksum]
        except binascii.Error as error:
            raise NotAKey(f"its base64 is damaged ({error})") from error
        if expected and expected[0] != crc24(data):
            raise NotAKey("its checksum does not fit, part of it is missing or changed")
        packets += data
    return packets


def packets(data: bytes) -> Iterator[Tuple[int, bytes]]:
    """Return (tag, body) of each packet. Raises NotAKey where the data ends in the middle of one."""
    position = 0

    def take(count: int) -> bytes:
        nonlocal position
        part = data[position : position + count]
        if len(part) != count:
            raise NotAKey("it ends in the middle of a packet")
        position += count
        return part

    while position < len(data):
        header = take(1)[0]
        if not header & 0x80:
            raise NotAKey("it does not consist of OpenPGP packets")
        if header & 0x40:
            tag, first = header & 0x3F, take(1)[0]
            if first < 192:
                length = first
            elif first < 224:
                length = ((first - 192) << 8) + take(1)[0] + 192
            elif first == 255:
                length = int.from_bytes(take(4), "big")
            else:
                raise NotAKey("it holds a packet of unknown length")
        else:
            tag, kind = (header >> 2) & 0x0F, header & 0x03
            length = len(data) - position if kind == 3 else int.from_bytes(take(1 << kind), "big")
        yield tag, take(length)


def fingerprint(body: bytes) -> str:
    """Return the fingerprint of a public key packet's body, in upper case. Raises NotAKey for a version without a safe one."""
    version = body[0] if body else 0
    if version == 4:
        return hashlib.sha1(b"\x99" + len(body).to_bytes(2, "big") + body, usedforsecurity=False).hexdigest().upper()
    if version == 6:
        return hashlib.sha256(b"\x9b" + len(body).to_bytes(4, "big") + body).hexdigest().upper()
    raise NotAKey(f"it holds a key of version {version}, which is not supported")


def fingerprints(text: str) -> List[str]:
    """Return the fingerprints of the primary keys in an armored block, in its order. Raises NotAKey."""
    found = []
    for tag, body in packets(dearmored(text)):
        if tag in SECRET_TAGS:
            raise NotAKey("it holds a private key, which must not leave its owner")
        if tag == PUBLIC_KEY:
            found.append(fingerprint(body))
    if not found:
        raise NotAKey("it holds no public key")
    return found
