# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""References to secrets: `secret://backend/path#field?option=value&…`."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput, bad_input

SCHEME = "secret://"
SHAPE = "secret://backend/path#field?option=value"

_BACKEND = re.compile(r"[a-z][a-z0-9_]*")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_OPTION = re.compile(r"&[a-z_]+=")
_NOT_ALLOWED = re.compile(r"[\s\x00-\x1f\x7f]")


@dataclasses.dataclass(frozen=True)
class SecretReference:
    """Where a secret is; never the secret."""

    backend: str
    path: str
    field: str | None = None
    options: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def __hash__(self) -> int:
        """References that are equal have the same; the options count, in any order."""
        return hash((self.backend, self.path, self.field, frozenset(self.options.items())))

    def __str__(self) -> str:
        """Return the reference as a user would write it."""
        text = "%s%s/%s" % (SCHEME, self.backend, quote(self.path, safe="/"))
        if self.field is not None:
            text += "#" + quote(self.field, safe="")
        if self.options:
            pairs = ["%s=%s" % (quote(key, safe=""), quote(value, safe="")) for key, value in self.options.items()]
            text += "?" + "&".join(pairs)
        return text


def is_reference(value: object) -> bool:
    """Return whether `value` is meant as a reference."""
    return isinstance(value, str) and value.startswith(SCHEME)


def texts(value: object, where: str) -> Iterator[tuple[str, str]]:
    """Yield (place, text) for each text anywhere in `value`."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for key in value:
            yield from texts(value[key], "%s.%s" % (where, key))
    elif isinstance(value, (list, tuple)):
        for number, one in enumerate(value):
            yield from texts(one, "%s[%d]" % (where, number))


def references(value: object, where: str) -> Iterator[tuple[str, str]]:
    """Yield (place, text) for each reference anywhere in `value`."""
    return ((place, str(text)) for place, text in texts(value, where) if is_reference(text))


def present(value: Any) -> Any:
    """Return a value without the mappings in it that are declared absent."""
    if isinstance(value, Mapping):
        return {} if value.get("state") == "absent" else {key: present(value[key]) for key in value}
    if isinstance(value, (list, tuple)):
        return [present(one) for one in value]
    return value


def as_text(value: bytes) -> str | None:
    """Return a secret as text, None where it is none."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def replaced(value: Any, found: Mapping[str, str | None]) -> Any:
    """Return a value with the references in it replaced. found: reference to secret; None leaves the reference, as `state: absent` does."""
    if is_reference(value):
        secret = found.get(str(value))
        return value if secret is None else secret
    if isinstance(value, Mapping):
        return value if value.get("state") == "absent" else {key: replaced(value[key], found) for key in value}
    if isinstance(value, (list, tuple)):
        return [replaced(one, found) for one in value]
    return value


def parse(text: str, where: str = "reference") -> SecretReference:
    """Return what `text` refers to. An error marks the place with «»."""
    if not text.startswith(SCHEME):
        raise _error(where, text, 0, "it does not begin with %s" % SCHEME)
    unwanted = _NOT_ALLOWED.search(text)
    if unwanted:
        raise _error(where, text, unwanted.start(), "white space has to be written as %20")
    broken = _BROKEN_ESCAPE.search(text)
    if broken:
        raise _error(where, text, broken.start(), "% has to be written as %25")
    backend = _BACKEND.match(text, len(SCHEME))
    if backend is None:
        raise _error(where, text, len(SCHEME), "the name of a backend is small letters, digits and _")
    end = backend.end()
    if text[end : end + 1] != "/":
        raise _error(where, text, end, "the name of the backend is followed by / and a path")
    path_end, field_end = _ends(text, end + 1)
    option = _OPTION.search(text, end + 1, field_end)
    if option:
        raise _error(
            where, text, option.start(), "the first option stands behind ?, here none does (an & of a path has to be written as %26)"
        )
    if field_end < len(text) and "#" in text[field_end:]:
        raise _error(where, text, text.index("#", field_end), "#field stands before ?options")
    return SecretReference(
        backend=backend.group(),
        path=_path(text, end + 1, path_end, where),
        field=_field(text, path_end, field_end, where),
        options=_options(text, field_end, where),
    )


def _ends(text: str, start: int) -> tuple[int, int]:
    """Return where the path ends and where the field ends (and the options begin)."""
    question = text.find("?", start)
    field_end = question if question >= 0 else len(text)
    sharp = text.find("#", start, field_end)
    return (sharp if sharp >= 0 else field_end), field_end


def _path(text: str, start: int, end: int, where: str) -> str:
    position = start
    for segment in text[start:end].split("/"):
        if not segment:
            raise _error(where, text, position, "a part of the path is empty")
        if unquote(segment) in (".", "..") or "/" in unquote(segment):
            raise _error(where, text, position, "the path may not leave its place")
        position += len(segment) + 1
    return unquote(text[start:end])


def _field(text: str, start: int, end: int, where: str) -> str | None:
    if start == end:
        return None
    name = unquote(text[start + 1 : end])
    if not name:
        raise _error(where, text, start, "# is followed by the name of a field")
    if "#" in text[start + 1 : end]:
        raise _error(where, text, text.index("#", start + 1), "a second # has to be written as %23")
    return name


def _options(text: str, start: int, where: str) -> dict[str, str]:
    options: dict[str, str] = {}
    position = start + 1
    for pair in text[start + 1 :].split("&") if start < len(text) else []:
        key, equals, value = pair.partition("=")
        if not key or not equals:
            raise _error(where, text, position, "an option is written as name=value")
        if unquote(key) in options:
            raise _error(where, text, position, "this option is given twice")
        options[unquote(key)] = unquote(value)
        position += len(pair) + 1
    return options


def _error(where: str, text: str, position: int, reason: str) -> BadInput:
    marked = "%s«%s»%s" % (text[:position], text[position : position + 1], text[position + 1 :])
    remedy = "At character %d, %s: %s" % (position + 1, marked, reason)
    return bad_input(where, text, SHAPE, remedy + ".")
