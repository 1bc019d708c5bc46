# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secrets
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import Settings, ansible_vault, configured, env, file, resolve

VALUE = "correct horse battery staple"


def refused(text: str, settings: Settings, declared: object = None) -> str:
    with pytest.raises(BadInput) as error:
        resolve(text, "users_password", configured(declared), settings)
    assert VALUE not in str(error.value)
    assert error.value.__cause__ is None
    return str(error.value)


@pytest.fixture(name="inventory")
def _inventory(tmp_path: Path) -> Settings:
    (tmp_path / "secrets" / "db").mkdir(parents=True)
    (tmp_path / "secrets" / "db" / "password").write_text(VALUE + "\n")
    return Settings(inventory_directory=str(tmp_path))


def test_each_backend_is_one_file_with_the_three_parts() -> None:
    assert secrets.known() == ["ansible_vault", "env", "file"]
    for name in secrets.known():
        one = secrets.backend(name, "test")
        assert isinstance(one.OPTIONS, dict)
        assert callable(one.fetch)
        assert VALUE not in one.explain(ValueError(VALUE))


def test_a_new_backend_is_one_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made_up.py").write_text("OPTIONS = {}\ndef fetch(r, s): return r.path.encode()\ndef explain(e): return ''\n")
    monkeypatch.setattr(secrets, "__file__", str(tmp_path / "__init__.py"))
    monkeypatch.setattr(secrets, "__path__", [str(tmp_path)])
    monkeypatch.setattr(secrets.importlib, "import_module", lambda name: _load(tmp_path / ("%s.py" % name.rsplit(".", 1)[1])))
    assert secrets.known() == ["made_up"]
    assert resolve("secret://made_up/abc", "x", configured(None), Settings()) == b"abc"


def _load(path: Path) -> object:
    import importlib.util

    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_env(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_DB", VALUE)
    assert resolve("secret://env/FLEET_DB", "x", configured(None), Settings()) == VALUE.encode()
    declared = {"ci": {"backend": "env", "prefix": "FLEET_"}}
    assert resolve("secret://ci/DB", "x", configured(declared), Settings()) == VALUE.encode()


def test_env_names_the_missing_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLEET_DB", raising=False)
    told = refused("secret://env/FLEET_DB", Settings())
    assert told == (
        "users_password is 'secret://env/FLEET_DB'; expected a secret that the backend 'env' has."
        " Set the environment variable FLEET_DB where ansible-playbook runs."
    )
    monkeypatch.setenv("FLEET_DB", "")
    assert "is empty" in refused("secret://env/FLEET_DB", Settings())


def test_file_beside_the_inventory_loses_one_newline(inventory: Settings) -> None:
    assert resolve("secret://file/db/password", "x", configured(None), inventory) == VALUE.encode()


def test_file_in_a_directory_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\x00\xff\n\n")
    declared = {"keys": {"backend": "file", "directory": str(tmp_path)}}
    assert resolve("secret://keys/key", "x", configured(declared), Settings()) == b"\x00\xff\n"


def test_file_errors(inventory: Settings, tmp_path: Path) -> None:
    assert "No such file or directory. Create the file" in refused("secret://file/db/gone", inventory)
    assert "leave #field out" in refused("secret://file/db/password#field", inventory)
    assert "Is a directory" in refused("secret://file/db", inventory)
    (tmp_path / "secrets" / "empty").write_text("\n")
    assert "is empty" in refused("secret://file/empty", inventory)


def test_file_does_not_follow_a_link_out_of_its_directory(inventory: Settings, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text(VALUE)
    (tmp_path / "secrets" / "link").symlink_to(tmp_path / "outside")
    assert "leads out of the directory" in refused("secret://file/link", inventory)


@pytest.fixture(name="vault")
def _vault(tmp_path: Path) -> Settings:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "db.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n")
    return Settings(inventory_directory=str(tmp_path), load_yaml=lambda _path: {"a": VALUE, "b": {"c": 5}, "d": [VALUE]})


def test_ansible_vault_fields(vault: Settings) -> None:
    assert resolve("secret://ansible_vault/db.yml#a", "x", configured(None), vault) == VALUE.encode()
    assert resolve("secret://ansible_vault/db.yml#b.c", "x", configured(None), vault) == b"5"


def test_ansible_vault_with_one_file(vault: Settings) -> None:
    declared = {"team": {"backend": "ansible_vault", "file": "secrets/db.yml"}}
    assert resolve("secret://team/b/c", "x", configured(declared), vault) == b"5"


def test_ansible_vault_errors(vault: Settings, tmp_path: Path) -> None:
    assert "Name the field" in refused("secret://ansible_vault/db.yml", vault)
    assert "has no field x" in refused("secret://ansible_vault/db.yml#x", vault)
    assert "has no field a.x" in refused("secret://ansible_vault/db.yml#a.x", vault)
    assert "is not a text" in refused("secret://ansible_vault/db.yml#d", vault)
    assert "Create it with ansible-vault create" in refused("secret://ansible_vault/gone.yml#a", vault)
    (tmp_path / "secrets" / "plain.yml").write_text("a: %s\n" % VALUE)
    assert "is not encrypted" in refused("secret://ansible_vault/plain.yml#a", vault)


def test_an_unexpected_failure_shows_no_value(vault: Settings) -> None:
    def fail(_path: str) -> object:
        raise RuntimeError(VALUE)

    told = refused("secret://ansible_vault/db.yml#a", Settings({}, vault.inventory_directory, fail))
    assert "could not be decrypted (RuntimeError)" in told


def test_explain_of_the_others() -> None:
    assert "ValueError" in env.explain(ValueError(VALUE))
    assert "ValueError" in file.explain(ValueError(VALUE))
    assert ansible_vault.explain(OSError(2, "No such file", "/x")).startswith("/x: No such file.")


def test_an_unknown_backend_is_named_with_the_nearest() -> None:
    assert "Did you mean secret://env/…?" in refused("secret://envv/A", Settings())
    assert "Known: ansible_vault, env, file." in refused("secret://zzz/A", Settings())


@pytest.mark.parametrize(
    ("declared", "part"),
    [
        ([], "fleet_secret_backends is []; expected a mapping"),
        ({"x": "file"}, "fleet_secret_backends.x is (hidden); expected a mapping"),
        ({"x": {"backend": "fil"}}, "Did you mean 'file'?"),
        ({"file": {"directry": "x"}}, "Did you mean 'directory'?"),
    ],
)
def test_wrong_settings_of_backends(declared: object, part: str) -> None:
    with pytest.raises(BadInput) as error:
        configured(declared)
    assert part in str(error.value)


def test_settings_paths() -> None:
    settings = Settings({"directory": "a"}, "/inventory")
    assert settings.path("directory", "secrets") == Path("/inventory/a")
    assert settings.path("other", "/absolute") == Path("/absolute")


def test_a_reference_shows_itself() -> None:
    assert str(SecretReference("file", "a b", "c", {"d": "e"})) == "secret://file/a%20b#c?d=e"
