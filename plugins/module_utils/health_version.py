# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Orders the versions of packages and servers, as dpkg does (deb-version(7)); rpm's are of the same form."""

from __future__ import annotations

import re
from typing import Any, Tuple


def _rank(letter: str) -> int:
    """Return where a character stands: a tilde before the end, letters before all others."""
    return -1 if letter == "~" else ord(letter) if letter.isalpha() else ord(letter) + 0x110000


def _order(part: str) -> Tuple[Any, ...]:
    """Return what sorts like this part: texts and numbers in turn, each text with its end."""
    found = re.findall(r"(\D*)(\d*)", part)
    return tuple(item for text, number in found for item in ((*map(_rank, text), 0), int(number or 0)))


class Version:
    """A version. Its epoch and its revision count only where the other one has them too: 9.2 is also 1:9.2-2."""

    def __init__(self, text: str) -> None:
        """Take it apart."""
        self.text = text
        epoch, colon, rest = text.partition(":")
        self.epoch = epoch if colon and epoch.isdigit() else ""
        main, _dash, revision = (rest if self.epoch else text).rpartition("-")
        self.main, self.revision = (main, revision) if main else (revision, "")

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return repr(self.text)

    def _compared(self, other: Version) -> int:
        sides: Tuple[Any, Any] = ((), ())
        for mine, theirs, optional in (
            (self.epoch, other.epoch, True),
            (self.main, other.main, False),
            (self.revision, other.revision, True),
        ):
            if not optional or (mine and theirs):
                sides = ((*sides[0], _order(mine)), (*sides[1], _order(theirs)))
        return int(sides[0] > sides[1]) - int(sides[0] < sides[1])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._compared(other) == 0

    __hash__ = None  # type: ignore[assignment]  # two that are equal may be written differently

    def __lt__(self, other: Version) -> bool:
        return self._compared(other) < 0

    def __le__(self, other: Version) -> bool:
        return self._compared(other) <= 0

    def __gt__(self, other: Version) -> bool:
        return self._compared(other) > 0

    def __ge__(self, other: Version) -> bool:
        return self._compared(other) >= 0
