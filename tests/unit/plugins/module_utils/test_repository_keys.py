# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import key_expiry, openpgp, repository_keys

from .test_key_expiry import IN_RELEASE, KEY, PROLONGED, SUBKEY

ENDS_2027 = 1798804800


def test_a_repository_ends_with_the_key_that_signs_it() -> None:
    found = repository_keys.judged({"deb.example.org_debian_dists_stable_InRelease": IN_RELEASE}, repository_keys.ends_of([KEY.encode()]))
    assert found == [{"repository": "deb.example.org/debian/dists/stable", "key": SUBKEY, "expires": ENDS_2027}]


def test_the_last_of_several_signers_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_expiry, "signers", lambda _data: {"A", "B", "C"})
    assert repository_keys.judged({"x_InRelease": b""}, {"A": 5, "B": 9})[0] == {"repository": "x", "key": "B", "expires": 9}
    assert repository_keys.judged({"x_InRelease": b""}, {"A": None, "B": 9})[0]["expires"] is None


def test_what_cannot_be_read_or_is_not_known_is_left_out() -> None:
    assert repository_keys.judged({"x_InRelease": IN_RELEASE}, {}) == []
    assert repository_keys.judged({"x_Release.gpg": b"garbage"}, {"A": 1}) == []
    assert repository_keys.ends_of([b"garbage", b""]) == {}


def test_a_prolonged_copy_wins() -> None:
    found = repository_keys.ends_of([PROLONGED.encode(), KEY.encode()])
    assert found["252B55D6AD090673"] == 1893499200  # 2030-01-01


def test_keys_within_and_named_by_sources() -> None:
    block = "\n".join(" " + (line or ".") for line in KEY.splitlines())
    assert openpgp.fingerprints(repository_keys.embedded("Types: deb\nSigned-By:\n%s\n" % block)[0])
    named = "deb [arch=amd64 signed-by=/a/b.gpg] http://x y z\nSigned-By: /c/d.asc\n"
    assert repository_keys.named_keys(named) == ["/a/b.gpg", "/c/d.asc"]


def test_a_whole_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("lists", "sources", "keys"):
        (tmp_path / folder).mkdir()
    (tmp_path / "lists" / "x_InRelease").write_bytes(IN_RELEASE)
    (tmp_path / "lists" / "x_Packages").write_bytes(b"no signature")
    (tmp_path / "keys" / "own.asc").write_text(KEY)
    (tmp_path / "sources" / "a.list").write_text("deb [signed-by=%s] http://x y z\n" % (tmp_path / "keys" / "own.asc"))
    monkeypatch.setattr(repository_keys, "KEY_PLACES", ())
    monkeypatch.setattr(repository_keys, "LISTS", str(tmp_path / "lists"))
    monkeypatch.setattr(repository_keys, "SOURCES", str(tmp_path / "sources"))
    assert [one["expires"] for one in repository_keys.observe()] == [ENDS_2027]
