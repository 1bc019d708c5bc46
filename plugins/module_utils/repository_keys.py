# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Until when this host can trust its repositories: the end of the keys that made the signatures which lie with its package lists."""

from __future__ import annotations

import os
import re
from typing import Any, Dict, Iterable, List, Mapping, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import key_expiry, openpgp

LISTS = "/var/lib/apt/lists"
#: Where apt and repositories keep keys: apt-secure(8), sources.list(5).
KEY_PLACES = ("/etc/apt/trusted.gpg", "/etc/apt/trusted.gpg.d", "/etc/apt/keyrings", "/usr/share/keyrings")
SOURCES = "/etc/apt/sources.list.d"
SIGNED = ("_InRelease", "_Release.gpg", "InRelease")


def embedded(sources: str) -> List[str]:
    """Return the armored keys in a deb822 file: indented, an empty line written as a dot (sources.list(5), Signed-By)."""
    lines = [line[1:] if line.startswith(" ") else line for line in sources.splitlines()]
    text = "\n".join("" if line == "." else line for line in lines)
    return [match.group(0) for match in openpgp.ARMOR.finditer(text)]


def repository(name: str) -> str:
    """Return what a file of the lists is about: deb.example.org/debian/dists/bookworm."""
    for suffix in SIGNED:
        if name.endswith(suffix):
            name = name[: -len(suffix)]
    return name.strip("_").replace("_", "/")


def ends_of(blocks: Iterable[bytes]) -> Dict[str, Optional[int]]:
    """Return every name of every key with its end. What is no key is left out: apt does not use it either."""
    found: Dict[str, Optional[int]] = {}
    for block in blocks:
        try:
            ends = key_expiry.ends(key_expiry.key_packets(block))
        except openpgp.NotAKey:
            continue
        for fingerprint, end in ends.items():
            for name in key_expiry.names(fingerprint):
                known = found.get(name, 0)
                # A key may lie here twice, once prolonged.
                found[name] = None if end is None or known is None else max(end, known)
    return found


def judged(signatures: Mapping[str, bytes], ends: Mapping[str, Optional[int]]) -> List[Dict[str, Any]]:
    """Return for each repository when the last key that signed it ends: `repository`, `key`, `expires` (seconds since 1970 or null).

    signatures: name of the file to its content. A repository whose signers this host does not know, or that cannot be read, is left out.
    """
    found = []
    for name in sorted(signatures):
        try:
            known = {one: ends[one] for one in sorted(key_expiry.signers(signatures[name]), key=len) if one in ends}
        except (openpgp.NotAKey, ValueError):
            continue
        if not known:
            continue
        forever = [one for one, end in known.items() if end is None]
        key = forever[-1] if forever else max(known, key=lambda one: (known[one] or 0, len(one)))
        found.append({"repository": repository(name), "key": key, "expires": known[key]})
    return found


def _files(places: Iterable[str], wanted: Iterable[str]) -> List[str]:
    found = []
    for place in places:
        if os.path.isdir(place):
            found += [os.path.join(place, name) for name in sorted(os.listdir(place)) if name.endswith(tuple(wanted))]
        elif os.path.isfile(place):
            found.append(place)
    return found


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def named_keys(sources: str) -> List[str]:
    """Return the paths of keys that a file of sources names in Signed-By, of either format."""
    return re.findall(r"(?im)signed-by\s*[:=]\s*\[?\s*(/[^\s,\]]+)", sources)


def observe() -> List[Dict[str, Any]]:
    """Look at the keys and lists of this host; see `judged`."""
    texts = [_content(path).decode("utf-8", "replace") for path in _files(("/etc/apt/sources.list", SOURCES), (".sources", ".list"))]
    blocks = [_content(path) for path in _files(KEY_PLACES, (".gpg", ".asc", ".pgp"))]
    blocks += [_content(path) for text in texts for path in named_keys(text)]
    blocks += [key.encode() for text in texts for key in embedded(text)]
    signatures = {os.path.basename(path): _content(path) for path in _files((LISTS,), SIGNED)}
    return judged(signatures, ends_of(blocks))
