# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import (
    SCHEME,
    SecretReference,
    is_reference,
    parse,
    references,
)
from hypothesis import given
from hypothesis import strategies as st

TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, blacklist_categories=("Cs", "Cc", "Zs")), min_size=1, max_size=8)
SEGMENT = TEXT.filter(lambda text: "/" not in text and text not in (".", ".."))
REFERENCES = st.builds(
    SecretReference,
    backend=st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True),
    path=st.lists(SEGMENT, min_size=1, max_size=4).map("/".join),
    field=st.none() | TEXT,
    options=st.dictionaries(TEXT, TEXT | st.just(""), max_size=3),
)


def message(text: str) -> str:
    with pytest.raises(BadInput) as error:
        parse(text, "users_password")
    return str(error.value)


@given(REFERENCES)
def test_what_is_written_is_read_back(reference: SecretReference) -> None:
    assert parse(str(reference)) == reference


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(rest: str) -> None:
    try:
        read = parse(SCHEME + rest)
    except BadInput as error:
        assert "At character " in str(error)
    else:
        assert parse(str(read)) == read


@given(REFERENCES)
def test_no_reference_leaves_its_directory(reference: SecretReference) -> None:
    assert not {"", ".", ".."} & set(parse(str(reference)).path.split("/"))


def test_all_parts() -> None:
    read = parse("secret://vault/kv/orders#password?version=3&mount=kv2")
    assert read == SecretReference("vault", "kv/orders", "password", {"version": "3", "mount": "kv2"})


def test_backend_and_path_are_enough() -> None:
    assert parse("secret://env/DB_PASSWORD") == SecretReference("env", "DB_PASSWORD")


def test_escapes_are_decoded() -> None:
    assert parse("secret://file/a%20b%23c#d%3Fe?f%3D=%26") == SecretReference("file", "a b#c", "d?e", {"f=": "&"})


@pytest.mark.parametrize(
    ("text", "marked", "reason"),
    [
        ("secrets://env/A", "«s»ecrets://env/A", "does not begin with secret://"),
        ("secret://Env/A", "secret://«E»nv/A", "small letters"),
        ("secret:///A", "secret://«/»A", "small letters"),
        ("secret://env", "secret://env«»", "followed by / and a path"),
        ("secret://env#A", "secret://env«#»A", "followed by / and a path"),
        ("secret://env/", "secret://env/«»", "a part of the path is empty"),
        ("secret://env/a//b", "secret://env/a/«/»b", "a part of the path is empty"),
        ("secret://env/a&part=public", "secret://env/a«&»part=public", "the first option stands behind ?"),
        ("secret://file/a/../b", "secret://file/a/«.»./b", "may not leave its place"),
        ("secret://file/%2e%2e/b", "secret://file/«%»2e%2e/b", "may not leave its place"),
        ("secret://file/a%2Fb", "secret://file/«a»%2Fb", "may not leave its place"),
        ("secret://env/a b", "secret://env/a« »b", "%20"),
        ("secret://env/a%zz", "secret://env/a«%»zz", "%25"),
        ("secret://env/a#", "secret://env/a«#»", "name of a field"),
        ("secret://env/a#b#c", "secret://env/a#b«#»c", "%23"),
        ("secret://env/a?b=1#c", "secret://env/a?b=1«#»c", "#field stands before ?options"),
        ("secret://env/a?", "secret://env/a?«»", "name=value"),
        ("secret://env/a?b", "secret://env/a?«b»", "name=value"),
        ("secret://env/a?b=1&=2", "secret://env/a?b=1&«=»2", "name=value"),
        ("secret://env/a?b=1&b=2", "secret://env/a?b=1&«b»=2", "given twice"),
    ],
)
def test_an_error_marks_the_place(text: str, marked: str, reason: str) -> None:
    told = message(text)
    assert told.startswith("users_password is %r; expected secret://backend/path#field?option=value." % text)
    assert marked in told
    assert reason in told


@pytest.mark.parametrize(("value", "expected"), [("secret://a/b", True), ("x secret://a/b", False), (3, False), (None, False)])
def test_is_reference(value: object, expected: bool) -> None:
    assert is_reference(value) is expected


def test_references_are_found_anywhere() -> None:
    value = {"a": "secret://x/1", "b": [1, {"c": "secret://x/2"}], "d": "no", "e": None}
    assert list(references(value, "v")) == [("v.a", "secret://x/1"), ("v.b[1].c", "secret://x/2")]
