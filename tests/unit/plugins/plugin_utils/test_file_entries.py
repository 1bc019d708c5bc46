# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.steps.files import unpacked
from ansible_collections.groundwork.fleet.plugins.plugin_utils import file_entries
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize("path", ["etc/x", "/etc/../x", "/etc//x", "/etc/x/", "/", 7])
def test_only_absolute_normal_paths_are_taken(path: object) -> None:
    with pytest.raises(BadInput, match="absolute"):
        file_entries.checked_path(path)


@pytest.mark.parametrize("mode", [420, 0o644, "rw-r--r--", "64", "0999", ""])
def test_a_mode_is_a_quoted_octal_string(mode: object) -> None:
    with pytest.raises(BadInput, match=r"files\['/a'\].mode"):
        file_entries.checked_mode("/a", mode, "0644")


def test_an_unknown_option_names_the_nearest() -> None:
    with pytest.raises(BadInput, match="'template'"):
        file_entries.kind_of("/a", {"tempalte": "x.j2"})


@pytest.mark.parametrize("options", [{}, {"content": "x", "template": "y"}, {"mode": "0644"}, {"absent": False}])
def test_exactly_one_kind(options: dict[str, object]) -> None:
    with pytest.raises(BadInput, match="exactly one"):
        file_entries.kind_of("/a", options)


def test_empty_content_is_content() -> None:
    assert file_entries.kind_of("/a", {"content": ""}) == "content"


def test_a_secret_is_private_by_default_and_never_for_others() -> None:
    assert file_entries.entry("/a", {"content": "x", "secret": True}, b"x")["mode"] == 0o600
    with pytest.raises(BadInput, match="0644"):
        file_entries.entry("/a", {"content": "x", "secret": True, "mode": "0644"}, b"x")


@given(st.binary())
def test_any_content_survives_the_way_to_the_host(content: bytes) -> None:
    [entry] = unpacked(file_entries.packed([file_entries.entry("/a", {"content": "x"}, content)]))
    assert entry.content == content
    assert (entry.path, entry.kind, entry.mode, entry.owner) == ("/a", "file", 0o644, "root")


def test_a_path_in_two_sets_is_refused() -> None:
    assert file_entries.one_set([{"/a": {"content": "x"}}, {"/b": {"link": "/a"}}]).keys() == {"/a", "/b"}
    with pytest.raises(BadInput, match="Two of the sets name it"):
        file_entries.one_set([{"/a": {"content": "x"}}, {"/a": {"content": "y"}}])
    with pytest.raises(BadInput, match="a list of such mappings"):
        file_entries.one_set("/a")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"content": "x", "purge": True}, "beside directory: true"),
        ({"directory": True, "purge": "a/b"}, "a pattern of names"),
        ({"directory": True, "purge": 1}, "a pattern of names"),
    ],
)
def test_a_purge_that_means_nothing_is_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        file_entries.entry("/d", options, b"")


@pytest.mark.parametrize(("purge", "sent"), [(True, "managed"), ("*.conf", "*.conf"), (False, ""), (None, "")])
def test_what_a_purge_means(purge: object, sent: str) -> None:
    assert file_entries.entry("/d", {"directory": True, "purge": purge}, b"")["purge"] == sent


def test_a_path_below_a_file_of_the_set_is_refused() -> None:
    entries = [file_entries.entry(path, {"content": "x"}, b"x") for path in ("/a", "/a/b")]
    with pytest.raises(BadInput, match="The set makes /a a file"):
        file_entries.refuse_below_no_directory(entries)
    file_entries.refuse_below_no_directory([file_entries.entry("/a", {"directory": True}, b""), entries[1]])


def test_text_keeps_its_line_endings_and_refuses_what_utf_8_cannot_carry() -> None:
    assert file_entries.encoded("x", "a\r\nb\u00e9") == b"a\r\nb\xc3\xa9"
    with pytest.raises(BadInput, match="Ship binary content with `source`"):
        file_entries.encoded("files['/a'].content", "\udcff")


def test_large_content_travels_as_its_digest() -> None:
    sent = file_entries.entry("/a", {"source": "a.bin"}, file_entries.LargeContent(300_000, "ab" * 32))
    assert (sent["size"], sent["sha256"], "content" in sent) == (300_000, "ab" * 32, False)


def test_only_the_content_of_secrets_is_withheld() -> None:
    secret = file_entries.entry("/a", {"content": "x", "secret": True}, b"hunter2")
    held = file_entries.withheld(secret, "ab" * 32)
    assert "content" not in held
    assert held["key"] == "ab" * 32
    assert held["sha256"] != file_entries.withheld(secret, "cd" * 32)["sha256"]
    for other in (file_entries.entry("/a", {"content": "x"}, b"x"), file_entries.entry("/a", {"absent": True, "secret": True}, b"")):
        assert file_entries.withheld(other, "ab" * 32) is other


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"credential": "a b", "secret": True}, "a name of letters"),
        ({"credential": "a"}, "beside secret: true"),
    ],
)
def test_a_credential_that_means_nothing_is_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        file_entries.entry("/a", {"content": "x", **options}, b"x")


def test_a_credential_travels_with_its_name_and_not_when_it_is_large() -> None:
    options = {"content": "x", "credential": "db", "secret": True}
    assert file_entries.entry("/a", options, b"x")["credential"] == "db"
    with pytest.raises(BadInput, match="bytes at most"):
        file_entries.entry("/a", options, file_entries.LargeContent(300000, "ab"))


def test_what_is_one_word() -> None:
    assert file_entries.one_word(b"correct-horse\n")
    assert not any(file_entries.one_word(content) for content in (b"short", b"two words-of-it", b"a: correct\nb: horse", b""))
