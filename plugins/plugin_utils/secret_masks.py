# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is never to be seen: the values of secrets, in every form in which an output may have them."""

from __future__ import annotations

import base64
import dataclasses
import html
import json
import shlex
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

MASK = "********"
SHORTEST = 4  # characters; what is shorter stands in nearly every output by chance
FEW = 100  # forms; a secret has about ten
SHORTEST_LINE = 12  # characters; of a secret of several lines, each of these is one of its own


def forms(value: bytes) -> set[str]:
    """Return the texts that give a secret away: itself, in base64 (wherever it begins in what is encoded), and written for a URL,
    JSON, Python, a shell or HTML. Empty for one that is too short to be told from other text.
    """
    found = {form for text in _texts(value) for form in _written(text)}
    if len(value.strip()) >= SHORTEST:
        found |= set(_encoded(value)) | set(_encoded(value.strip())) | {value.hex(), value.hex().upper()}
    return {form for form in found if len(form) >= SHORTEST}


def _texts(value: bytes) -> set[str]:
    """Return the secret as text, without the white space around it, and its lines where they are long enough to be told."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return set()
    lines = [line.strip() for line in text.splitlines()]
    found = {text, text.strip()}
    if len(lines) > 1:
        # The first and last line of a key in PEM are no secret, and stand in what explains it.
        found |= {line for line in lines if len(line) >= SHORTEST_LINE and not line.startswith("-----")}
    return {one for one in found if len(one.strip()) >= SHORTEST}


def _written(text: str) -> Iterable[str]:
    yield text
    for quoted in (urllib.parse.quote(text, safe=""), urllib.parse.quote(text), urllib.parse.quote_plus(text)):
        yield quoted
        yield _small_escapes(quoted)
    for ascii_only in (True, False):
        escaped = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield escaped
        yield json.dumps(escaped, ensure_ascii=ascii_only)[1:-1]  # JSON within JSON: a result that is an argument
    yield repr(text)[1:-1]
    yield text.replace("\\", "\\\\").replace("'", "\\'")
    yield text.replace("'", "''")  # YAML
    quoted = shlex.quote(text)
    yield quoted[1:-1] if quoted.startswith("'") and quoted != text else quoted
    yield html.escape(text)
    yield html.escape(text, quote=False)


def _small_escapes(quoted: str) -> str:
    """Return percent escapes in small letters."""
    head, *rest = quoted.split("%")
    return head + "".join("%" + part[:2].lower() + part[2:] for part in rest)


def _encoded(value: bytes) -> Iterable[str]:
    """Yield what stands in a base64 text wherever the secret begins in what was encoded; the characters it shares with others left out."""
    yield base64.b64encode(value).decode()
    yield base64.urlsafe_b64encode(value).decode()
    for offset in range(3):
        first = -(-offset * 8 // 6)  # characters that have bits of what stands before
        last = (offset + len(value)) * 8 // 6  # where those begin that have bits of what comes after
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            piece = encode(bytes(offset) + value).decode()[first:last]
            if len(piece) >= 6:
                yield piece


class Masks:
    """The secrets of a run, as far as this process knows of them."""

    def __init__(self) -> None:
        self.values: set[bytes] = set()
        self._forms: set[str] = set()
        self._begins: dict[str, list[str]] = {}  # the first SHORTEST characters of forms to those that begin so, the longest first

    def forget(self) -> None:
        """Know of no secret any more: for tests."""
        self.values, self._forms, self._begins = set(), set(), {}

    def add(self, values: Iterable[bytes]) -> set[bytes]:
        """Take in secrets and return those that are new."""
        fresh = {value for value in values if value not in self.values}
        self.values |= fresh
        for form in set().union(*(forms(value) for value in fresh)) - self._forms:
            self._forms.add(form)
            same = self._begins.setdefault(form[:SHORTEST], [])
            same.append(form)
            same.sort(key=len, reverse=True)
        return fresh

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where forms stand, from left to right, the longest at each place."""
        begins = self._begins
        for start in range(len(text) - SHORTEST + 1):
            for form in begins.get(text[start : start + SHORTEST], ()):
                if text.startswith(form, start):
                    yield start, start + len(form)
                    break

    def _occurs(self, text: str) -> bool:
        if len(self._forms) <= FEW:  # one look for each of a few is quicker than one look at each place
            return any(form in text for form in self._forms)
        return next(self._spans(text), None) is not None

    def text(self, text: str) -> str:
        """Return a text with every secret masked, those that overlap by one mask."""
        if not self._occurs(text):
            return text
        found: list[str] = []
        shown = 0  # where what is to be shown next begins
        for start, end in self._spans(text):
            if start >= shown:
                found += [text[shown:start], MASK]
            shown = max(shown, end)
        return "".join([*found, text[shown:]])

    def holds(self, content: bytes) -> bool:
        """Tell whether content has a secret in it as it is."""
        return any(value in content for value in self.values if len(value) >= SHORTEST)

    def value(self, value: Any) -> Any:
        """Return a value with every secret in it masked; the very value where there is none."""
        return self._masked(value) if self.touches(value) else value

    def touches(self, value: Any) -> bool:
        """Tell whether there is a secret in a value."""
        if not self._forms:
            return False
        pieces: list[str] = []
        _collect(value, pieces)
        return self._occurs("\0".join(pieces))

    def _masked(self, value: Any) -> Any:
        if isinstance(value, str):
            found = self.text(value)
            return value if found == value else found
        if isinstance(value, bytes):
            return self.text(value.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        if isinstance(value, Mapping):
            return {self._masked(key): self._masked(one) for key, one in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            found_items = [self._masked(one) for one in value]
            return found_items if isinstance(value, list) or type(value) not in (tuple, set, frozenset) else type(value)(found_items)
        if isinstance(value, int) and not isinstance(value, bool) and str(value) in self._forms:
            return MASK
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            given = {one.name: getattr(value, one.name) for one in dataclasses.fields(value) if one.init}
            return dataclasses.replace(value, **{name: self._masked(one) for name, one in given.items()})
        return value


def _collect(value: Any, pieces: list[str]) -> None:
    """Gather every text in a value."""
    if isinstance(value, str):
        pieces.append(value)
    elif isinstance(value, bytes):
        pieces.append(value.decode("utf-8", "surrogateescape"))
    elif isinstance(value, Mapping):
        for key, one in value.items():
            _collect(key, pieces)
            _collect(one, pieces)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for one in value:
            _collect(one, pieces)
    elif isinstance(value, int) and not isinstance(value, bool):
        pieces.append(str(value))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            _collect(getattr(value, field.name), pieces)
