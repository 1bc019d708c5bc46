# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import re

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_lines
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from hypothesis import given
from hypothesis import strategies as st

HEAD = b'<14>1 2026-11-26T10:00:00.000001+00:00 web-1 nginx 7 - [received@32473 time="2026-11-26T10:00:01.5+00:00" from="192.0.2.1"]'
NOW = datetime.datetime(2026, 11, 26, 10, tzinfo=datetime.UTC).timestamp()
TOKENS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


def escaped(value: str) -> str:
    return re.sub(r'(["\\\]])', r"\\\1", value)


def test_a_line_is_taken_apart() -> None:
    found = log_lines.parse(HEAD + b'[groundwork@32473 environment="a\\]b"] GET /: 200\n')
    assert found and (found.host, found.program, found.process, found.identifier) == (b"web-1", b"nginx", b"7", b"-")
    assert found.priority == 14 and found.message == b"GET /: 200"
    assert log_lines.labels(found.structured)["groundwork@32473"] == {"environment": "a]b"}


@given(TOKENS, TOKENS, TOKENS, st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), VALUES, max_size=4), VALUES)
def test_whatever_a_sender_says_comes_back_as_it_was(host: str, program: str, process: str, labels: dict[str, str], message: str) -> None:
    element = "".join(' %s="%s"' % (key, escaped(value)) for key, value in labels.items())
    line = "<13>1 2026-11-26T10:00:00.000001+00:00 %s %s %s - [x@1%s] %s\n" % (host, program, process, element, message)
    found = log_lines.parse(line.encode())
    assert found and [one.decode() for one in (found.host, found.program, found.process)] == [host, program, process]
    assert log_lines.labels(found.structured) == {"x@1": labels} and found.message.decode() == message


@given(st.binary(max_size=200))
def test_no_bytes_break_the_parser(text: bytes) -> None:
    log_lines.parse(text)
    log_lines.parse(HEAD + text)
    assert log_lines.stamp(HEAD + text) == b"2026-11-26T10:00:00.000001"
    log_lines.stamp(text)
    log_lines.received(text)
    log_lines.labels(text)


def test_a_sender_cannot_say_when_its_line_was_received() -> None:
    line = HEAD + b'[received@32473 time="1999-01-01T00:00:00+00:00" from="198.51.100.1"] x'
    assert log_lines.received(line) == b"2026-11-26T10:00:01.5+00:0"
    parts = log_lines.parse(line)
    assert parts and log_lines.labels(parts.structured)["received@32473"]["from"] == "192.0.2.1"


@pytest.mark.parametrize("priority", ["0", "14", "191"])
def test_a_time_is_found_behind_every_priority(priority: str) -> None:
    assert log_lines.stamp(("<%s>1 2026-11-26T10:00:00.000001+00:00 a b - - - x" % priority).encode()) == b"2026-11-26T10:00:00.000001"


@pytest.mark.parametrize("line", [b"", b"x", b"<14>1 ", b"2026-11-26T10:00:00+00:00 host program: old form", b"<14>1 - a b - - - x"])
def test_what_has_no_time_has_none(line: bytes) -> None:
    assert log_lines.stamp(line) == b""


@given(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40), st.integers(1, 10**9))
def test_the_name_of_a_closed_file_tells_what_it_was_made_of(program: str, number: int) -> None:
    name = log_lines.archive_name(program, b"2026-11-26T10:00:00.5", b"2026-11-27T00:00:00.1", number)
    if "\n" not in program:
        assert log_lines.archive(name) == (program, "20261126T100000", "20261127T000000", number)


def test_a_file_that_is_written_to_is_no_closed_one() -> None:
    assert log_lines.archive("nginx.20261126T100000-20261126T100000.1.log") is None
    assert log_lines.archive("nginx.log.gz") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-26", b"2026-11-26T00:00:00.000000"),
        ("2026-11-26 09:30", b"2026-11-26T09:30:00.000000"),
        ("2026-11-26T09:30:01Z", b"2026-11-26T09:30:01.000000"),
        ("2026-11-26T09:30:01+01:00", b"2026-11-26T08:30:01.000000"),
        ("now", b"2026-11-26T10:00:00.000000"),
        ("today", b"2026-11-26T00:00:00.000000"),
        ("yesterday", b"2026-11-25T00:00:00.000000"),
        ("15m", b"2026-11-26T09:45:00.000000"),
        ("2h ago", b"2026-11-26T08:00:00.000000"),
        ("-3d", b"2026-11-23T10:00:00.000000"),
        ("1 week", b"2026-11-19T10:00:00.000000"),
    ],
)
def test_moments_as_people_write_them(text: str, expected: bytes) -> None:
    assert log_lines.moment(text, "--since", NOW) == expected


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "99999999999w", "5y"])
def test_what_is_no_moment_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadInput, match=r"--since is .*expected a moment such as"):
        log_lines.moment(text, "--since", NOW)


@given(st.text(max_size=20))
def test_no_text_breaks_the_reading_of_moments(text: str) -> None:
    try:
        found = log_lines.moment(text, "--since", NOW)
    except BadInput:
        return
    assert len(found) == log_lines.STAMP
