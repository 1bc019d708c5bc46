# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The versions that a secret has while it is rotated, each kept beside it: `?rotation=next`, `previous`, or all that are `accepted`.

The next one is written first, then the current one becomes the previous one and the next one the current one. So there is no moment at
which the only valid value is not in the backend. Between two rotations both others are overwritten, and the current one stands for them.
"""

from __future__ import annotations

import dataclasses

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import unknown_name
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference

OPTION = "rotation"
NEXT, PREVIOUS, ACCEPTED = "next", "previous", "accepted"
KINDS = (NEXT, PREVIOUS, ACCEPTED)
#: What a version that is no longer valid is overwritten with: no backend deletes, and what it has then counts as not there.
RETIRED = b"groundwork.fleet: retired"


def checked(reference: SecretReference, where: str) -> None:
    """Raise BadInput for a version that there is not."""
    kind = reference.options.get(OPTION)
    if kind is not None and kind not in KINDS:
        raise unknown_name("version of a secret in rotation", "%s of %s" % (OPTION, where), kind, KINDS)


def accepts(reference: SecretReference) -> bool:
    """Tell whether a reference is of the side that lets in, which has to know the new version before anybody uses it."""
    return OPTION in reference.options


def current(reference: SecretReference) -> SecretReference:
    """Return the reference to the version in use."""
    return dataclasses.replace(reference, options={key: value for key, value in reference.options.items() if key != OPTION})


def of(reference: SecretReference, kind: str) -> SecretReference:
    """Return the reference to another version; an empty kind is the version in use."""
    if not kind:
        return current(reference)
    return dataclasses.replace(reference, options={**reference.options, OPTION: kind})


def place(reference: SecretReference) -> SecretReference:
    """Return where a version is kept: the next and the previous one stand beside the current one, under its name and a suffix."""
    kind, plain = reference.options.get(OPTION), current(reference)
    if kind not in (NEXT, PREVIOUS):
        return plain
    if plain.field is not None:
        return dataclasses.replace(plain, field="%s-%s" % (plain.field, kind))
    return dataclasses.replace(plain, path="%s-%s" % (plain.path, kind))


def expanded(reference: SecretReference) -> list[SecretReference]:
    """Return the versions that a reference asks for; of those that are accepted the current one first."""
    if reference.options.get(OPTION) != ACCEPTED:
        return [reference]
    return [current(reference), of(reference, NEXT), of(reference, PREVIOUS)]


def joined(values: list[bytes]) -> bytes:
    """Return the versions that are accepted as one text, each once, a line each unless it has several itself."""
    return b"\n".join(value.strip(b"\n") for value in dict.fromkeys(values))
