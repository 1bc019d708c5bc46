# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import Settings, configured, env, resolve

VALUE = "correct horse battery staple"


def refused(text: str, settings: Settings) -> str:
    """Return the message about a reference; it never has the value in it."""
    with pytest.raises(BadInput) as error:
        resolve(text, "users_password", configured(None), settings)
    assert VALUE not in str(error.value)
    assert error.value.__cause__ is None
    return str(error.value)


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
    assert "has no fields: leave #x out" in refused("secret://env/FLEET_DB#x", Settings())


def test_explain_shows_no_value() -> None:
    assert "ValueError" in env.explain(ValueError(VALUE))
    assert VALUE not in env.explain(ValueError(VALUE))
