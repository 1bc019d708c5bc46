# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of container engines, known by their digest: what is wanted, and what an engine's answers mean. No program is run here."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any, Dict, Iterable, List, Mapping, Set

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, refuse_unknown_options, unknown_name

OPTIONS = ("image", "engine", "archive", "state")
ARCHIVE_OPTIONS = ("url", "sha256")
ENGINES = ("podman", "docker")
OURS = "localhost/groundwork"  # where the names that this collection gives begin
KEPT = 2  # images of a service: the one it runs and the one before
DIGEST = re.compile(r"^[0-9a-f]{64}$")
REFERENCE = re.compile(r"^[a-z0-9][A-Za-z0-9._/:-]*@sha256:[0-9a-f]{64}$")
LOADED = re.compile(r"^Loaded image(?:\(s\)| ID)?: (.+)$", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Image:
    """One image as the caller wants it.

    name: of the service. reference: name@sha256:digest. url, sha256: of an archive, empty without one.
    """

    name: str
    reference: str = ""
    engine: str = "podman"
    url: str = ""
    sha256: str = ""
    state: str = "present"

    @property
    def digest(self) -> str:
        """Return the digest, without what begins it."""
        return self.reference.rpartition("@sha256:")[2]

    @property
    def tag(self) -> str:
        """Return the name under which the host is to know it."""
        return tag_of(self.name, self.reference)

    @property
    def remote(self) -> bool:
        """True where the host fetches the archive itself, False where the controller has it."""
        return self.url.startswith(("https://", "http://"))


def repository_of(name: str) -> str:
    """Return the repository of a service's images on the host."""
    return "%s/%s" % (OURS, name)


def tag_of(name: str, reference: str) -> str:
    """Return the name that an image of a service gets on the host once its digest was compared."""
    return "%s:%s" % (repository_of(name), reference.rpartition("@sha256:")[2][:12])


def wanted(images: Mapping[str, Any], state: str = "present") -> List[Image]:
    """Check the option `images`. Raises BadInput."""
    return [_image(str(name), options, state) for name, options in images.items()]


def _image(name: str, options: Any, state: str) -> Image:
    where = "images[%r]" % name
    if not isinstance(options, Mapping):
        raise bad_input(where, options, "a mapping of %s" % ", ".join(OPTIONS), "Write {image: name@sha256:...}.")
    refuse_unknown_options(where, options, OPTIONS)
    own_state = "absent" if state == "absent" else options.get("state") or "present"
    if own_state not in ("present", "absent"):
        raise bad_input(where + ".state", own_state, "present or absent", "Leave it out for present.")
    if own_state == "absent":
        return Image(name, state="absent")
    reference = options.get("image")
    if not isinstance(reference, str) or not REFERENCE.match(reference):
        remedy = "A tag may mean another image tomorrow: take the digest that the registry names."
        raise bad_input(where + ".image", reference, "name@sha256: and 64 hexadecimal digits", remedy)
    engine = options.get("engine") or "podman"
    if engine not in ENGINES:
        raise unknown_name("container engine", where + ".engine", str(engine), ENGINES)
    return Image(name, reference, engine, **_archive(where + ".archive", options.get("archive")))


def _archive(where: str, given: Any) -> Dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise bad_input(where, given, "a mapping of url and sha256", "Write {url: ..., sha256: ...}.")
    refuse_unknown_options(where, given, ARCHIVE_OPTIONS)
    url, digest = str(given.get("url") or ""), str(given.get("sha256") or "").lower()
    if not url or ("://" in url and not url.startswith(("https://", "http://", "file://"))):
        raise bad_input(where + ".url", url, "https://, http://, file:// or a path on the controller", "Correct the address.")
    if not DIGEST.match(digest):
        raise bad_input(where + ".sha256", digest, "64 hexadecimal digits", "Take it from `sha256sum` of the archive you trust.")
    return {"url": url, "sha256": digest}


def inspected(text: str) -> Dict[str, Any]:
    """Return the first image of what `image inspect` says, empty for none."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return dict(found[0]) if isinstance(found, list) and found and isinstance(found[0], dict) else {}


def digests(image: Mapping[str, Any]) -> Set[str]:
    """Return every digest under which an image is known: of its configuration (its id), its manifest, and where it came from."""
    known = [str(image.get("Id") or ""), str(image.get("Digest") or ""), *map(str, image.get("RepoDigests") or ())]
    return {text.rpartition(":")[2] for text in known if DIGEST.match(text.rpartition(":")[2])}


def loaded(text: str) -> List[str]:
    """Return the names or ids of what `load` says it has loaded."""
    return [name.strip() for line in LOADED.findall(text) for name in line.split(",") if name.strip()]


def surplus(tags: Iterable[str], wanted_tag: str) -> List[str]:
    """Return which of a service's images are too old to stay. tags: the newest first, as the engine lists them."""
    others = [tag for tag in tags if tag != wanted_tag]
    return others[KEPT - 1 :]


def described(image: Image, here: bool) -> str:
    """Lay an image out as text for a diff."""
    return "%s: %s\n" % (image.name, image.reference) if here and image.reference else ""
