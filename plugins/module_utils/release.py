# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases: what is wanted, what is installed, and what has to happen."""

from __future__ import annotations

import dataclasses
import os
import re
from typing import Any, List, Mapping, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, refuse_unknown_options

OPTIONS = ("version", "url", "sha256", "strip", "keep", "state", "binary", "installed", "signature", "link", "place")
SIGNATURE_OPTIONS = ("url", "key")
PHASES = ("all", "install", "switch", "prune")
COLOURS = ("blue", "green")  # links of blue_green to the releases of its colours
WORD = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._+~-]*$")
PARTIAL = ".partial"
OLD = ".old" + PARTIAL
MARK = ".sha256"


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
    binary: str = ""  # what a release that is a single program is called; empty for an archive
    installed: bool = False  # it is there already: nothing is fetched, and an empty version is the one before the current
    signature: str = ""  # where the detached OpenPGP signature is
    key: str = ""  # the armoured public key that has to have made it
    place: str = ""  # what errors call its declaration; the option of the module where nothing else is said
    link: bool = True  # whether `current` is led to it; blue_green has links of its own

    @property
    def where(self) -> str:
        """Return how errors name it."""
        return self.place or "releases[%r]" % self.name

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


def place(options: Any) -> str:
    """Return what the caller calls a declaration, empty where it does not say."""
    return str(options.get("place") or "") if isinstance(options, dict) else ""


def _release(name: str, options: Any, state: str) -> Release:
    where = Release(name, place=place(options)).where
    if not WORD.match(name):
        raise bad_input(where, name, "a name of letters, digits, '.', '_' and '-'", "It becomes the directory /opt/<name>.")
    options = {} if options is None else options
    if not isinstance(options, dict):
        raise bad_input(where, options, "a mapping of %s" % ", ".join(OPTIONS), "Write {version: ..., url: ..., sha256: ...}.")
    refuse_unknown_options(where, options, OPTIONS)
    given = {key: value for key, value in options.items() if value is not None}
    own_state = "absent" if state == "absent" else given.get("state", "present")
    if own_state not in ("present", "absent"):
        raise bad_input(where + ".state", own_state, "present or absent", "Leave it out for present.")
    if own_state == "absent":
        return Release(name=name, state="absent", place=place(options))
    version = str(given.get("version", ""))
    if not WORD.match(version) and not (given.get("installed") and not version):
        raise bad_input(where + ".version", version, "a version of letters, digits, '.', '_', '+', '~' and '-'", "Name the version.")
    link = given.get("link", True)
    if not isinstance(link, bool):
        raise bad_input(where + ".link", link, "true or false", "Write it without quotes.")
    if given.get("installed"):
        return Release(name=name, version=version, installed=True, link=link, place=place(options))
    return _from_archive(name, version, where, given)


def _from_archive(name: str, version: str, where: str, given: Mapping[str, Any]) -> Release:
    url, digest = str(given.get("url", "")), str(given.get("sha256", ""))
    if "://" in url and not url.startswith(("https://", "http://", "file://")):
        raise bad_input(where + ".url", url, "https://, http://, file:// or a path on the controller", "Correct the address.")
    if not url:
        raise bad_input(where + ".url", url, "the address of the archive", "Use https://, or a path on the controller.")
    if not re.match(r"^[0-9a-f]{64}$", digest.lower()):
        raise bad_input(where + ".sha256", digest, "64 hexadecimal digits", "Take it from `sha256sum` of the archive you trust.")
    strip, keep = _number(where + ".strip", given.get("strip", 0), 0), _number(where + ".keep", given.get("keep", 3), 1)
    binary = _binary(where + ".binary", given.get("binary"), name)
    signature, key = _signature(where + ".signature", given.get("signature"))
    more = {"binary": binary, "signature": signature, "key": key, "link": given.get("link", True), "place": place(given)}
    return Release(name, version, url, digest.lower(), strip, keep, **more)


def _binary(where: str, value: Any, name: str) -> str:
    if value in (None, False):
        return ""
    if value is True:
        return name
    if not isinstance(value, str) or not WORD.match(value):
        raise bad_input(where, value, "true or the name of the program", "Leave it out where the release is an archive.")
    return value


def _signature(where: str, value: Any) -> Tuple[str, str]:
    """Return address and key of a signature."""
    if value is None:
        return "", ""
    if not isinstance(value, dict):
        raise bad_input(where, value, "a mapping of %s" % " and ".join(SIGNATURE_OPTIONS), "Write {url: …, key: …}.")
    refuse_unknown_options(where, value, SIGNATURE_OPTIONS)
    url, key = str(value.get("url") or ""), str(value.get("key") or "")
    if not url.startswith(("https://", "http://")):
        raise bad_input(where + ".url", url, "https:// or http://", "Give the address of the detached signature (.asc or .sig).")
    if "BEGIN PGP PUBLIC KEY BLOCK" not in key:
        raise bad_input(where + ".key", key[:40], "an armoured OpenPGP public key", "Take the output of gpg --armor --export.")
    return url, key


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


def previous(installed: Installed) -> str:
    """Return the version that was installed before the current one, empty where there is none."""
    names = [version for version, _digest in installed.versions]
    if installed.current in names:
        return (["", *names])[names.index(installed.current)]
    return names[-1] if names else ""


def found_version(release: Release, installed: Installed) -> Release:
    """Return a release that is to be there already with its version. Raises BadInput where it is not there."""
    names = [version for version, _digest in installed.versions]
    version = release.version or previous(installed)
    if version not in names:
        expected = "one of those on this host: %s" % (", ".join(names) or "none")
        now = "%s is in use. " % installed.current if installed.current else ""
        remedy = "%sDeploy the version that you want; only the last `keep` stay on the host." % now
        raise bad_input(release.where + ".version", release.version or "the one before", expected, remedy)
    return dataclasses.replace(release, version=version, keep=len(names))


def decide(release: Release, installed: Installed, phase: str = "all") -> Steps:
    """Decide what has to happen; the versions kept are the newest, the wanted one always among them.

    phase: install fetches and unpacks, switch puts it into use, prune drops what is too old once the new one is proven; all is the three.
    """
    if release.state == "absent":
        return Steps(remove=installed.exists)
    have = dict(installed.versions)
    unpack = phase in ("all", "install") and not release.installed and have.get(release.version) != release.sha256
    switch = phase in ("all", "switch") and release.link and installed.current != release.version
    others = [version for version, _digest in installed.versions if version != release.version] if phase in ("all", "prune") else []
    surplus = others[: max(len(others) - (release.keep - 1), 0)]
    used = {*installed.linked, *([] if release.link else [installed.current])}
    return Steps(unpack=unpack, switch=switch, prune=tuple(version for version in surplus if version not in used))


def changed_files(base: str, release: Release, steps: Steps, installed: Installed) -> List[str]:
    """Return what whoever runs a release watches: the link, or the note of the checksum where the link is another's."""
    if not release.link:
        return [mark_of(base, release.name, release.version)] if steps.unpack else []
    changes = steps.switch or (steps.unpack and installed.current == release.version)
    return [os.path.join(home(base, release.name), "current")] if changes else []


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
