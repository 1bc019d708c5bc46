# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import pki_store
from ansible_collections.groundwork.fleet.plugins.plugin_utils.authority import Pair


@pytest.mark.parametrize(("host", "name"), [("a/../b", "a%2F..%2Fb"), ("..", "%2E%2E"), (".", "%2E"), ("web-1.x", "web-1.x")])
def test_any_inventory_name_is_a_safe_path(host: str, name: str) -> None:
    assert pki_store.host_directory(host) == f"hosts/{name}"


def test_what_is_only_foreseen_is_read_back_and_lies_beside(tmp_path: Path) -> None:
    with pki_store.opened(tmp_path / "pki", tmp_path / "scratch") as place:
        place.write_pair("hosts/a/host", Pair(b"c", b"k"))
        assert place.pair("hosts/a/host") == Pair(b"c", b"k") and place.path("hosts/a/host.crt").is_relative_to(tmp_path / "scratch")
        place.write_document("x.json", [1])
        assert place.document("x.json", []) == [1] and place.hosts() == []
        place.retire("hosts")
    assert not (tmp_path / "pki").exists()


def test_a_key_from_elsewhere_wins_and_a_missing_one_is_empty(tmp_path: Path) -> None:
    place = pki_store.Place(tmp_path)
    place.write("root.crt", b"c")
    assert place.pair("root") == Pair(b"c", b"") and place.pair("root", b"k") == Pair(b"c", b"k") and place.pair("gone") is None


def test_a_broken_document_is_told(tmp_path: Path) -> None:
    (tmp_path / "revoked.json").write_text("{")
    with pytest.raises(BadInput, match=r"revoked.json cannot be read .*Restore it from your backup"):
        pki_store.Place(tmp_path).document("revoked.json", [])


def test_a_retired_authority_is_kept(tmp_path: Path) -> None:
    place = pki_store.Place(tmp_path)
    place.write_pair("ca", Pair(b"c", b"k"))
    place.retire("ca")
    assert (tmp_path / "former" / "ca.crt").read_bytes() == b"c" and not place.exists("ca.crt")


def test_hosts_come_back_by_their_inventory_names(tmp_path: Path) -> None:
    place = pki_store.Place(tmp_path)
    for host in ("a/b", "..", "web-1"):
        place.write(f"{pki_store.host_directory(host)}/host.crt", b"c")
    assert place.hosts() == ["..", "a/b", "web-1"]
