# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backends `sops`, `age`, `pass` and `systemd_creds` with the real programs and the files that they write."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyrage
import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import AlreadyThere, NotThere, SecretError
from secret_use import VALUE, Use, installed

from lab import sops


def run(*command: str, **environment: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    assert done.returncode == 0, done.stderr
    return done.stdout


class Sops:
    """Files of sops for one key of age, as a person makes them."""

    def __init__(self, directory: Path) -> None:
        self.inventory, self.files = directory, directory / ".groundwork" / "secrets"
        self.files.mkdir(parents=True)
        self.key = pyrage.x25519.Identity.generate()
        (directory / "key.txt").write_text(f"# a key\n{self.key}\n")
        (self.files / ".sops.yaml").write_text(yaml.safe_dump({"creation_rules": [{"age": str(self.key.to_public())}]}))
        documents = {
            "a.yaml": f"db: {{password: '{VALUE}', port: 5432}}\nlist: [one, two]\n",
            "a.json": json.dumps({"password": VALUE, "on": True}),
            "a.env": f"PASSWORD={VALUE}\nUSER=app\n",
            "a.ini": f"[db]\npassword = {VALUE}\n",
            "a.pem": f"{VALUE}\n",
        }
        for name, text in documents.items():
            (self.files / name).write_text(text)
            run(str(sops.binary()), "--config", str(self.files / ".sops.yaml"), "encrypt", "--in-place", str(self.files / name))
            assert VALUE not in (self.files / name).read_text()

    def use(self, **options: Any) -> Use:
        given = {"program": str(sops.binary()), "age_key_file": "key.txt", "config": ".groundwork/secrets/.sops.yaml"}
        return Use("sops", self.inventory, **{**given, **options})


@pytest.fixture(name="made")
def _made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sops:
    for name in ("SOPS_AGE_KEY", "SOPS_AGE_KEY_FILE", "SOPS_AGE_KEY_CMD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return Sops(tmp_path)


def test_sops_reads_each_kind_of_file(made: Sops) -> None:
    one = made.use()
    values = [one.fetch(rest) for rest in ("a.yaml#db.password", "a.json#password", "a.env#PASSWORD", "a.ini#db.password", "a.pem")]
    assert values == [VALUE.encode()] * 5
    assert (one.fetch("a.yaml#db.port"), one.fetch("a.yaml#list.1"), one.fetch("a.json#on")) == (b"5432", b"two", b"true")
    assert made.use(age_key_file=None, age_key=str(made.key)).fetch("a.env#USER") == b"app"
    assert "Did you mean PASSWORD?" in one.refused("a.env#PASWORD", NotThere)
    assert one.changed_at("a.yaml#x").tzinfo is not None
    assert one.changed_at("a.env#x").tzinfo is not None


def test_sops_refuses_with_a_reason(made: Sops) -> None:
    (made.inventory / "other.txt").write_text(f"{pyrage.x25519.Identity.generate()}\n")
    (made.files / "plain.yaml").write_text(f"password: {VALUE}\n")
    document = json.loads((made.files / "a.json").read_text())
    (made.files / "broken.json").write_text(json.dumps({**document, "on": document["password"]}))
    (made.files / "more.json").write_text(json.dumps({**document, "more_unencrypted": "x"}))
    one = made.use()
    assert "No key here decrypts the file" in made.use(age_key_file="other.txt").refused("a.yaml#x")
    assert "No key here decrypts the file" in made.use(age_key_file=None).refused("a.yaml#x")
    assert "The file is not encrypted" in one.refused("plain.yaml#password")
    assert "The file is damaged" in one.refused("broken.json#password")
    assert "The file was changed without sops" in one.refused("more.json#password")
    assert "No such file" in one.refused("gone.yaml#x", NotThere)


def test_sops_creates_once_and_replaces(made: Sops) -> None:
    one = made.use()
    for name in ("new.yaml", "new.json", "new.env"):
        one.store(f"{name}#a", b"first")
        assert "has the field a already" in one.refused(f"{name}#a", AlreadyThere, act="store")
        one.store(f"{name}#b", b"with \"quotes\" and 'others' = %")
        one.replace(f"{name}#a", VALUE.encode())
        assert (one.fetch(f"{name}#a"), one.fetch(f"{name}#b")) == (VALUE.encode(), b"with \"quotes\" and 'others' = %"), name
        assert VALUE not in (made.files / name).read_text()
        assert "first" not in (made.files / name).read_text()
    one.replace("a.yaml#db.password", b"12345")
    assert made.use().fetch("a.yaml#db.password") == b"12345"
    one.store("new.bin", b"\x00\xff")
    assert "is there already" in one.refused("new.bin", AlreadyThere, act="store")
    one.replace("new.bin", b"\x01\xff")
    assert one.fetch("new.bin") == b"\x01\xff"
    assert "has no field zzz" in one.refused("new.yaml#zzz", NotThere, act="replace")
    assert not [path for path in made.files.iterdir() if path.name.endswith((".tmp", "~"))]


def test_sops_of_many_that_create_one_wins(made: Sops) -> None:
    made.use().store("race.yaml#other", b"x")
    ready, won = threading.Barrier(4), []

    def store(value: bytes) -> None:
        one = made.use()
        ready.wait()
        try:
            one.store("race.yaml#a", value)
        except AlreadyThere:
            return
        won.append(value)

    threads = [threading.Thread(target=store, args=(b"%d" % number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    one = made.use()
    assert [one.fetch("race.yaml#a")] == won
    assert one.fetch("race.yaml#other") == b"x"


def test_age_reads_what_age_wrote_and_the_other_way(tmp_path: Path) -> None:
    """The program is age of Debian; the library is rage's."""
    age, keygen = installed("age", "age"), installed("age-keygen", "age")
    files = tmp_path / ".groundwork" / "secrets"
    files.mkdir(parents=True)
    run(keygen, "-o", str(tmp_path / "key.txt"))
    public = run(keygen, "-y", str(tmp_path / "key.txt")).strip()
    (tmp_path / "plain").write_text(VALUE + "\n")
    for name, more in (("one.age", []), ("two.age", ["--armor"])):
        run(age, "-r", public, *more, "-o", str(files / name), str(tmp_path / "plain"))
    one = Use("age", tmp_path, identity_file="key.txt")
    assert one.fetch("one") == one.fetch("two") == VALUE.encode()
    one.store("three", b"made here")
    assert run(age, "-d", "-i", str(tmp_path / "key.txt"), str(files / "three.age")) == "made here"


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A store of pass, and a key of gpg without a passphrase; the options for it."""
    gpg, program = installed("gpg", "gnupg"), installed("pass", "pass")
    with tempfile.TemporaryDirectory(prefix="gpg-") as home:  # gpg-agent's socket needs a short path
        run(gpg, "--homedir", home, "--batch", "--passphrase", "", "--quick-generate-key", "lab@example.com", "default", "default", "never")
        run(program, "init", "lab@example.com", GNUPGHOME=home, PASSWORD_STORE_DIR=str(tmp_path / "store"))
        try:
            yield {"directory": str(tmp_path / "store"), "gnupg_home": home}
        finally:
            run("gpgconf", "--homedir", home, "--kill", "all")


def test_pass(store: dict[str, str], tmp_path: Path) -> None:
    one = Use("pass", tmp_path, **store)
    one.store("db/orders", VALUE.encode())
    one.store("db/orders#user", b"app")
    assert "is there already" in one.refused("db/orders", AlreadyThere, act="store")
    assert (one.fetch("db/orders"), one.fetch("db/orders#user")) == (VALUE.encode(), b"app")
    one.replace("db/orders#user", b"other")
    environment = {"GNUPGHOME": store["gnupg_home"], "PASSWORD_STORE_DIR": store["directory"]}
    assert run("pass", "show", "db/orders", **environment) == f"{VALUE}\nuser: other\n"
    assert "has no field usr. Did you mean user?" in one.refused("db/orders#usr", NotThere)
    assert "The store has no entry db." in one.refused("db", NotThere)


def test_pass_without_the_key(store: dict[str, str], tmp_path: Path) -> None:
    Use("pass", tmp_path, **store).store("x", VALUE.encode())
    with tempfile.TemporaryDirectory(prefix="gpg-") as empty:
        told = Use("pass", tmp_path, **{**store, "gnupg_home": empty}).refused("x")
        run("gpgconf", "--homedir", empty, "--kill", "all")
    assert "gpg has no key here that decrypts it" in told


def test_systemd_creds(tmp_path: Path) -> None:
    installed("systemd-creds", "systemd")
    probe = subprocess.run(["systemd-creds", "encrypt", "--name=x", "-", "-"], input=b"x", capture_output=True, check=False)
    if probe.returncode != 0:
        pytest.skip(f"systemd-creds cannot encrypt here: {probe.stderr.decode().strip().splitlines()[-1:]}")
    one = Use("systemd_creds", tmp_path)
    one.store("orders/db", VALUE.encode())
    one.store("doc#a", b"1")
    one.replace("doc#b", b"2")
    assert (one.fetch("orders/db"), one.fetch("doc#a"), one.fetch("doc#b")) == (VALUE.encode(), b"1", b"2")
    files = tmp_path / ".groundwork" / "secrets"
    assert VALUE not in (files / "orders" / "db.cred").read_text()
    assert run("systemd-creds", "decrypt", "--name=db", str(files / "orders" / "db.cred"), "-") == VALUE
    assert "is there already" in one.refused("orders/db", AlreadyThere, act="store")
    (files / "other.cred").write_bytes((files / "doc.cred").read_bytes())
    assert one.refused("other") == "The credential was made with another name: give it as ?name=…."
    assert one.fetch("other#a?name=doc") == b"1"
    (files / "junk.cred").write_text("junk")
    assert one.refused("junk")
    assert "No such file" in one.refused("gone", NotThere)


def test_a_command(tmp_path: Path) -> None:
    """A store of one's own: a program that reads a file, here this Python."""
    (tmp_path / "secrets.json").write_text(json.dumps({"db": {"password": VALUE}}))
    body = "import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]][sys.argv[3]])"
    one = Use("command", tmp_path, argv=[sys.executable, "-c", body, str(tmp_path / "secrets.json"), "{path}", "{field}"])
    assert one.fetch("db#password") == VALUE.encode()
    assert "ended with status 1: start it by hand" in one.refused("db#gone")
    with pytest.raises(SecretError, match="name the field"):
        one.fetch("db")
