# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all backends have in common: their parts, what they say where their library is missing, and that no failure shows a value."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secrets
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import MissingLibrary

VALUE = "correct horse battery staple"
# The package that pip installs, a reference, and the options without which the library is not reached.
LIBRARIES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "age": ("pyrage", "x", {"passphrase": "x"}),
    "aws_secrets_manager": ("boto3", "x", {}),
    "aws_ssm": ("boto3", "x", {}),
    "azure_key_vault": ("azure-keyvault-secrets", "x", {"vault_url": "https://x.vault.azure.net"}),
    "bitwarden": ("bitwarden-sdk", "11111111-1111-4111-8111-111111111111", {"access_token": "x"}),
    "gcp_secret_manager": ("google-cloud-secret-manager", "projects/p/secrets/x", {}),
    "onepassword": ("onepasswordconnectsdk", "vault/item#x", {"address": "https://x", "token": "x"}),
    "vault": ("hvac", "kv/x#y", {"token": "x"}),
}
PROGRAMS = {"ansible_vault", "command", "env", "file", "pass", "sops", "systemd_creds"}


def test_each_backend_stands_here() -> None:
    """A new one is tried below, or needs no library."""
    assert set(LIBRARIES) | PROGRAMS == set(secrets.known())


@pytest.mark.parametrize("name", sorted(LIBRARIES))
def test_a_missing_library_gives_the_line_of_pip(use: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    package, rest, options = LIBRARIES[name]
    found = importlib.import_module

    def without(module: str, *arguments: Any) -> Any:
        if not module.startswith("ansible_collections."):
            raise ImportError(VALUE)
        return found(module, *arguments)

    one = use(name, **options)
    (one.settings.path("directory", ".groundwork/secrets") / "x.age").parent.mkdir(parents=True)
    (one.settings.path("directory", ".groundwork/secrets") / "x.age").touch()
    monkeypatch.setattr(secrets.importlib, "import_module", without)
    assert "It needs the Python package %s where ansible-playbook runs: pip install '%s>=" % (package, package) in one.refused(
        rest, MissingLibrary
    )


@pytest.mark.parametrize("name", secrets.known())
def test_the_parts_of_a_backend(name: str) -> None:
    one = secrets.backend(name, "test")
    assert all(isinstance(text, str) and text for text in one.OPTIONS.values())
    for option in one.OPTIONS:
        assert not option.endswith("_file") or option == "config_file" or option.removesuffix("_file") in {*one.OPTIONS, "credentials"}
    for part in ("store", "replace", "changed_at", "transient", "close", "fetch_many"):
        assert getattr(one, part, None) is None or callable(getattr(one, part))


@pytest.mark.parametrize("name", secrets.known())
@pytest.mark.parametrize("error", [ValueError(VALUE), OSError(2, "No such file", "/x"), RuntimeError(), KeyError(VALUE)], ids=repr)
def test_no_explanation_shows_a_value(name: str, error: Exception) -> None:
    one = secrets.backend(name, "test")
    assert VALUE not in one.explain(error)
    assert one.explain(error).endswith((".", "?"))
    if getattr(one, "transient", None) is not None:
        assert one.transient(error) is False


@pytest.mark.parametrize("name", sorted(LIBRARIES))
def test_an_unknown_option_is_named_with_the_nearest(name: str) -> None:
    option = max(secrets.backend(name, "test").OPTIONS, key=len)
    with pytest.raises(BadInput, match="Did you mean '%s'" % option):
        secrets.configured({name: {option + "x": 1}})
