# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins that tests/integration/test_openbao.py cannot try with a real server, and where a token and an address come from."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import hvac
import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import vault_session
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import SecretError, Settings

VALUE = "correct horse battery staple"


def entry(**options: Any) -> Settings:
    return Settings(options)


def test_the_identity_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is sent is a signed question to AWS who one is, which the server asks in our place."""
    sent: list[tuple[str, dict[str, Any]]] = []

    def login(_self: Any, url: str, **more: Any) -> dict[str, Any]:
        sent.append((url, more["json"]))
        return {"auth": {"client_token": "s.1", "renewable": False, "lease_duration": 60}}

    monkeypatch.setattr(hvac.adapters.Adapter, "login", lambda self, url, use_token=True, **more: login(self, url, **more))
    for name, value in (("AWS_ACCESS_KEY_ID", "AKIATEST"), ("AWS_SECRET_ACCESS_KEY", VALUE), ("AWS_SESSION_TOKEN", "session")):
        monkeypatch.setenv(name, value)
    one = entry(auth="aws_iam", role="ci", aws_header="vault.example.com", aws_region="eu-central-1")
    vault_session.Session(one)
    url, body = sent[0]
    assert (url, body["role"]) == ("/v1/auth/aws/login", "ci")
    assert base64.b64decode(body["iam_request_body"]) == b"Action=GetCallerIdentity&Version=2011-06-15"
    headers = base64.b64decode(body["iam_request_headers"]).decode()
    assert json.loads(headers)["X-Vault-AWS-IAM-Server-ID"] == ["vault.example.com"]
    assert "AKIATEST" in headers
    assert VALUE not in headers


def test_without_an_identity_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(SecretError, match="There are no credentials of AWS here"):
        vault_session.Session(entry(auth="aws_iam", role="ci"))


def test_where_a_token_comes_from(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("BAO_TOKEN", "VAULT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))

    def token(**options: Any) -> str:
        return str(vault_session.Session(entry(**options)).client.token)

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
