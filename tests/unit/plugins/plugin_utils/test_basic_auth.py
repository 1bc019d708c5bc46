# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import sys

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import basic_auth


def test_a_hash_is_that_of_its_password_and_the_same_in_each_run() -> None:
    bcrypt = pytest.importorskip("bcrypt")
    found = basic_auth.users("scrape_a:correct horse\nscrape_b:correct horse")
    assert list(found) == ["scrape_a", "scrape_b"] and found["scrape_a"] != found["scrape_b"]
    for kept in found.values():
        assert kept.startswith("$2b$10$") and len(kept) == 60
        assert bcrypt.checkpw(b"correct horse", kept.encode()) and not bcrypt.checkpw(b"battery staple", kept.encode())
    assert basic_auth.users("scrape_b:correct horse") == {"scrape_b": found["scrape_b"]}


@pytest.mark.parametrize(
    ("logins", "told"),
    [
        ("", "logins is (hidden); expected a text with USER:PASSWORD"),
        (["a:hunter2"], "logins is (hidden); expected a text with USER:PASSWORD"),
        ("hunter2", "The secret is no login"),
        ("a:" + 73 * "h", "the password of a is (hidden); expected at most 72 bytes. Make it with length=72"),
    ],
)
def test_wrong_input_is_not_shown(logins: object, told: str) -> None:
    with pytest.raises(BadInput, match=re.escape(told)) as caught:
        basic_auth.users(logins)
    assert "hunter2" not in str(caught.value)


def test_without_the_library_it_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bcrypt", None)
    with pytest.raises(
        BadInput, match=r"The password of a cannot be hashed. It needs the Python package bcrypt .*: pip install 'bcrypt>=4'"
    ):
        basic_auth.users("a:hunter2")
