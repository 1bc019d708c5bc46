# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing import vault as ansible_vault_core
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import FileVaultSecret
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import parse
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import (
    AlreadyThere,
    SecretError,
    Settings,
    ansible_vault,
    configured,
    resolve,
)

VALUE = "correct horse battery staple"


def refused(text: str, settings: Settings) -> str:
    """Return the message about a reference; it never has the value in it."""
    with pytest.raises(BadInput) as error:
        resolve(text, "users_password", configured(None), settings)
    assert VALUE not in str(error.value)
    assert error.value.__cause__ is None
    return str(error.value)


@pytest.fixture(name="vault")
def _vault(tmp_path: Path) -> Settings:
    (tmp_path / ".groundwork" / "secrets").mkdir(parents=True)
    (tmp_path / ".groundwork" / "secrets" / "db.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n")
    return Settings(inventory_directory=str(tmp_path), load_yaml=lambda _path: {"a": VALUE, "b": {"c": 5}, "d": [VALUE]})


def test_ansible_vault_fields(vault: Settings) -> None:
    assert resolve("secret://ansible_vault/db.yml#a", "x", configured(None), vault) == VALUE.encode()
    assert resolve("secret://ansible_vault/db.yml#b.c", "x", configured(None), vault) == b"5"


def test_ansible_vault_with_one_file(vault: Settings) -> None:
    declared = {"team": {"backend": "ansible_vault", "file": ".groundwork/secrets/db.yml"}}
    assert resolve("secret://team/b/c", "x", configured(declared), vault) == b"5"


def test_ansible_vault_errors(vault: Settings, tmp_path: Path) -> None:
    assert "Name the field" in refused("secret://ansible_vault/db.yml", vault)
    told = refused("secret://ansible_vault/db.yml#x", vault)
    assert "has no field x" in told and ("Did you mean" in told or "the fields " in told)
    assert "has no field a.x" in refused("secret://ansible_vault/db.yml#a.x", vault)
    assert "is not a text" in refused("secret://ansible_vault/db.yml#d", vault)
    assert "Create it with ansible-vault create" in refused("secret://ansible_vault/gone.yml#a", vault)
    (tmp_path / ".groundwork" / "secrets" / "plain.yml").write_text("a: %s\n" % VALUE)
    assert "is not encrypted" in refused("secret://ansible_vault/plain.yml#a", vault)


def test_an_unexpected_failure_shows_no_value(vault: Settings) -> None:
    def fail(_path: str) -> object:
        raise RuntimeError(VALUE)

    told = refused("secret://ansible_vault/db.yml#a", Settings({}, vault.inventory_directory, fail))
    assert "could not be decrypted (RuntimeError)" in told


def test_explain_shows_no_value() -> None:
    assert "ValueError" in ansible_vault.explain(ValueError(VALUE))
    assert VALUE not in ansible_vault.explain(ValueError(VALUE))
    assert ansible_vault.explain(OSError(2, "No such file", "/x")).startswith("/x: No such file.")


@pytest.fixture(name="real")
def _real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An inventory with a real vault and its password."""
    (tmp_path / "password").write_text("the password\n")
    loader = DataLoader()
    loader.set_vault_secrets([("default", FileVaultSecret(filename=str(tmp_path / "password"), loader=loader))])
    for _name, secret in loader._vault.secrets:
        secret.load()
    context = getattr(ansible_vault_core, "VaultSecretsContext", None)  # from ansible-core 2.19 on; its command line sets it
    if context is not None:
        monkeypatch.setattr(context, "_current", context(secrets=loader._vault.secrets))
    return Settings({}, str(tmp_path), lambda path: loader.load_from_file(path, cache="none"), vault=loader._vault)


def stored(real: Settings, rest: str, value: str = VALUE) -> bytes:
    reference = parse("secret://ansible_vault/" + rest)
    ansible_vault.store(reference, value.encode(), real)
    return ansible_vault.fetch(reference, real)


def test_a_field_is_added_and_the_rest_stays(real: Settings, tmp_path: Path) -> None:
    path = tmp_path / ".groundwork/secrets/new.yml"
    assert stored(real, "new.yml#first", 'with "quotes": and\nlines') == b'with "quotes": and\nlines'
    path.write_bytes(real.vault.encrypt(real.vault.decrypt(path.read_bytes()) + b"# a comment\nown: {a: 1}"))
    assert stored(real, "new.yml#second") == VALUE.encode()
    text = real.vault.decrypt(path.read_bytes()).decode()
    assert text.splitlines()[2:] == ["# a comment", "own: {a: 1}", 'second: "%s"' % VALUE]
    assert VALUE not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_field_is_encrypted_where_the_file_is_open(real: Settings, tmp_path: Path) -> None:
    path = tmp_path / ".groundwork/secrets/open.yml"
    path.parent.mkdir(parents=True)
    path.write_text("user: ana\nold: !vault |\n%s" % "".join("  %s\n" % line for line in real.vault.encrypt(b"x").decode().splitlines()))
    assert stored(real, "open.yml#new") == VALUE.encode()
    assert path.read_text().startswith("user: ana\n")
    assert VALUE not in path.read_text()


def test_what_is_there_is_never_overwritten(real: Settings, tmp_path: Path) -> None:
    stored(real, "new.yml#a")
    before = (tmp_path / ".groundwork/secrets/new.yml").read_bytes()
    with pytest.raises(AlreadyThere):
        stored(real, "new.yml#a", "another")
    assert (tmp_path / ".groundwork/secrets/new.yml").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "field", "part"),
    [
        ("{a: 1}", "b", "not one mapping written in lines"),
        ("- a", "b", "is no mapping"),
        ("a: {}", "a.b", "a.b has to be by ansible-vault edit"),
    ],
)
def test_what_cannot_be_added(real: Settings, tmp_path: Path, content: str, field: str, part: str) -> None:
    path = tmp_path / ".groundwork/secrets/x.yml"
    path.parent.mkdir(parents=True)
    path.write_bytes(real.vault.encrypt(content.encode()))
    with pytest.raises(SecretError, match=part) as error:
        stored(real, "x.yml#" + field)
    assert VALUE not in str(error.value)


def test_without_a_password_nothing_is_stored(vault: Settings) -> None:
    with pytest.raises(SecretError, match="give --vault-id"):
        stored(vault, "x.yml#a")
