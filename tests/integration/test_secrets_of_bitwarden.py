# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backend `bitwarden`: Bitwarden's own library, over TLS, against the REST of its Secrets Manager.

The server knows values only as its clients encrypt them: AES-256 with an HMAC ("2.iv|data|mac"), under a key of the organization that
an access token decrypts. https://bitwarden.com/help/bitwarden-security-white-paper and https://github.com/bitwarden/sdk-sm
"""

from __future__ import annotations

import base64
import hmac
import json
import multiprocessing
import os
import re
import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import NotThere, SecretError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.padding import PKCS7
from https_fake import Answer, Request, Service
from secret_use import VALUE, Use

ORGANIZATION, ACCOUNT, PROJECT = ("%s-0000-4000-8000-000000000000" % (digit * 8) for digit in "123")
ORDERS, DOCUMENT, TWICE, AGAIN, GONE = ("%s-0000-4000-8000-000000000000" % (digit * 8) for digit in "abcde")
TOKEN_KEY, KEY = bytes(range(16)), os.urandom(64)


def sealed(plain: str, key: bytes) -> str:
    """Return what a client of Bitwarden stores of a text."""
    vector, padder = os.urandom(16), PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key[:32]), modes.CBC(vector)).encryptor()
    data = encryptor.update(padder.update(plain.encode()) + padder.finalize()) + encryptor.finalize()
    parts = (vector, data, hmac.digest(key[32:], vector + data, "sha256"))
    return "2." + "|".join(base64.b64encode(part).decode() for part in parts)


def opened(text: str, key: bytes) -> str:
    vector, data, _mac = (base64.b64decode(part) for part in text.removeprefix("2.").split("|"))
    decryptor, unpadder = Cipher(algorithms.AES(key[:32]), modes.CBC(vector)).decryptor(), PKCS7(128).unpadder()
    return (unpadder.update(decryptor.update(data) + decryptor.finalize()) + unpadder.finalize()).decode()


def payload() -> str:
    """Return the organization's key as an access token opens it."""
    key = HKDFExpand(hashes.SHA256(), 64, b"sm-access-token").derive(hmac.digest(b"bitwarden-accesstoken", TOKEN_KEY, "sha256"))
    return sealed(json.dumps({"encryptionKey": base64.b64encode(KEY).decode()}), key)


def jwt() -> str:
    claims = {"organization": ORGANIZATION, "sub": ACCOUNT, "exp": 4000000000, "nbf": 1, "scope": ["api.secrets"], "client_id": ACCOUNT}
    parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in ({"alg": "none"}, claims)]
    return ".".join([*parts, "x"])


class SecretsManager:
    """The services `identity` and `api` at one address, in a process of their own: the library holds Python's lock while it asks."""

    def __init__(self, directory: Path) -> None:
        self.status = 0
        self.service = Service(directory, self.answer)
        self.process = multiprocessing.get_context("fork").Process(target=self.service.server.serve_forever, daemon=True)
        names = {ORDERS: "orders-db", DOCUMENT: "document", TWICE: "twice", AGAIN: "twice"}
        values = {DOCUMENT: '{"password": "%s", "user": "app"}' % VALUE}
        self.secrets = {one: self.secret(one, name, values.get(one, VALUE)) for one, name in names.items()}

    def secret(self, number: str, name: str, value: str) -> dict[str, Any]:
        moments = {"creationDate": "2024-01-01T00:00:00Z", "revisionDate": "2024-03-01T12:00:00Z"}
        known = {"object": "secret", "id": number, "organizationId": ORGANIZATION, "read": True, "write": True, **moments}
        project = [{"id": PROJECT, "name": sealed("project", KEY)}]
        return {**known, "key": sealed(name, KEY), "value": sealed(value, KEY), "note": sealed("note", KEY), "projects": project}

    def tell(self, request: str) -> Any:
        """Return what a test wants to know of the process; `status/N` has all requests fail from now on."""
        context = ssl.create_default_context(cafile=str(self.service.files.ca))
        with urllib.request.urlopen(f"https://localhost:{self.service.port}/tell/{request}", timeout=10, context=context) as answer:
            return json.load(answer)

    def told(self, what: str, which: str) -> Any:
        if what == "status":
            self.status = int(which)
        return {"status": self.status, "times": self.service.times(which), "secret": self.secrets.get(which)}[what]

    def answer(self, request: Request) -> Answer:
        if request.path.startswith("/tell/"):
            self.service.asked.pop()
            return 200, self.told(*request.path.split("/")[2:])
        if request.path == "/identity/connect/token":
            if b"client_secret=right" not in request.body:
                return 400, {"error": "invalid_client"}
            login = {"access_token": jwt(), "expires_in": 3600, "token_type": "Bearer", "scope": "api.secrets"}
            return 200, {**login, "encrypted_payload": payload()}
        if self.status:
            return self.status, {"object": "error", "message": "it failed"}
        if request.path == f"/api/organizations/{ORGANIZATION}/secrets":
            listed = [{name: one for name, one in secret.items() if name not in ("value", "note")} for secret in self.secrets.values()]
            return 200, {"object": "SecretsWithProjectsList", "secrets": listed, "projects": []}
        if request.path == "/api/secrets/get-by-ids":
            return 200, {"object": "list", "data": [self.secrets[one] for one in request.json()["ids"] if one in self.secrets]}
        number = request.path.removeprefix("/api/secrets/")
        if not re.fullmatch("[0-9a-f-]{36}", number) or number not in self.secrets:
            return 404, {"object": "error", "message": "Resource not found."}
        if request.method == "PUT":
            self.secrets[number] |= {name: one for name, one in request.json().items() if name in ("key", "value", "note")}
        return 200, self.secrets[number]


@pytest.fixture(name="manager")
def _manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretsManager]:
    one = SecretsManager(tmp_path / "tls")
    monkeypatch.setenv("SSL_CERT_FILE", str(one.service.files.ca))
    one.process.start()
    yield one
    one.process.kill()
    one.process.join()
    one.service.server.server_close()


def use(manager: SecretsManager, directory: Path, **options: Any) -> Use:
    base = f"https://localhost:{manager.service.port}"
    token = f"0.{ACCOUNT}.right:{base64.b64encode(TOKEN_KEY).decode()}"
    given = {"api_url": f"{base}/api", "identity_url": f"{base}/identity", "organization": ORGANIZATION, "access_token": token}
    return Use("bitwarden", directory, **{**given, **options})


def test_values_by_id_and_name(manager: SecretsManager, tmp_path: Path) -> None:
    one = use(manager, tmp_path)
    assert one.fetch(ORDERS) == one.fetch("orders-db") == one.fetch("document#password") == VALUE.encode()
    assert one.fetch("document#user") == b"app"
    assert [manager.tell(f"times/{part}") for part in (ORDERS, "organizations", "token")] == [1, 1, 1]
    assert one.changed_at("orders-db").isoformat() == "2024-03-01T12:00:00+00:00"


def test_many_by_one_request(manager: SecretsManager, tmp_path: Path) -> None:
    one = use(manager, tmp_path)
    found = one.fetch_many("orders-db", "document#user", "gone", TWICE)
    assert {str(name): value for name, value in found.items()} == {
        "secret://bitwarden/orders-db": VALUE.encode(),
        "secret://bitwarden/document#user": b"app",
        f"secret://bitwarden/{TWICE}": VALUE.encode(),
    }
    assert manager.tell("times/get-by-ids") == 1


def test_a_value_is_replaced(manager: SecretsManager, tmp_path: Path) -> None:
    one = use(manager, tmp_path)
    one.replace("document#user", b"other")
    assert (one.fetch("document#user"), one.fetch("document#password")) == (b"other", VALUE.encode())
    stored = manager.tell(f"secret/{DOCUMENT}")
    assert (opened(stored["key"], KEY), opened(stored["note"], KEY)) == ("document", "note")


def test_what_is_missing_or_denied(manager: SecretsManager, tmp_path: Path) -> None:
    one = use(manager, tmp_path)
    assert "sees no secret with the name order-db. Did you mean orders-db?" in one.refused("order-db", NotThere)
    assert f"The secret {GONE} is not there" in one.refused(GONE, NotThere)
    assert "There are 2 secrets with the name twice: write the id." in one.refused("twice", SecretError)
    assert "Did you mean password?" in one.refused("document#pasword", NotThere)
    assert "Give the option organization" in use(manager, tmp_path, organization=None).refused("orders-db")
    assert "Give the option access_token" in use(manager, tmp_path, access_token=None).refused(ORDERS)
    wrong = f"0.{ACCOUNT}.wrong:{base64.b64encode(TOKEN_KEY).decode()}"
    assert "does not accept the access token" in use(manager, tmp_path, access_token=wrong).refused(ORDERS)
    assert "is not one of Bitwarden" in use(manager, tmp_path, access_token=VALUE).refused(ORDERS)
    for status, told, again in ((403, "Denied", False), (429, "(429)", True), (503, "failed (503)", True)):
        manager.tell(f"status/{status}")
        assert told in use(manager, tmp_path).refused(ORDERS)
        assert use(manager, tmp_path).transient(ORDERS) is again
    lost = use(manager, tmp_path, identity_url="https://localhost:1")
    assert "cannot be reached" in lost.refused(ORDERS)
    assert lost.transient(ORDERS) is True
