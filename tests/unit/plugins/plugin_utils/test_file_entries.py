# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.modules.files import unpacked
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
