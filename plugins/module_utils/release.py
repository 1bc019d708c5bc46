# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Release archives: what is installed, what has to happen, and unpacking that trusts no archive."""

from __future__ import annotations

import dataclasses
import lzma
import os
import posixpath
import re
import shutil
import stat
import tarfile
import zipfile
import zlib
from typing import IO, Any, Dict, Iterator, List, Mapping, Optional, Set, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input, unknown_name

OPTIONS = ("version", "url", "sha256", "strip", "keep", "link", "state")
COLOURS = ("blue", "green")  # links of blue_green to the releases of its colours
WORD = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._+~-]*$")
PARTIAL = ".partial"
OLD = ".old" + PARTIAL
MARK = ".sha256"
# What the libraries raise for a damaged archive, an encrypted one (RuntimeError) and names that are no text (ValueError).
UNREADABLE = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, ValueError)


@dataclasses.dataclass(frozen=True)
class Release:
    """One release as the caller wants it."""

    name: str
    version: str = ""
    url: str = ""
    sha256: str = ""
    strip: int = 0
    keep: int = 3
    state: str = "present"
    link: bool = True

    @property
    def remote(self) -> bool:
        """True where the host fetches the archive itself, False where the controller has it."""
        return self.url.startswith(("https://", "http://"))

    @property
    def local_path(self) -> str:
        return self.url[len("file://") :] if self.url.startswith("file://") else self.url


@dataclasses.dataclass(frozen=True)
class Installed:
    """What stands under /opt/<name>: versions with their checksum, the oldest first, and the version in use."""

    versions: Tuple[Tuple[str, str], ...] = ()
    current: Optional[str] = None
    exists: bool = False
    leftovers: Tuple[str, ...] = ()
    interrupted: Tuple[Tuple[str, str], ...] = ()  # versions that were moved away for others that never came: where they are, where to
    linked: Tuple[str, ...] = ()  # versions that colours of blue_green run


@dataclasses.dataclass(frozen=True)
class Steps:
    """What has to happen to one release."""

    unpack: bool = False
    switch: bool = False
    prune: Tuple[str, ...] = ()
    remove: bool = False

    @property
    def changed(self) -> bool:
        return bool(self.unpack or self.switch or self.prune or self.remove)


def wanted_releases(releases: Mapping[str, Any], state: str) -> List[Release]:
    """Check the option `releases`; `state` is the state of those that name none."""
    return [_release(str(name), options, state) for name, options in releases.items()]


def _release(name: str, options: Any, state: str) -> Release:
    where = "releases[%r]" % name
    if not WORD.match(name):
        raise bad_input(where, name, "a name of letters, digits, '.', '_' and '-'", "It becomes the directory /opt/<name>.")
    options = {} if options is None else options
    if not isinstance(options, dict):
        raise bad_input(where, options, "a mapping of %s" % ", ".join(OPTIONS), "Write {version: ..., url: ..., sha256: ...}.")
    for key in options:
        if key not in OPTIONS:
            raise unknown_name("option", where, str(key), OPTIONS)
    given = {key: value for key, value in options.items() if value is not None}
    own_state = "absent" if state == "absent" else given.get("state", "present")
    if own_state not in ("present", "absent"):
        raise bad_input(where + ".state", own_state, "present or absent", "Leave it out for present.")
    if own_state == "absent":
        return Release(name=name, state="absent")
    version, url, digest = (str(given.get(key, "")) for key in ("version", "url", "sha256"))
    if not WORD.match(version):
        raise bad_input(where + ".version", version, "a version of letters, digits, '.', '_', '+', '~' and '-'", "Name the version.")
    if "://" in url and not url.startswith(("https://", "http://", "file://")):
        raise bad_input(where + ".url", url, "https://, http://, file:// or a path on the controller", "Correct the address.")
    if not url:
        raise bad_input(where + ".url", url, "the address of the archive", "Use https://, or a path on the controller.")
    if not re.match(r"^[0-9a-f]{64}$", digest.lower()):
        raise bad_input(where + ".sha256", digest, "64 hexadecimal digits", "Take it from `sha256sum` of the archive you trust.")
    strip, keep = _number(where + ".strip", given.get("strip", 0), 0), _number(where + ".keep", given.get("keep", 3), 1)
    link = given.get("link", True)
    if not isinstance(link, bool):
        raise bad_input(where + ".link", link, "true or false", "Write it without quotes.")
    return Release(name=name, version=version, url=url, sha256=digest.lower(), strip=strip, keep=keep, link=link)


def _number(where: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not str(value).isdigit() or int(value) < least:
        raise bad_input(where, value, "a number of at least %d" % least, "Correct the number.")
    return int(value)


def mark_of(base: str, name: str, version: str) -> str:
    """Return the file that notes the checksum of an installed version; it is written anew whenever that version is."""
    return os.path.join(home(base, name), "releases", "." + version + MARK)


def home(base: str, name: str) -> str:
    """Return the directory of a release."""
    return os.path.join(base, name)


def observe(base: str, name: str) -> Installed:
    """Read what stands under the directory of a release. A version counts once its checksum is noted beside it."""
    top = home(base, name)
    releases = os.path.join(top, "releases")
    found: List[Tuple[float, str, str]] = []
    leftovers: List[str] = []
    interrupted: List[Tuple[str, str]] = []
    for entry in sorted(os.listdir(releases)) if os.path.isdir(releases) else []:
        path = os.path.join(releases, entry)
        final = os.path.join(releases, entry[1 : -len(OLD)])
        if entry.startswith(".") and entry.endswith(OLD) and not os.path.lexists(final):
            interrupted.append((path, final))
        elif entry.endswith(PARTIAL):
            leftovers.append(path)
        elif entry.startswith(".") and entry.endswith(MARK):
            version = entry[1 : -len(MARK)]
            if os.path.isdir(os.path.join(releases, version)):
                with open(path, encoding="utf-8") as stream:
                    found.append((os.path.getmtime(path), version, stream.read().strip()))
    link = os.path.join(top, "current")
    if os.path.lexists(link + PARTIAL):
        leftovers.append(link + PARTIAL)
    current = os.path.basename(os.readlink(link)) if os.path.islink(link) else None
    colours = [os.path.join(top, colour) for colour in COLOURS]
    linked = tuple(os.path.basename(os.readlink(path)) for path in colours if os.path.islink(path))
    versions = tuple((version, digest) for _time, version, digest in sorted(found))
    return Installed(versions, current, os.path.lexists(top), tuple(leftovers), tuple(interrupted), linked)


def decide(release: Release, installed: Installed) -> Steps:
    """Decide what has to happen; the versions kept are the newest, the wanted one always among them."""
    if release.state == "absent":
        return Steps(remove=installed.exists)
    have = dict(installed.versions)
    unpack = have.get(release.version) != release.sha256
    others = [version for version, _digest in installed.versions if version != release.version]
    surplus = others[: max(len(others) - (release.keep - 1), 0)]
    used = {*installed.linked, *([] if release.link else [installed.current])}
    prune = tuple(version for version in surplus if version not in used)
    return Steps(unpack=unpack, switch=release.link and installed.current != release.version, prune=prune)


def changed_files(base: str, release: Release, steps: Steps) -> List[str]:
    """Return what whoever runs a release watches: the link, or the note of the checksum where the link is another's."""
    if release.link:
        return [os.path.join(home(base, release.name), "current")] if steps.unpack or steps.switch else []
    return [mark_of(base, release.name, release.version)] if steps.unpack else []


def described(release: Release, installed: Installed, steps: Optional[Steps] = None) -> str:
    """Lay one release out as text for a diff: as it is, or as it will be after `steps`."""
    versions = [version for version, _digest in installed.versions]
    digests = dict(installed.versions)
    current = installed.current
    if steps is not None and steps.remove:
        return ""
    if steps is not None:
        versions = [version for version in versions if version not in steps.prune]
        if steps.unpack:
            versions = [version for version in versions if version != release.version] + [release.version]
            digests[release.version] = release.sha256
        current = release.version if steps.switch else current
    elif not installed.exists:
        return ""
    lines = ["%s:" % release.name, "  current: %s" % (current or "none"), "  releases:"]
    return "\n".join(lines + ["    %s: %s" % (version, digests[version]) for version in versions]) + "\n"


@dataclasses.dataclass(frozen=True)
class Member:
    """One member of an archive, whatever its format. kind: file, directory, symlink, hardlink or other."""

    name: str
    kind: str
    executable: bool = False
    target: str = ""
    handle: Any = None


def unpack(archive: str, directory: str, strip: int) -> None:
    """Unpack a tar (plain, gzip, bzip2, xz) or zip archive into the existing empty `directory`.

    Members keep only their executable bit; raises BadInput for a member that would leave the directory,
    for what is no file, directory or link, and for an archive that cannot be read.
    """
    try:
        _unpack(archive, directory, strip)
    except BadInput:
        raise
    except UNREADABLE as error:
        raise _unreadable(error) from error
    except OSError as error:
        if error.errno is None:  # gzip and bz2 raise it for damaged data; with a number it is the host's trouble
            raise _unreadable(error) from error
        raise


def _unreadable(error: Exception) -> BadInput:
    why = str(error) or type(error).__name__
    return BadInput("The archive cannot be read: %s. A tar (plain, .gz, .bz2, .xz) or a zip that is whole is expected." % why)


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
    if zipfile.is_zipfile(archive):
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
