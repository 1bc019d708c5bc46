# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Package repositories as one deb822 file in which each carries its own key, checked against a pinned fingerprint."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import openpgp
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name

FIELDS = ("uris", "suites", "components", "key", "fingerprint", "architectures", "enabled")
NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
URI = re.compile(r"^(https?|file|copy|ftp|mirror|cdrom|tor\+https?)://?\S+$|^(file|copy):/\S+$")
FINGERPRINT = re.compile(r"^([0-9A-F]{40}|[0-9A-F]{64})$")

ReadText = Callable[[str], str]


def words(where: str, value: Any) -> list[str]:
    """Return a list of words from a list or one text. Raises BadInput for a word that would break the file's format."""
    given = value.split() if isinstance(value, str) else value
    if not isinstance(given, (list, tuple)) or not all(isinstance(word, str) and re.match(r"^[\x21-\x7e]+$", word) for word in given):
        raise bad_input(where, value, "a text or a list of words without spaces", "Write it as in a line of sources.list.")
    return list(given)


def pinned(where: str, value: Any) -> list[str]:
    """Return the pinned fingerprints in apt's form. Raises BadInput for anything shorter than a whole fingerprint."""
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, (list, tuple)) or not given:
        remedy = "Take it from the publisher's site, not from the key."
        raise bad_input(where, value, "the full fingerprint of the repository's key", remedy)
    found = [str(item).replace(" ", "").upper().removeprefix("0X") for item in given]
    for item in found:
        if not FINGERPRINT.match(item):
            raise bad_input(where, item, "a full fingerprint of 40 or 64 hexadecimal digits", "A short key id can be forged.")
    return found


def checked_key(where: str, repository: Mapping[str, Any], read_text: ReadText) -> str:
    """Return the armored key, after each primary key in it was found among the pinned ones. Raises BadInput."""
    key = repository.get("key")
    if not isinstance(key, str) or not key.strip():
        expected_key = "an armored public key, or the path of one on the controller"
        raise bad_input(f"{where}.key", key, expected_key, "Unsigned repositories are refused.")
    expected = pinned(f"{where}.fingerprint", repository.get("fingerprint"))
    text = key if "-----BEGIN PGP" in key else read_text(key)
    shown = key.strip().splitlines()[0]
    try:
        found = openpgp.fingerprints(text)
    except openpgp.NotAKey as error:
        raise bad_input(f"{where}.key", shown, "an armored OpenPGP public key", f"This is not one: {error}.") from error
    for fingerprint in found:
        if fingerprint not in expected:
            remedy = f"The key's fingerprint is {fingerprint}. Ask the publisher which one is right; do not just copy it."
            raise bad_input(f"{where}.fingerprint", " ".join(expected), "the fingerprint of every key in the block", remedy)
    return text


def stanza(name: str, repository: Any, read_text: ReadText) -> str:
    """Return one repository's stanza. Raises BadInput naming the field that does not fit."""
    where = f"packages_repositories[{name!r}]"
    if not NAME.match(name):
        raise bad_input("packages_repositories", name, "a name of letters, digits, dots, dashes and underscores", "Rename it.")
    if not isinstance(repository, Mapping):
        raise bad_input(where, repository, f"a mapping with {', '.join(FIELDS)}", "See the role's README.")
    for field in repository:
        if field not in FIELDS:
            raise unknown_name("field", where, field, FIELDS)
    uris, suites = (words(f"{where}.{field}", repository.get(field) or []) for field in ("uris", "suites"))
    components = words(f"{where}.components", repository.get("components") or [])
    for uri in uris:
        if not URI.match(uri):
            raise bad_input(f"{where}.uris", uri, "an address such as https://packages.example.org/debian", "Give its scheme.")
    if not uris or not suites:
        raise bad_input(where, sorted(repository), "at least uris and suites", "Take them from the publisher's line for sources.list.")
    flat = [suite.endswith("/") for suite in suites]
    if any(flat) == bool(components) or all(flat) != any(flat):
        remedy = "A suite such as bookworm needs components; a suite that ends in '/' is a directory and has none."
        raise bad_input(f"{where}.components", components, "components that fit the suites", remedy)
    lines = [f"# {name}", "Types: deb", f"URIs: {' '.join(uris)}", f"Suites: {' '.join(suites)}"]
    if components:
        lines.append(f"Components: {' '.join(components)}")
    if repository.get("architectures"):
        lines.append(f"Architectures: {' '.join(words(f'{where}.architectures', repository['architectures']))}")
    if repository.get("enabled") is False:
        lines.append("Enabled: no")
    key = checked_key(where, repository, read_text)
    block = "\n".join(match.group(0) for match in openpgp.ARMOR.finditer(key))
    lines.append("Signed-By:")
    lines += [f" {line.strip() or '.'}" for line in block.splitlines()]
    return "\n".join(lines) + "\n"


def sources(repositories: Mapping[str, Any], read_text: ReadText) -> str:
    """Return the content of the .sources file for all repositories. Raises BadInput."""
    return "\n".join(stanza(name, repositories[name], read_text) for name in sorted(repositories))
