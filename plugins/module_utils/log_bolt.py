# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of bbolt, in which the OpenTelemetry Collector notes how far it has read: read while nobody writes, and made anew.

The format is that of go.etcd.io/bbolt, version 2: pages of 4,096 bytes, of which the first two are metas; the one with the higher number
of transaction and a right checksum counts. The collector's storage keeps everything in one bucket, `default`.
"""

from __future__ import annotations

import os
import struct
from typing import Dict, Iterator, List, Mapping, NamedTuple, Tuple

MAGIC, VERSION, PAGE = 0xED0CDAED, 2, 4096
BRANCH, LEAF, META, FREELIST = 0x01, 0x02, 0x04, 0x10
BUCKET = b"default"
HEADER = struct.Struct("<QHHI")  # number, flags, count, overflow
_META = struct.Struct("<IIIIQQQQQ")  # magic, version, page size, flags, root, sequence, free list, high water, transaction
_SUM = struct.Struct("<Q")
_LEAF = struct.Struct("<IIII")  # flags, place, size of the key, size of the value
_BRANCH = struct.Struct("<IIQ")  # place, size of the key, page
_HEAD = struct.Struct("<QQ")  # root, sequence


class Damaged(ValueError):
    """A file is none of bbolt, or not whole."""


class _Page(NamedTuple):
    flags: int
    entries: int
    data: bytes


def checksum(data: bytes) -> int:
    """Return FNV-1a of 64 bits."""
    found = 0xCBF29CE484222325
    for byte in data:
        found = ((found ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return found


def read(path: str) -> Dict[bytes, bytes]:
    """Return the keys and values of a file. Raises OSError, and Damaged where it is not whole."""
    with open(path, "rb") as stream:
        data = stream.read()
    try:
        size, root = _root(data)
        for key, value, is_bucket in _items(data, size, root):
            if key == BUCKET and is_bucket:
                below, _sequence = _HEAD.unpack_from(value)
                found = _items(data, size, below) if below else _entries(_page(value[_HEAD.size :], 0, 0))
                return {name: one for name, one, _bucket in found}
    except (struct.error, IndexError, RecursionError) as error:
        raise Damaged("%s: %s" % (path, error)) from error
    return {}


def _root(data: bytes) -> Tuple[int, int]:
    """Return the size of pages and the page of the root."""
    found = []
    for place in (0, PAGE):
        meta = data[place + HEADER.size : place + HEADER.size + _META.size + _SUM.size]
        if len(meta) == _META.size + _SUM.size and _SUM.unpack_from(meta, _META.size)[0] == checksum(meta[: _META.size]):
            magic, version, size, _flags, root, _sequence, _free, _high, transaction = _META.unpack_from(meta)
            if (magic, version) == (MAGIC, VERSION):
                found.append((transaction, size, root))
    if not found:
        raise Damaged("no page of it says where it begins")
    return max(found)[1:]


def _page(data: bytes, size: int, number: int) -> _Page:
    place = size * number
    _number, flags, count, overflow = HEADER.unpack_from(data, place)
    end = place + size * (overflow + 1) if size else len(data)
    return _Page(flags, count, data[place + HEADER.size : end])


def _items(data: bytes, size: int, number: int) -> Iterator[Tuple[bytes, bytes, bool]]:
    page = _page(data, size, number)
    if page.flags & BRANCH:
        for index in range(page.entries):
            yield from _items(data, size, _BRANCH.unpack_from(page.data, index * _BRANCH.size)[2])
    elif page.flags & LEAF:
        yield from _entries(page)
    else:
        raise Damaged("page %d has flags %d" % (number, page.flags))


def _entries(page: _Page) -> Iterator[Tuple[bytes, bytes, bool]]:
    for index in range(page.entries):
        flags, place, key, value = _LEAF.unpack_from(page.data, index * _LEAF.size)
        begin = index * _LEAF.size + place
        yield page.data[begin : begin + key], page.data[begin + key : begin + key + value], bool(flags & 1)


def write(path: str, values: Mapping[bytes, bytes]) -> None:
    """Make a file with these keys and values. Raises OSError."""
    leaf = _leaf(sorted((key, value, 0) for key, value in values.items()), 4)
    pages = [
        _meta(0, 5 + (len(leaf) // PAGE - 1)),
        _meta(1, 5 + (len(leaf) // PAGE - 1)),
        HEADER.pack(2, FREELIST, 0, 0),
        _leaf([(BUCKET, _HEAD.pack(4, 0), 1)], 3),
        leaf,
    ]
    partial = path + ".new"
    with open(partial, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as stream:
        for page in pages:
            stream.write(page.ljust(PAGE, b"\0"))
        stream.flush()
        os.fsync(stream.fileno())
    os.rename(partial, path)


def _meta(number: int, high: int) -> bytes:
    meta = _META.pack(MAGIC, VERSION, PAGE, 0, 3, 0, 2, high, number)
    return HEADER.pack(number, META, 0, 0) + meta + _SUM.pack(checksum(meta))


def _leaf(items: List[Tuple[bytes, bytes, int]], number: int) -> bytes:
    heads, texts, place = [], [], len(items) * _LEAF.size
    for index, (key, value, flags) in enumerate(items):
        heads.append(_LEAF.pack(flags, place - index * _LEAF.size, len(key), len(value)))
        texts += [key, value]
        place += len(key) + len(value)
    body = b"".join(heads + texts)
    more = (HEADER.size + len(body) - 1) // PAGE
    return (HEADER.pack(number, LEAF, len(items), more) + body).ljust((more + 1) * PAGE, b"\0")
