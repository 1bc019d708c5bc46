# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the program says is answered by a program of our own here; tests/integration/test_secret_programs.py has the real one."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secrets
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import AlreadyThere, NotThere

VALUE = "correct horse battery staple"
STORE = importlib.import_module("%s.pass" % secrets.__name__)
# Shows an entry, and puts what it is told in its place.
PASS = """
entry="$PASSWORD_STORE_DIR/$(for last; do :; done; echo "$last").gpg"
case $1 in show) cat "$entry";; insert) cat > "$entry";; esac
"""


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Path:
    (tmp_path / "store" / "db").mkdir(parents=True)
    (tmp_path / "store" / "db" / "one.gpg").write_text("%s\nuser: app\notpauth://x?secret=y\nurl: https://a:1\n" % VALUE)
    (tmp_path / "store" / "empty.gpg").write_text("\nuser: x\n")
    return tmp_path / "store"


def test_first_line_and_fields(use: Callable[..., Any], program: Callable[[str], str], store: Path) -> None:
    one = use("pass", directory="store", program=program(PASS))
    assert one.fetch("db/one") == VALUE.encode()
    assert (one.fetch("db/one#user"), one.fetch("db/one#url")) == (b"app", b"https://a:1")
    assert "has no field usr. Did you mean user?" in one.refused("db/one#usr", NotThere)
    assert "first line of the entry empty is empty" in one.refused("empty")
    assert "The store has no entry db." in one.refused("db", NotThere)
    assert one.changed_at("db/one").tzinfo is not None


def test_created_and_replaced(use: Callable[..., Any], program: Callable[[str], str], store: Path) -> None:
    one = use("pass", directory=str(store), program=program(PASS))
    one.store("new", b"first")
    assert "is there already" in one.refused("new", AlreadyThere, act="store")
    one.store("new#user", b"app")
    assert "is there already" in one.refused("new#user", AlreadyThere, act="store")
    one.replace("new", VALUE.encode())
    one.replace("new#user", b"other")
    assert (store / "new.gpg").read_text() == "%s\nuser: other\n" % VALUE
    assert (one.fetch("new"), one.fetch("new#user")) == (VALUE.encode(), b"other")
    assert "no entry gone" in one.refused("gone", NotThere, act="replace")
    with pytest.raises(secrets.SecretError, match="one line"):
        one.replace("new", b"a\nb")


@pytest.mark.parametrize(("said", "meaning"), STORE.COMPLAINTS)
def test_complaints(use: Callable[..., Any], program: Callable[[str], str], store: Path, said: str, meaning: str) -> None:
    path = program("echo 'gpg: %s %s' >&2; exit 2" % (said, VALUE))
    assert use("pass", directory="store", program=path).refused("db/one") == meaning


def test_refusals(use: Callable[..., Any], program: Callable[[str], str], store: Path) -> None:
    assert "There is no store at" in use("pass", directory="nowhere").refused("db/one")
    assert "apt-get install pass" in use("pass", directory="store", program="pass-of-nowhere").refused("db/one")
    assert "ended with status 3: run pass show" in use("pass", directory="store", program=program("exit 3")).refused("db/one")
