# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests/integration/test_openbao.py cannot bring about with a real server: other failures, and a login with the identity of AWS."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hvac
import pytest
import requests
from ansible_collections.groundwork.fleet.plugins.plugin_utils import vault_session
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import SecretError, vault

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


def test_the_identity_of_aws(use: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is sent is a signed question to AWS who one is, which the server asks in our place."""
    sent: list[tuple[str, dict[str, Any]]] = []

    def login(_self: Any, url: str, **more: Any) -> dict[str, Any]:
        sent.append((url, more["json"]))
        return {"auth": {"client_token": "s.1", "renewable": False, "lease_duration": 60}}

    monkeypatch.setattr(hvac.adapters.Adapter, "login", lambda self, url, use_token=True, **more: login(self, url, **more))
    for name, value in (("AWS_ACCESS_KEY_ID", "AKIATEST"), ("AWS_SECRET_ACCESS_KEY", VALUE), ("AWS_SESSION_TOKEN", "session")):
        monkeypatch.setenv(name, value)
    one = use("vault", auth="aws_iam", role="ci", aws_header="vault.example.com", aws_region="eu-central-1")
    vault_session.Session(one.settings)
    url, body = sent[0]
    assert (url, body["role"]) == ("/v1/auth/aws/login", "ci")
    assert base64.b64decode(body["iam_request_body"]) == b"Action=GetCallerIdentity&Version=2011-06-15"
    headers = base64.b64decode(body["iam_request_headers"]).decode()
    assert json.loads(headers)["X-Vault-AWS-IAM-Server-ID"] == ["vault.example.com"]
    assert "AKIATEST" in headers
    assert VALUE not in headers


def test_without_an_identity_of_aws(use: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    assert "There are no credentials of AWS here" in use("vault", auth="aws_iam", role="ci").refused("kv/orders#x")


def test_where_a_token_comes_from(use: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("BAO_TOKEN", "VAULT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))

    def token(**options: Any) -> str:
        return str(vault_session.Session(use("vault", **options).settings).client.token)

    with pytest.raises(SecretError, match="Give the option token"):
        token()
    (tmp_path / ".vault-token").write_text("of the file\n")
    assert token() == "of the file"
    monkeypatch.setenv("VAULT_TOKEN", "of Vault")
    assert token() == "of Vault"
    monkeypatch.setenv("BAO_TOKEN", "of OpenBao")
    assert token() == "of OpenBao"
    assert token(token="given") == "given"


@pytest.mark.parametrize("address", ["https://vault.example.com", "http://127.0.0.1:8200/", "http://localhost", "http://[::1]:8200"])
def test_addresses(address: str) -> None:
    assert vault_session.address({"address": address}) == address.rstrip("/")


def test_the_address_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BAO_ADDR", raising=False)
    monkeypatch.delenv("VAULT_ADDR", raising=False)
    assert vault_session.address({}) == "https://127.0.0.1:8200"
    monkeypatch.setenv("VAULT_ADDR", "https://vault")
    assert vault_session.address({}) == "https://vault"
    monkeypatch.setenv("BAO_ADDR", "https://bao")
    assert vault_session.address({}) == "https://bao"
    with pytest.raises(SecretError, match="in the clear"):
        vault_session.address({"address": "http://10.0.0.1:8200"})


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
