# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backend `gcp_secret_manager`: Google's own clients, over TLS, against the REST that Google documents.

https://cloud.google.com/secret-manager/docs/reference/rest, with the token that a service account signs itself (https://google.aip.dev/auth/4111).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import AlreadyThere, NotThere, SecretError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from google.auth.exceptions import RefreshError
from https_fake import Answer, Request, Service
from secret_use import VALUE, Use

PROJECT = "projects/fleet-1"
FAILURES = {
    "denied": (403, "PERMISSION_DENIED"),
    "busy": (429, "RESOURCE_EXHAUSTED"),
    "broken": (503, "UNAVAILABLE"),
    "off": (400, "FAILED_PRECONDITION"),
}


class SecretManager:
    """A project's secrets, for one service account."""

    def __init__(self, directory: Path) -> None:
        self.secrets: dict[str, list[bytes]] = {f"{PROJECT}/secrets/orders": [b"old", VALUE.encode()]}
        self.secrets[f"{PROJECT}/secrets/json"] = [b'{"password": "%s", "user": "app"}' % VALUE.encode()]
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.service = Service(directory, self.answer)

    def answer(self, request: Request) -> Answer:
        if not self.signed(request.headers["Authorization"] or ""):
            return failure(401, "UNAUTHENTICATED")
        path = request.path.removeprefix("/v1/")
        if request.method == "POST" and path.endswith("/secrets"):
            name = f"{path}/{request.query['secretId'][0]}"
            if name in self.secrets:
                return failure(409, "ALREADY_EXISTS")
            self.secrets[name] = []
            return 200, {"name": name}
        if path.endswith(":addVersion"):
            name = path.removesuffix(":addVersion")
            self.secrets[name].append(base64.b64decode(request.json()["payload"]["data"]))
            return 200, {"name": f"{name}/versions/{len(self.secrets[name])}", "state": "ENABLED"}
        name, _versions, version = path.removesuffix(":access").rpartition("/versions/")
        if name.rpartition("/")[2] in FAILURES:
            return failure(*FAILURES[name.rpartition("/")[2]])
        known = self.secrets.get(name, [])
        number = len(known) if version == "latest" else int(version)
        if not 1 <= number <= len(known):
            return failure(404, "NOT_FOUND")
        if path.endswith(":access"):
            return 200, {"name": f"{name}/versions/{number}", "payload": {"data": base64.b64encode(known[number - 1]).decode()}}
        return 200, {"name": f"{name}/versions/{number}", "createTime": "2024-03-01T12:00:00.5Z", "state": "ENABLED"}

    def signed(self, header: str) -> bool:
        """Return whether the token in the header is one of the account."""
        text, _dot, signature = header.removeprefix("Bearer ").rpartition(".")
        try:
            self.key.public_key().verify(base64.urlsafe_b64decode(signature + "=="), text.encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return True


def failure(status: int, name: str) -> Answer:
    return status, {"error": {"code": status, "status": name, "message": f"it says {VALUE}"}}


@pytest.fixture(name="manager")
def _manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretManager]:
    one = SecretManager(tmp_path / "tls")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(one.service.files.ca))
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    pem = one.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    account = {"type": "service_account", "project_id": "fleet-1", "private_key_id": "1", "private_key": pem}
    account |= {"client_email": "ci@fleet-1.example", "token_uri": f"https://localhost:{one.service.port}/token"}
    (tmp_path / "account.json").write_text(json.dumps(account))
    with one.service:
        yield one


def use(manager: SecretManager, directory: Path, **options: Any) -> Use:
    given = {"credentials_file": "account.json", "endpoint": f"localhost:{manager.service.port}"}
    return Use("gcp_secret_manager", directory, **{**given, **options})


def test_values_versions_and_fields(manager: SecretManager, tmp_path: Path) -> None:
    one = use(manager, tmp_path)
    assert one.fetch("orders") == one.fetch(f"{PROJECT}/secrets/orders") == one.fetch("json#password") == VALUE.encode()
    assert one.fetch("orders?version=1") == b"old"
    assert (one.fetch("json#user"), manager.service.times("/secrets/json")) == (b"app", 1)
    assert one.changed_at("orders").isoformat() == "2024-03-01T12:00:00.500000+00:00"


def test_created_once_and_replaced(manager: SecretManager, tmp_path: Path) -> None:
    one = use(manager, tmp_path)
    one.store("new#a", b"first")
    assert "is there already" in one.refused("new#a", AlreadyThere, act="store")
    assert "but without what is to be created" in one.refused("new#b", SecretError, act="store")
    one.replace("new#a", VALUE.encode())
    assert one.fetch("new#a") == VALUE.encode()
    assert [json.loads(version)["a"] for version in manager.secrets[f"{PROJECT}/secrets/new"]] == ["first", VALUE]
    assert "has no field b" in one.refused("new#b", NotThere, act="replace")


def test_a_region(manager: SecretManager, tmp_path: Path) -> None:
    one = use(manager, tmp_path, location="europe-west1", project="other")
    one.store("new", VALUE.encode())
    assert list(manager.secrets)[-1] == "projects/other/locations/europe-west1/secrets/new"
    assert one.fetch("new") == VALUE.encode()


def test_what_is_missing_denied_off_or_busy(manager: SecretManager, tmp_path: Path) -> None:
    one = use(manager, tmp_path)
    assert one.refused("gone", NotThere) == "The secret gone is not there, or has no version."
    assert one.refused("orders?version=7", NotThere) == "The secret orders is not there, or has no version 7."
    assert "Did you mean password?" in one.refused("json#pasword", NotThere)
    assert "has a /" in one.refused("a/b", SecretError)
    assert one.refused("denied").startswith("Denied: these credentials lack roles/secretmanager.secretAccessor")
    assert "disabled or destroyed" in one.refused("off")
    assert "(429)" in one.refused("busy")
    assert "failed (503)" in one.refused("broken")
    assert [one.transient(name) for name in ("denied", "off", "busy", "broken")] == [False, False, True, True]


def test_logins_that_fail(manager: SecretManager, tmp_path: Path) -> None:
    one = use(manager, tmp_path)
    assert "Google does not renew the credentials" in one.told(RefreshError(VALUE))
    manager.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert one.refused("orders") == "Google does not accept the credentials: log in anew."
    assert "No such file" in use(manager, tmp_path, credentials_file="gone.json").refused("orders")
    (tmp_path / "account.json").write_text("{}")
    assert "no key of a service account" in use(manager, tmp_path).refused("orders")


def test_a_service_that_is_not_reached(manager: SecretManager, tmp_path: Path) -> None:
    lost = use(manager, tmp_path, endpoint="localhost:1")
    assert "Google cannot be reached" in lost.refused("orders")
    assert lost.transient("orders") is True
