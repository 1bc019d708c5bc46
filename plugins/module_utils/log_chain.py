# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chain of hashes over the closed files of a log server: every entry holds the hash of the entry before it.

It is one JSON object a line, in a file a month. `previous` is the SHA-256 of the line before, without its end. Kinds: `begun`; `closed` (a
file with its SHA-256); `removed` (a file whose time was over, and why); `key` (the certificate with which seals are made from here on);
`sealed` (a signature of `previous` by that key); `forgotten` (a month whose files are all removed: its last number and hash).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import processes

NOTHING = "0" * 64
SECONDS = 30
OPENSSL = "/usr/bin/openssl"


class ChainError(Exception):
    """The chain cannot be continued; the text says why."""


class Link(NamedTuple):
    """Where a chain ends. number: of its last entry, 0 where there is none. head: the hash of that entry."""

    number: int
    head: str


def months(folder: str) -> List[str]:
    """Return the paths of the chain's files in their order; none before the first file was closed."""
    if not os.path.isdir(folder):
        return []
    names = sorted(name for name in os.listdir(folder) if name.startswith("chain-") and name.endswith(".jsonl"))
    return [os.path.join(folder, name) for name in names]


def digest(line: bytes) -> str:
    """Return the hash of an entry, or of any bytes."""
    return hashlib.sha256(line).hexdigest()


def file_digest(path: str) -> str:
    """Return the hash of a file. Raises OSError."""
    found = hashlib.sha256()
    with open(path, "rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            found.update(block)
    return found.hexdigest()


def lines(folder: str) -> Iterator[Tuple[str, bytes]]:
    """Yield the entries with the path of their file. A last line without its end is one that was being written when the host died."""
    for path in months(folder):
        with open(path, "rb") as stream:
            for line in stream:
                if line.endswith(b"\n"):
                    yield path, line[:-1]


def _read(line: bytes) -> Dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


def end(folder: str) -> Link:
    """Return where the chain ends, and cut off what a died host had begun to write. Raises ChainError."""
    paths = months(folder)
    if not paths:
        return Link(0, NOTHING)
    with open(paths[-1], "rb+") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - (1 << 16)))
        tail = stream.read()
        whole = tail.rfind(b"\n") + 1
        if whole < len(tail):
            stream.truncate(size - len(tail) + whole)
    last = tail[:whole].rstrip(b"\n").rpartition(b"\n")[2]
    if not last and len(paths) == 1:
        return Link(0, NOTHING)
    number = _read(last).get("n")
    if not isinstance(number, int):
        raise ChainError("%s: the last entry cannot be read; see what `groundwork-logs verify` tells" % paths[-1])
    return Link(number, digest(last))


class Chain:
    """Appends entries. One at a time may have it: the caller holds the lock."""

    def __init__(self, folder: str, when: str) -> None:
        """folder: of the chain's files. when: now, as RFC 3339 in UTC. Raises ChainError, OSError."""
        self.folder, self.when, self.link = folder, when, end(folder)
        self.began = self.link.number

    def append(self, kind: str, **told: Any) -> int:
        """Write an entry down for good and return its number."""
        number = self.link.number + 1
        entry = {"n": number, "at": self.when, "kind": kind, **told, "previous": self.link.head}
        line = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        path = os.path.join(self.folder, "chain-%s.jsonl" % self.when[:7].replace("-", ""))
        # A clock that was set back must not put an entry before older ones.
        path = max([path, *months(self.folder)[-1:]])
        with open(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640), "ab") as stream:
            stream.write(line + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        self.link = Link(number, digest(line))
        return number

    def seal(self, tls: Mapping[str, str]) -> None:
        """Sign the chain as it stands with the host's key. tls: paths by `certificate` and `key`. Raises ChainError, OSError."""
        with open(tls["certificate"], encoding="ascii") as stream:
            certificate = stream.read()
        key = last_of(self.folder, "key") or {}
        number = key["n"] if key.get("certificate") == certificate else self.append("key", certificate=certificate)
        self.append("sealed", key=number, signature=sign(self.link.head, tls["key"]))


def sign(head: str, key: str) -> str:
    """Return the signature of a hash by a key of this host, in base64. Raises ChainError."""
    done = processes.run([OPENSSL, "dgst", "-sha256", "-sign", key], input=head.encode("ascii"), capture_output=True, timeout=SECONDS)
    if done.returncode != 0:
        raise ChainError("openssl could not sign with %s: %s" % (key, done.stderr.decode("utf-8", "replace").strip()))
    return base64.b64encode(done.stdout).decode("ascii")


def signed(head: str, signature: str, certificate: str) -> bool:
    """Return whether a signature is that of the owner of a certificate. Raises ChainError where openssl cannot tell."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: os.path.join(folder, name) for name in ("certificate", "public", "signature")}
        with open(paths["certificate"], "w", encoding="ascii", errors="replace") as stream:
            stream.write(certificate)
        code, public = processes.answer([OPENSSL, "x509", "-in", paths["certificate"], "-noout", "-pubkey"], SECONDS)
        if code != 0:
            return False
        with open(paths["public"], "w", encoding="ascii", errors="replace") as stream:
            stream.write(public)
        try:
            raw = base64.b64decode(signature, validate=True)
        except ValueError:
            return False
        with open(paths["signature"], "wb") as stream_of_bytes:
            stream_of_bytes.write(raw)
        command = [OPENSSL, "dgst", "-sha256", "-verify", paths["public"], "-signature", paths["signature"]]
        return processes.run(command, input=head.encode("ascii"), capture_output=True, timeout=SECONDS).returncode == 0


def trusted(certificate: str, authority: str, at: float) -> str:
    """Return why a certificate was not one of the authority's at a moment, empty where it was. at: in seconds since 1970."""
    if not os.path.exists(authority):
        return ""
    with tempfile.NamedTemporaryFile("w", suffix=".crt") as stream:
        stream.write(certificate)
        stream.flush()
        moment = ["-attime", "%d" % at]
        code, said = processes.answer([OPENSSL, "verify", *moment, "-CAfile", authority, "-untrusted", stream.name, stream.name], SECONDS)
    return "" if code == 0 else said.strip().splitlines()[-1] if said.strip() else "openssl verify failed"


def heads(text: str) -> List[Tuple[int, str]]:
    """Return the ends of a chain that were told elsewhere: every `n=NUMBER head=HASH` in a text, such as lines of a log."""
    found = []
    for line in text.splitlines():
        words = dict(word.partition("=")[::2] for word in line.split() if "=" in word)
        if words.get("n", "").isdigit() and len(words.get("head", "")) == len(NOTHING):
            found.append((int(words["n"]), words["head"]))
    return found


def told(link: Link) -> str:
    """Return the line by which an end of the chain goes elsewhere."""
    return "n=%d head=%s" % link


def last_of(folder: str, kind: str) -> Optional[Dict[str, Any]]:
    """Return the last entry of a kind."""
    found = None
    for _path, line in lines(folder):
        if b'"kind":"%s"' % kind.encode() in line:
            found = _read(line)
    return found
