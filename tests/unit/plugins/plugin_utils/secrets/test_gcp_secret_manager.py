# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be told without the service; tests/integration/test_secrets_of_google.py has the vendor's client talk to one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import gcp_secret_manager
from google.api_core import exceptions
from google.auth import exceptions as login

VALUE = "correct horse battery staple"


@pytest.mark.parametrize(
    ("error", "told", "again"),
    [
        (exceptions.Forbidden(VALUE), "Denied: these credentials lack", False),
        (exceptions.Unauthorized(VALUE), "Google does not accept the credentials", False),
        (exceptions.BadRequest(VALUE), "Google does not take the request", False),
        (exceptions.Conflict(VALUE), "The secret was changed by others", False),
        (exceptions.TooManyRequests(VALUE), "Google turns requests away", True),
        (exceptions.ServiceUnavailable(VALUE), "Google's service failed (503).", True),
        (requests.exceptions.ConnectionError(VALUE), "Google cannot be reached", True),
        (login.TransportError(VALUE), "Google cannot be reached", True),
        (login.DefaultCredentialsError(VALUE), "There are no credentials of Google here", False),
        (login.RefreshError(VALUE), "Google does not renew the credentials", False),
    ],
)
def test_failures(error: Exception, told: str, again: bool) -> None:
    assert gcp_secret_manager.explain(error).startswith(told)
    assert VALUE not in gcp_secret_manager.explain(error)
    assert gcp_secret_manager.transient(error) is again


def test_what_has_to_be_given(use: Callable[..., Any], tmp_path: Any) -> None:
    (tmp_path / "key.json").write_text('{"type": "external_account", "secret": "%s"}' % VALUE)
    assert "it has no key of a service account in it" in use("gcp_secret_manager", credentials_file="key.json").refused("x")
    assert "No such file" in use("gcp_secret_manager", credentials_file="gone.json").refused("x")
    assert "has a /" in use("gcp_secret_manager").refused("a/b")
    assert "leave ?version= out" in use("gcp_secret_manager").refused("x?version=1", act="replace")
