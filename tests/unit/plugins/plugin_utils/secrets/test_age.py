# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrage
import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import AlreadyThere, NotThere
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

VALUE = "correct horse battery staple"


@pytest.fixture(name="key")
def _key() -> Any:
    return pyrage.x25519.Identity.generate()


def write(directory: Path, name: str, content: bytes, *recipients: Any, armored: bool = False) -> None:
    path = directory / ".groundwork" / "secrets" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pyrage.encrypt(content, list(recipients), armored=armored))


@pytest.mark.parametrize("armored", [False, True])
def test_files_and_fields(use: Callable[..., Any], tmp_path: Path, key: Any, armored: bool) -> None:
    write(tmp_path, "a/one.age", VALUE.encode() + b"\n", key.to_public(), armored=armored)
    write(tmp_path, "db.age", b"user: app\ndb: {password: '%s'}\n" % VALUE.encode(), key.to_public(), armored=armored)
    age = use("age", identity="# comment\n%s\n" % key)
    assert age.fetch("a/one") == age.fetch("a/one.age") == VALUE.encode()
    assert age.fetch("db#db.password") == VALUE.encode()
    told = age.refused("db#db.pasword", NotThere)
    assert "has no field db.pasword. Did you mean password?" in told
    assert "It has the fields db, user." in age.refused("db#zzz", NotThere)
    assert "has no fields" in age.refused("a/one#x")


def test_a_key_in_a_file_and_one_of_ssh(use: Callable[..., Any], tmp_path: Path, key: Any) -> None:
    ssh = Ed25519PrivateKey.generate()
    public = ssh.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    private = ssh.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption())
    (tmp_path / "id").write_bytes(private)
    write(tmp_path, "one.age", VALUE.encode(), pyrage.ssh.Recipient.from_str(public))
    assert use("age", identity_file="id").fetch("one") == VALUE.encode()
    assert "the public key does not follow" in use("age", identity_file="id").refused("two", act="store")
    made = use("age", identity_file="id", recipients=[public, str(key.to_public())])
    made.store("two", VALUE.encode())
    assert made.fetch("two") == use("age", identity=str(key)).fetch("two") == VALUE.encode()


def test_a_passphrase(use: Callable[..., Any]) -> None:
    made = use("age", passphrase="open sesame")
    made.store("one", VALUE.encode())
    assert made.fetch("one") == VALUE.encode()
    assert "the passphrase is wrong" in use("age", passphrase="shut").refused("one")


def test_created_once_and_replaced(use: Callable[..., Any], tmp_path: Path, key: Any) -> None:
    age = use("age", identity=str(key))
    age.store("one#a", b"first")
    path = tmp_path / ".groundwork" / "secrets" / "one.age"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "is there already" in age.refused("one#a", AlreadyThere, act="store")
    assert age.fetch("one#a") == b"first"
    age.replace("one#a", VALUE.encode())
    age.replace("one#b", b"other")
    assert (age.fetch("one#a"), age.fetch("one#b")) == (VALUE.encode(), b"other")
    assert age.changed_at("one").tzinfo is not None
    assert "No such file" in age.refused("gone", NotThere, act="replace")
    assert [one.name for one in path.parent.iterdir()] == ["one.age"]


def test_refusals(use: Callable[..., Any], tmp_path: Path, key: Any) -> None:
    write(tmp_path, "one.age", VALUE.encode(), pyrage.x25519.Identity.generate().to_public())
    (tmp_path / ".groundwork" / "secrets" / "junk.age").write_text(VALUE)
    age = use("age", identity=str(key))
    assert "None of the keys in identity" in age.refused("one")
    assert "it is not one of age" in age.refused("junk")
    assert "No such file or directory. Create it with age" in age.refused("gone", NotThere)
    assert "Give the option identity" in use("age").refused("one")
    assert "a line that is no key of age" in use("age", identity=VALUE).refused("one")
    assert "neither age1… nor" in use("age", recipients="age1junk").refused("two", act="store")
