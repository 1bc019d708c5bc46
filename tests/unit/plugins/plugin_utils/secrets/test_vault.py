# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests/integration/test_openbao.py cannot bring about with a real server: other failures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hvac
import pytest
import requests
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import vault

VALUE = "correct horse battery staple"
URL = "https://vault.example.com:8200/v1/kv/data/orders"


def answered(status: int, error: str) -> Exception:
    """Return what hvac raises for an answer of the server."""
    return hvac.exceptions.VaultError.from_status(status, VALUE, errors=[error], method="get", url=URL, text=VALUE)


@pytest.mark.parametrize(
    ("error", "told", "again"),
    [
        (answered(403, "permission denied"), "Denied: no policy of this login allows it on kv/data/orders.", False),
        (answered(503, "Vault is sealed"), "The server is sealed: unseal it (bao operator unseal).", False),
        (answered(503, "standby"), "The server is up but not active: is it starting?", True),
        (answered(429, "slow down"), "The server turns requests away, there are too many (429).", True),
        (answered(500, VALUE), "The server failed (500): see its log.", True),
        (answered(502, VALUE), "What is before the server failed (502).", True),
        (answered(501, VALUE), "The server has not been initialized: bao operator init.", False),
        (answered(404, VALUE), "The server has nothing at kv/data/orders.", False),
        (answered(400, VALUE), "The server does not take the request for kv/data/orders.", False),
        (answered(400, "Upgrading from non-versioned to versioned data."), "The mount has only just been made a KV 2", True),
        (requests.exceptions.SSLError(VALUE), "The certificate of The server is not trusted", False),
        (requests.exceptions.ReadTimeout(VALUE), "The server did not answer in time.", True),
    ],
)
def test_failures(error: Exception, told: str, again: bool) -> None:
    assert vault.explain(error).startswith(told)
    assert VALUE not in vault.explain(error)
    assert vault.transient(error) is again


@pytest.mark.parametrize(
    ("options", "rest", "told"),
    [
        ({"kv_version": 3}, "kv/x#y", "kv_version is '3': it is 1 or 2"),
        ({"token": "x"}, "kv#y", "The path has a mount and a secret in it"),
        ({"timeout": -1, "token": "x"}, "kv/x#y", "timeout is -1"),
        ({}, "kv/x#y?version=0", "not a whole number"),
    ],
)
def test_refusals(use: Callable[..., Any], options: dict[str, Any], rest: str, told: str) -> None:
    assert told in use("vault", **{"kv_version": 2, **options} if "token" not in options else options).refused(rest)
