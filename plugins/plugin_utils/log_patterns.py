# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Regular expressions of the log shipping: what the engines can run, and what must not stand in a log."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input, unknown_name

#: What is redacted by name, as POSIX extended regular expressions (regex(7)).
REDACTIONS = {
    "secrets": (
        r"([Pp]assw(or)?d|[Pp]assphrase|[Ss]ecret|[Tt]oken|[Aa][Pp][Ii][-_]?[Kk]ey|[Aa]ccess[-_]?[Kk]ey)[\"']?[ ]*[=:][ ]*"
        r"[\"']?[^ \"'&,;]+",
        r"([Bb]earer|[Bb]asic) [A-Za-z0-9._~+/-]{8,}=*",
        r"[a-z][a-z0-9+.-]*://[^/:@ ]*:[^@/ ]+@",
        r"(AKIA|ASIA)[A-Z0-9]{16}",
        r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----[^ ]*",
    ),
    "mail": (r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}",),
    "card_numbers": (
        r"(4[0-9]{3}|5[1-5][0-9]{2}|2[2-7][0-9]{2}|6(011|5[0-9]{2}))[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}",
        r"3[47][0-9]{2}[ -]?[0-9]{6}[ -]?[0-9]{5}",
    ),
}

#: Times as logs have them; a redaction that takes one of them would leave lines without their time.
TIMES = (
    "2026-11-26T10:38:06.123456+00:00",
    "2026-11-26 10:38:06,123",
    "Nov 26 10:38:06",
    "26/Nov/2026:10:38:06 +0000",
    "1795690035.329512",
    "1795690035329",
)

#: What Perl and Python understand and POSIX does not, with what to write instead.
_FOREIGN = (
    (r"\\d", "[0-9]"),
    (r"\\D", "[^0-9]"),
    (r"\(\?", "(…), a group without a question mark, or two flows"),
    (r"(?<!\\)[*+?}]\?", "[^x]* up to a letter x"),
    (r"(?<!\\)[*+?}]\+", "a plain repetition"),
    (r"\\[AZzGpPkxu]", "^ and $, or the letters themselves"),
)


def checked(where: str, pattern: Any) -> str:
    """Return a regular expression that every engine can run. Raises BadInput, where: the option."""
    if not isinstance(pattern, str) or not pattern:
        raise bad_input(where, pattern, "a regular expression", "Write it in single quotes.")
    if "\n" in pattern or "\0" in pattern:
        raise bad_input(where, pattern, "a regular expression of one line", "A line of a log has no line feed.")
    for foreign, instead in _FOREIGN:
        found = re.search(foreign, pattern)
        if found:
            remedy = "Write %s instead of %s." % (instead, found[0])
            raise bad_input(where, pattern, "a POSIX extended regular expression (regex(7))", remedy)
    try:
        re.compile(_as_python(pattern))
    except re.error as error:
        raise bad_input(where, pattern, "a regular expression that compiles", "It does not: %s." % error) from error
    return pattern


def groups(pattern: str) -> int:
    """Return how many groups a pattern has that `checked` has let pass."""
    return re.compile(_as_python(pattern)).groups


def _as_python(pattern: str) -> str:
    """Return the pattern for Python's re, which has no [[:classes:]]."""
    classes = {"alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z", "space": r"\s", "punct": r"!-/:-@"}
    classes |= {"xdigit": "0-9A-Fa-f", "blank": " \t", "word": r"\w"}
    return re.sub(r"\[:(\w+):\]", lambda found: classes.get(found[1], found[0]), pattern)


def redaction(where: str, given: Any) -> list[str]:
    """Return the patterns of one entry of `redact`: a name, or a pattern of one's own. Raises BadInput.

    A pattern that fits nothing at all, or that would take the time out of a line, is refused.
    """
    if isinstance(given, str) and given in REDACTIONS:
        return list(REDACTIONS[given])
    if isinstance(given, str) and re.fullmatch(r"[a-z_]+", given):
        raise unknown_name("redaction", where, given, REDACTIONS)
    if isinstance(given, dict):
        given = given.get("matches")
    pattern = checked(where, given)
    compiled = re.compile(_as_python(pattern))
    if compiled.search(""):
        raise bad_input(where, pattern, "a pattern that does not fit the empty text", "It would redact nothing, everywhere: use + for *.")
    for text in TIMES:
        if compiled.search(text):
            remedy = "It fits %r, so lines would lose their time: make it say what stands around the secret." % text
            raise bad_input(where, pattern, "a pattern that leaves the time of a line alone", remedy)
    return [pattern]


def redacted(text: str, patterns: Iterable[str], instead: str = "[redacted]") -> str:
    """Return a text as the engines leave it; for tests and for trying out."""
    for pattern in patterns:
        text = re.sub(_as_python(pattern), lambda _found: instead, text)
    return text
