# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import dataclasses
import json
import re
import shlex
import urllib.parse
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_masks import MASK, Masks, forms
from hypothesis import given
from hypothesis import strategies as st

SECRET = "c0rrect/horse+bättery \"stap'le\\&<x>"


def masks(*values: str | bytes) -> Masks:
    found = Masks()
    found.add([value.encode() if isinstance(value, str) else value for value in values])
    return found


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        urllib.parse.quote(SECRET),
        urllib.parse.quote(SECRET, safe=""),
        urllib.parse.quote_plus(SECRET),
        re.sub("%..", lambda found: found[0].lower(), urllib.parse.quote(SECRET, safe="")),
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        json.dumps(json.dumps(SECRET)),
        repr(SECRET),
        repr([SECRET]),
        shlex.quote(SECRET),
        SECRET.encode().hex(),
    ],
)
def test_each_form_is_masked(written: str) -> None:
    found = masks(SECRET).text("before %s after" % written)
    assert MASK in found
    assert "horse" not in found
    assert found.startswith("before ")
    assert found.endswith(" after")


@given(st.binary(min_size=8, max_size=40), st.binary(max_size=7), st.binary(max_size=7))
def test_within_other_base64(secret: bytes, before: bytes, after: bytes) -> None:
    text = base64.b64encode(before + secret + after).decode()
    found = masks(secret).text(text)
    assert MASK in found
    left = sum(len(piece) for piece in found.split(MASK))
    assert left <= len(base64.b64encode(before)) + len(base64.b64encode(after)) + 4


def test_lines_of_a_key_but_not_its_frame() -> None:
    key = "-----BEGIN X-----\nMIIBVQIBADANBgkqhkiG\nshort\n-----END X-----\n"
    found = masks(key).text("+ MIIBVQIBADANBgkqhkiG\n+ short\n-----BEGIN X-----")
    assert found == "+ %s\n+ short\n-----BEGIN X-----" % MASK


def test_what_is_too_short_masks_nothing() -> None:
    assert forms(b"abc") == set()
    assert forms(b"  a \n") == set()
    assert masks("abc").text("abc") == "abc"


def test_of_two_secrets_one_may_be_a_part_of_the_other() -> None:
    assert masks("hunter", "hunter2-long").text("hunter2-long hunter") == "%s %s" % (MASK, MASK)


def test_binary_secrets() -> None:
    value = bytes(range(200, 232))
    assert value.hex() not in masks(value).text("x %s" % value.hex())
    assert masks(value).holds(b"head" + value)
    assert not masks(value).holds(b"head")


@dataclasses.dataclass(frozen=True)
class Event:
    message: str
    chain: Event | None = None


def test_values_of_every_kind() -> None:
    known = masks("hunter2-horse", "12345678")
    given: dict[str, Any] = {
        "a": ["x hunter2-horse", ("hunter2-horse",), {"hunter2-horse": 1}],
        "b": b"hunter2-horse",
        "c": Event("m", Event("hunter2-horse")),
        "d": 12345678,
        "e": {"f": {"hunter2-horse"}},
        "g": None,
        "h": True,
    }
    found = known.value(given)
    assert "hunter2" not in repr(found)
    assert "12345678" not in repr(found)
    assert found["c"].chain.message == MASK
    assert found["h"] is True
    assert given["a"][0] == "x hunter2-horse"


def test_a_value_without_secrets_is_the_very_value() -> None:
    given = {"a": [1, "x"]}
    assert masks("hunter2-horse").value(given) is given
    assert Masks().value(given) is given


def test_what_is_new() -> None:
    known = masks("one-secret")
    assert known.add([b"one-secret", b"another"]) == {b"another"}


@pytest.mark.parametrize("others", [0, 200])
def test_secrets_that_overlap_are_masked_whole_however_many_there_are(others: int) -> None:
    masks = Masks()
    masks.add([b"abcdefgh", b"efghijkl", b"efgh", b"longer-abcdefgh"])
    masks.add(b"another-secret-%d" % number for number in range(others))
    assert masks.text("x abcdefghijkl y efghx") == "x ******** y ********x"
    assert masks.text("longer-abcdefgh") == "********"
    assert masks.text("abcdefghabcdefgh") == "****************"
    assert masks.text("nothing of abcdefg") == "nothing of abcdefg"
    assert masks.value({"a": ["efgh", 1]}) == {"a": ["********", 1]}
    assert masks.touches({"efgh": 1}) and not masks.touches(["abcd", "efg"])
