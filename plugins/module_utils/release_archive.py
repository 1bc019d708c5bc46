# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpack the archive of a release, trusting none."""

from __future__ import annotations

import contextlib
import dataclasses
import lzma
import os
import posixpath
import shutil
import stat
import subprocess
import tarfile
import tempfile
import zipfile
import zlib
from typing import IO, Any, Dict, Iterator, List, Optional, Set, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import processes
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

ZSTD = b"\x28\xb5\x2f\xfd"  # RFC 8878, 3.1.1
# What the libraries raise for a damaged archive, an encrypted one (RuntimeError) and names that are no text (ValueError).
UNREADABLE = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, ValueError)


@dataclasses.dataclass(frozen=True)
class Member:
    """One member of an archive, whatever its format. kind: file, directory, symlink, hardlink or other."""

    name: str
    kind: str
    executable: bool = False
    target: str = ""
    handle: Any = None


def unpack(archive: str, directory: str, strip: int) -> None:
    """Unpack a tar (plain, gzip, bzip2, xz, zstd) or zip archive into the existing empty `directory`.

    Members keep only their executable bit; raises BadInput for a member that would leave the directory,
    for what is no file, directory or link, and for an archive that cannot be read.
    """
    try:
        with _plain(archive) as readable:
            _unpack(readable, directory, strip)
    except BadInput:
        raise
    except UNREADABLE as error:
        raise _unreadable(error) from error
    except OSError as error:
        if error.errno is None:  # gzip and bz2 raise it for damaged data; with a number it is the host's trouble
            raise _unreadable(error) from error
        raise


@contextlib.contextmanager
def _plain(archive: str) -> Iterator[str]:
    """Give an archive as Python reads it: one by zstd is decompressed first, by the program zstd, which Debian's own packages need too."""
    with open(archive, "rb") as stream:
        packed = stream.read(len(ZSTD)) == ZSTD
    if not packed:
        yield archive
        return
    program = shutil.which("zstd", path="/usr/local/bin:/usr/bin:/bin")
    if program is None:
        raise BadInput("The archive is compressed by zstd, and this host has no program zstd. Install the package zstd, or use .tar.xz.")
    with tempfile.NamedTemporaryFile(dir=os.path.dirname(archive), prefix="release-") as target:
        done = processes.run([program, "-dcq", "--", archive], stdin=subprocess.DEVNULL, stdout=target, stderr=subprocess.PIPE, timeout=600)
        if done.returncode:
            raise BadInput("The archive cannot be read: zstd says: %s" % done.stderr.decode("utf-8", "replace").strip())
        yield target.name


def _unreadable(error: Exception) -> BadInput:
    why = str(error) or type(error).__name__
    return BadInput("The archive cannot be read: %s. A tar (plain, .gz, .bz2, .xz, .zst) or a zip that is whole is expected." % why)


def _unpack(archive: str, directory: str, strip: int) -> None:
    links: Set[str] = set()
    passed: Set[str] = set()  # what the targets of links lead through
    written = 0
    for member, content in _members(archive):
        name = safe_name(member.name, strip)
        if name is None:
            continue
        if links.intersection([*parents(name), name]):
            raise _unsafe(member.name, "it would be written through a symbolic link of the archive")
        path = os.path.join(directory, name)
        os.makedirs(path if member.kind == "directory" else os.path.dirname(path), mode=0o755, exist_ok=True)
        if member.kind == "directory":
            continue
        written += 1
        if member.kind == "file" and content is not None:
            _write(path, content, member.executable)
        elif member.kind == "symlink":
            way = way_of_link(name, member.target)
            if way is None:
                raise _unsafe(member.name, "its target %r lies outside of the archive" % member.target)
            links.add(name)
            passed.update(way)
            if links & passed:
                raise _unsafe(member.name, "the target of a link leads through another link")
            os.symlink(member.target, path)
        elif member.kind == "hardlink":
            shutil.copy(os.path.join(directory, _source(member, directory, strip, links)), path)
        else:
            raise _unsafe(member.name, "it is no file, directory or link")
    if not written:
        raise BadInput("The archive holds no file after strip=%d. Lower `strip`, or check the archive." % strip)


def safe_name(name: str, strip: int) -> Optional[str]:
    """Return the path of a member below the directory, None where nothing of it is left after `strip`."""
    if name.startswith("/") or "\\" in name or ".." in name.split("/"):
        raise _unsafe(name, "its path would leave the directory")
    parts = [part for part in name.split("/") if part not in ("", ".")][strip:]
    return "/".join(parts) or None


def _source(member: Member, directory: str, strip: int, links: Set[str]) -> str:
    """Return the file of the archive that a hard link is another name of."""
    source = safe_name(member.target, strip)
    if source is not None and links.intersection(parents(source)):
        raise _unsafe(member.name, "its target %r leads through a link" % member.target)
    if source is None or source in links or not os.path.isfile(os.path.join(directory, source)):
        raise _unsafe(member.name, "its target %r is no file of the archive" % member.target)
    return source


def parents(name: str) -> List[str]:
    """Return the directories above a member."""
    return ["/".join(name.split("/")[:depth]) for depth in range(1, name.count("/") + 1)]


def way_of_link(name: str, target: str) -> Optional[Set[str]]:
    """Return what the target of a link leads through before it arrives, None where it leaves the directory.

    Read as text, `..` takes the last name back; that is true only where none of what it leads through is a link.
    """
    if target.startswith("/"):
        return None
    here, way = posixpath.dirname(name).split("/") if "/" in name else [], set()
    for part in (part for part in target.split("/") if part not in ("", ".")):
        way.add("/".join(here))
        if part == ".." and not here:
            return None
        here = here[:-1] if part == ".." else [*here, part]
    return way


def _unsafe(name: str, why: str) -> BadInput:
    return BadInput("The archive is refused because of its member %r: %s. Nothing was installed; have it built anew." % (name, why))


def _write(path: str, content: IO[bytes], executable: bool) -> None:
    if os.path.lexists(path):
        os.unlink(path)
    with open(path, "xb") as stream:
        shutil.copyfileobj(content, stream)
        os.fchmod(stream.fileno(), 0o755 if executable else 0o644)


def _members(archive: str) -> Iterator[Tuple[Member, Optional[IO[bytes]]]]:
    # A zip is known by its end, which a tar has as well where its last member is a zip, such as a wheel.
    if zipfile.is_zipfile(archive) and not tarfile.is_tarfile(archive):
        with zipfile.ZipFile(archive) as package:
            for info in package.infolist():
                mode = info.external_attr >> 16
                if info.is_dir():
                    yield Member(info.filename, "directory"), None
                elif stat.S_ISLNK(mode):
                    yield Member(info.filename, "symlink", target=package.read(info).decode()), None
                else:
                    with package.open(info) as content:
                        kind = "file" if stat.S_IFMT(mode) in (0, stat.S_IFREG) else "other"
                        yield Member(info.filename, kind, bool(mode & 0o100)), content
        return
    with tarfile.open(archive) as package:
        for entry in package:
            yield _tar_member(entry), package.extractfile(entry) if entry.isreg() else None


def _tar_member(entry: tarfile.TarInfo) -> Member:
    kinds: Dict[str, bool] = {"file": entry.isreg(), "directory": entry.isdir(), "symlink": entry.issym(), "hardlink": entry.islnk()}
    kind = next((name for name, fits in kinds.items() if fits), "other")
    return Member(entry.name, kind, bool(entry.mode & 0o100), entry.linkname)
