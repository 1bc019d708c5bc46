# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import account_keys
from hypothesis import given
from hypothesis import strategies as st

REAL = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFI6iUlzmAGobcnhscvuv1dkAnumHA4gLlO5bbth+bu0 ana@example"
KEY = "ssh-ed25519 " + "A" * 60 + " ana"
OTHER = "ssh-ed25519 " + "B" * 60 + " ben"


def test_a_line_with_options_is_read_and_written() -> None:
    line = 'from="192.0.2.0/24,!x",no-pty,command="echo \\"a, b\\" c",expiry-time="20270131" ' + REAL
    key = account_keys.parsed(line)
    assert key is not None and key.line == line
    assert key.options == {"from": "192.0.2.0/24,!x", "no-pty": "", "command": 'echo \\"a, b\\" c', "expiry-time": "20270131"}
    assert (key.kind, key.comment, key.expires) == ("ssh-ed25519", "ana@example", "2027-01-31")


@pytest.mark.parametrize("line", ["", "# " + KEY, "ssh-dss " + "A" * 60, "a b c", 'from="x ' + KEY, "=" + KEY])
def test_what_is_no_key(line: str) -> None:
    assert account_keys.parsed(line) is None


@pytest.mark.parametrize(
    ("value", "expires"),
    [("20270131", "2027-01-31"), ("202701312359Z", "2027-01-31"), ("20270131235959", "2027-01-31"), ("", ""), ("tomorrow", "")],
)
def test_the_day_of_expiry(value: str, expires: str) -> None:
    assert account_keys.Key("ssh-ed25519", "A", "", {"expiry-time": value}).expires == expires


def test_the_fingerprint_is_that_of_ssh_keygen() -> None:
    assert account_keys.dropped_keys([], REAL) == ["SHA256:KQZzJ/TV5pGN4NNRX0ERKr+YZX1nMNHl40sR/EYCHjs (ana@example)"]
    assert account_keys.dropped_keys([REAL.replace("ana@", "x@")], REAL) == []
    assert account_keys.keys_of("# x\n" + REAL)[0].fingerprint == "SHA256:KQZzJ/TV5pGN4NNRX0ERKr+YZX1nMNHl40sR/EYCHjs"


def test_keys_are_merged_by_what_they_are_not_by_their_comments() -> None:
    current = "# mine\n" + KEY.replace(" ana", " laptop") + "\n"
    assert account_keys.merged_keys([KEY, OTHER], current, exclusive=False) == current + OTHER + "\n"
    assert account_keys.merged_keys([KEY], current, exclusive=True) == KEY + "\n"


def test_a_key_that_is_there_gets_its_expiry() -> None:
    declared = 'expiry-time="20270131" ' + KEY
    assert account_keys.merged_keys([declared], OTHER + "\n" + KEY + "\n", exclusive=False) == OTHER + "\n" + declared + "\n"


@given(
    st.dictionaries(st.sampled_from(["from", "command", "no-pty", "environment"]), st.text("ab, =-", max_size=6)),
    st.text("a b", max_size=6),
)
def test_what_is_written_is_read_again(options: dict[str, str], comment: str) -> None:
    key = account_keys.Key("ssh-ed25519", "AAAA", " ".join(comment.split()), options)
    found = account_keys.parsed(key.line)
    assert found is not None and (found.options, found.comment.split()) == (options, comment.split())
