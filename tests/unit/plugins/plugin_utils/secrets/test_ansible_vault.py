# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import Settings, ansible_vault, configured, resolve

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
    assert "has no field x" in refused("secret://ansible_vault/db.yml#x", vault)
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
