# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be told without the service; tests/integration/test_secrets_of_azure.py has the vendor's client talk to one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import azure_key_vault
from azure.core import exceptions
from azure.identity import CredentialUnavailableError

VALUE = "correct horse battery staple"


def answered(status: int) -> Exception:
    error = exceptions.HttpResponseError(message=VALUE)
    error.status_code = status
    return error


@pytest.mark.parametrize(
    ("error", "told", "again"),
    [
        (answered(401), "Azure does not accept the login", False),
        (answered(403), "Denied: this identity lacks", False),
        (answered(409), "The secret is deleted and may be recovered", False),
        (answered(429), "Azure turns requests away", True),
        (answered(503), "Azure's service failed (503).", True),
        (answered(418), "Azure refused the request (HttpResponseError).", False),
        (exceptions.ServiceRequestError(VALUE), "The vault cannot be reached", True),
        (exceptions.ClientAuthenticationError(VALUE), "Azure does not accept the login", False),
        (exceptions.ClientAuthenticationError("DefaultAzureCredential failed to retrieve a token"), "Azure gives no token", False),
        (CredentialUnavailableError(VALUE), "Azure gives no token", False),
    ],
)
def test_failures(error: Exception, told: str, again: bool) -> None:
    assert azure_key_vault.explain(error).startswith(told)
    assert VALUE not in azure_key_vault.explain(error)
    assert azure_key_vault.transient(error) is again


def test_what_has_to_be_given(use: Callable[..., Any]) -> None:
    assert "Give the option vault_url" in use("azure_key_vault").refused("x")
    one = use("azure_key_vault", vault_url="https://x.vault.azure.net", client_secret="x", tenant="t")
    assert "Give the option client_id, which client_secret needs." in one.refused("x")
    assert "The name a_b is none of Key Vault" in use("azure_key_vault").refused("a_b")
    assert "leave ?version= out" in use("azure_key_vault").refused("x?version=1", act="replace")
