# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secrets
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import Settings, configured, resolve

VALUE = "correct horse battery staple"


def refused(text: str, settings: Settings, declared: object = None) -> str:
    with pytest.raises(BadInput) as error:
        resolve(text, "users_password", configured(declared), settings)
    assert VALUE not in str(error.value)
    assert error.value.__cause__ is None
    return str(error.value)


def test_each_backend_is_one_file_with_the_three_parts() -> None:
    assert {"ansible_vault", "env", "file"} <= set(secrets.known())
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


def test_an_unknown_backend_is_named_with_the_nearest() -> None:
    assert "Did you mean secret://env/…?" in refused("secret://envv/A", Settings())
    assert "Known: age, ansible_vault, " in refused("secret://zzz/A", Settings())


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


def test_settings_without_one_of_what_they_keep() -> None:
    first = secrets.Settings({"a": 1})
    client, documents = first.kept("client", object), first.kept("documents", object)
    other = first.without("documents")
    assert other.options == first.options
    assert other.kept("client", object) is client
    assert other.kept("documents", object) is not documents
    assert first.kept("documents", object) is documents
