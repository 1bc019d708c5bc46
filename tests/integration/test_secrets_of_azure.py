# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backend `azure_key_vault`: Microsoft's own clients, over TLS, against the REST that Microsoft documents.

https://learn.microsoft.com/rest/api/keyvault/secrets and the client credentials grant of Entra ID, with the login challenge.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import NotThere, SecretError
from https_fake import Answer, Request, Service
from secret_use import VALUE, Use

HOST = "fleet.localhost"
FAILURES = {"denied": (403, "Forbidden"), "off": (403, "SecretDisabled"), "busy": (429, "Throttled"), "broken": (500, "InternalError")}


class KeyVault:
    """A vault, and the login service of its tenant."""

    def __init__(self, directory: Path) -> None:
        self.secrets: dict[str, list[dict[str, Any]]] = {}
        self.service = Service(directory, self.answer, HOST)
        self.put("orders", VALUE)
        self.put("json", '{"password": "%s", "user": "app"}' % VALUE)

    def put(self, name: str, value: str, **more: Any) -> dict[str, Any]:
        versions = self.secrets.setdefault(name, [])
        url = f"https://{HOST}:{self.service.port}/secrets/{name}/v{len(versions) + 1}"
        moment = 1700000000 + len(versions)
        versions.append({"value": value, "id": url, "attributes": {"enabled": True, "created": moment, "updated": moment}, **more})
        return versions[-1]

    def answer(self, request: Request) -> Answer:
        port = self.service.port
        if request.path == "/tenant/v2.0/.well-known/openid-configuration":
            base = f"https://localhost:{port}/tenant"
            urls = {"authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/token", "issuer": f"{base}/v2.0"}
            return 200, {**urls, "jwks_uri": f"{base}/keys"}
        if request.path == "/tenant/token":
            if b"client_secret=right" not in request.body:
                return 401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."}
            return 200, {"token_type": "Bearer", "expires_in": 3600, "access_token": "a-token"}
        if request.headers["Authorization"] != "Bearer a-token":
            challenge = f'Bearer authorization="https://localhost:{port}/tenant", resource="https://localhost:{port}"'
            return 401, {"error": {"code": "Unauthorized", "message": "no token"}}, {"WWW-Authenticate": challenge}
        _empty, _secrets, name, *version = request.path.split("/")
        if name in FAILURES:
            status, code = FAILURES[name]
            return status, {"error": {"code": "Forbidden", "message": VALUE, "innererror": {"code": code}}}
        if request.method == "PUT":
            asked = request.json()
            return 200, self.put(name, asked["value"], contentType=asked.get("contentType"), tags=asked.get("tags"))
        found = [one for one in self.secrets.get(name, []) if not any(version) or one["id"].endswith("/" + version[0])]
        if not found:
            return 404, {"error": {"code": "SecretNotFound", "message": "not found"}}
        return 200, found[-1]


@pytest.fixture(name="vault")
def _vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyVault]:
    known = socket.getaddrinfo

    def resolved(host: Any, *arguments: Any, **options: Any) -> Any:
        """Give what a name server would: not every libc knows the names below localhost."""
        return known("127.0.0.1" if host == HOST else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    one = KeyVault(tmp_path / "tls")
    with one.service:
        yield one


def use(vault: KeyVault, directory: Path, **options: Any) -> Use:
    service = vault.service
    given = {"vault_url": f"https://{HOST}:{service.port}", "ca": str(service.files.ca), "authority": f"https://localhost:{service.port}"}
    return Use("azure_key_vault", directory, **{**given, "tenant": "tenant", "client_id": "app", "client_secret": "right", **options})


def test_values_versions_and_fields(vault: KeyVault, tmp_path: Path) -> None:
    vault.put("rotated", "old")
    vault.put("rotated", "new")
    one = use(vault, tmp_path)
    assert one.fetch("orders") == one.fetch("json#password") == VALUE.encode()
    assert (one.fetch("rotated"), one.fetch("rotated?version=v1")) == (b"new", b"old")
    assert one.changed_at("rotated").timestamp() == 1700000001
    assert (one.fetch("json#user"), vault.service.times("/secrets/json")) == (b"app", 1)
    assert vault.service.times("/token") == 1


def test_a_new_version_keeps_the_rest(vault: KeyVault, tmp_path: Path) -> None:
    vault.put("kept", '{"a": "1", "b": "2"}', contentType="application/json", tags={"owner": "orders"})
    one = use(vault, tmp_path)
    one.replace("kept#a", VALUE.encode())
    assert (one.fetch("kept#a"), one.fetch("kept#b")) == (VALUE.encode(), b"2")
    newest = vault.secrets["kept"][-1]
    assert (newest["contentType"], newest["tags"]) == ("application/json", {"owner": "orders"})
    assert not hasattr(one.backend, "store")


def test_what_is_missing_denied_off_or_busy(vault: KeyVault, tmp_path: Path) -> None:
    one = use(vault, tmp_path)
    assert one.refused("gone", NotThere) == "The secret gone is not there."
    assert one.refused("orders?version=v9", NotThere) == "The secret orders is not there in this version."
    assert "Did you mean password?" in one.refused("json#pasword", NotThere)
    assert "is none of Key Vault" in one.refused("a/b", SecretError)
    assert one.refused("denied").startswith("Denied: this identity lacks")
    assert one.refused("off") == "The secret is disabled, or its time is over."
    assert "(429)" in one.refused("busy")
    assert "failed (500)" in one.refused("broken")
    assert [one.transient(name) for name in ("denied", "busy", "broken")] == [False, True, True]


def test_logins_that_fail(vault: KeyVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "client_id, client_secret or tenant is wrong" in use(vault, tmp_path, client_secret="wrong").refused("orders")
    assert "Give the option tenant and client_id" in use(vault, tmp_path, tenant="", client_id="").refused("orders")
    assert "Give the option vault_url" in use(vault, tmp_path, vault_url="").refused("orders")
    assert "cannot be reached" in use(vault, tmp_path, vault_url="https://127.0.0.1:1").refused("orders")
    assert use(vault, tmp_path, vault_url="https://127.0.0.1:1").transient("orders") is True
    assert "challenge does not fit" in use(vault, tmp_path, vault_url=f"https://127.0.0.1:{vault.service.port}").refused("orders")
