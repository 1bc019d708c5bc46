# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be told without the service; tests/integration/test_secrets_of_bitwarden.py has the vendor's client talk to one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import bitwarden

VALUE = "correct horse battery staple"
ID = "aaaaaaaa-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("said", "told", "again"),
    [
        ("Received error message from server: [400 Bad Request] %s" % VALUE, "Bitwarden does not accept the access token", False),
        ("Received error message from server: [401 Unauthorized] x", "Bitwarden does not accept the access token", False),
        ("Received error message from server: [403 Forbidden] x", "Denied: the machine account", False),
        ("Received error message from server: [429 Too Many Requests] x", "Bitwarden turns requests away", True),
        ("Received error message from server: [503 Service Unavailable] x", "Bitwarden's service failed (503).", True),
        ("error sending request for url (https://x)", "Bitwarden cannot be reached", True),
        (VALUE, "Bitwarden refused the request (Refused).", False),
    ],
)
def test_failures(said: str, told: str, again: bool) -> None:
    error = bitwarden.Refused(said)
    assert bitwarden.explain(error).startswith(told)
    assert VALUE not in bitwarden.explain(error)
    assert bitwarden.transient(error) is again


@pytest.mark.parametrize("token", [VALUE, "0.x.y:z", "0.11111111-0000-4000-8000-000000000000.right:AAAA"])
def test_a_token_that_is_none(use: Callable[..., Any], token: str) -> None:
    assert "The access token is not one of Bitwarden Secrets Manager" in use("bitwarden", access_token=token).refused(ID)


def test_what_has_to_be_given(use: Callable[..., Any]) -> None:
    assert "Give the option access_token" in use("bitwarden").refused(ID)
    assert "Give the option organization" in use("bitwarden").refused("a-name")
