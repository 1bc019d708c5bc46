# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digest of the first bytes of a file by which rsyslog tells it from another one that had its inode before (plugins/imfile/imfile.c).

It is SipHash-2-4 of 512 bytes with the key 00 01 … 0f; a file that is shorter has none.
"""

from __future__ import annotations

import os
from typing import List

LENGTH = 512
_WORD = (1 << 64) - 1
_KEY = (int.from_bytes(bytes(range(8)), "little"), int.from_bytes(bytes(range(8, 16)), "little"))


def _turned(value: int, count: int) -> int:
    return (value << count | value >> (64 - count)) & _WORD


def _round(state: List[int]) -> None:
    a, b, c, d = state
    a, c = (a + b) & _WORD, (c + d) & _WORD
    b, d = _turned(b, 13) ^ a, _turned(d, 16) ^ c
    a, c = (_turned(a, 32) + d) & _WORD, (c + b) & _WORD
    state[:] = a, _turned(b, 17) ^ c, _turned(c, 32), _turned(d, 21) ^ a


def siphash(data: bytes) -> str:
    """Return the SipHash-2-4 of some bytes with that key, as rsyslog writes it."""
    state = [_KEY[0] ^ 0x736F6D6570736575, _KEY[1] ^ 0x646F72616E646F6D, _KEY[0] ^ 0x6C7967656E657261, _KEY[1] ^ 0x7465646279746573]
    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) & 255])
    for at in range(0, len(padded), 8):
        word = int.from_bytes(padded[at : at + 8], "little")
        state[3] ^= word
        _round(state)
        _round(state)
        state[0] ^= word
    state[2] ^= 255
    for _number in range(4):
        _round(state)
    return (state[0] ^ state[1] ^ state[2] ^ state[3]).to_bytes(8, "little").hex()


def is_of(note: str, head: bytes) -> bool:
    """Return whether a note of rsyslog is of the file that begins so. note: its path. head: LENGTH bytes where the file has them."""
    parts = os.path.basename(note).split(":")
    return len(parts) < 3 or (len(head) >= LENGTH and siphash(head[:LENGTH]) == parts[2])
