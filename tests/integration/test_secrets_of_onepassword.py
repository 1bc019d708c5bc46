# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backend `onepassword`: 1Password's own client, over TLS, against the REST of a Connect server as 1Password documents it.

https://developer.1password.com/docs/connect/api-reference
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import NotThere, SecretError
from https_fake import Answer, Request, Service
from secret_use import VALUE, Use

VAULT, ITEM, OTHER = "v" * 26, "i" * 26, "o" * 26


def item() -> dict[str, Any]:
    """Return an item with fields of its own and in two sections."""
    fields = [
        {"id": "username", "type": "STRING", "purpose": "USERNAME", "label": "username", "value": "app"},
        {"id": "password", "type": "CONCEALED", "purpose": "PASSWORD", "label": "password", "value": VALUE},
        {"id": "f1", "type": "STRING", "label": "host", "section": {"id": "s1"}, "value": "db-1"},
        {"id": "f2", "type": "STRING", "label": "host", "section": {"id": "s2"}, "value": "db-2"},
        {"id": "f3", "type": "CONCEALED", "label": "api key", "section": {"id": "s2"}, "value": "key"},
        {"id": "notesPlain", "type": "STRING", "purpose": "NOTES", "label": "notesPlain"},
    ]
    sections = [{"id": "s1", "label": "first"}, {"id": "s2", "label": "second"}]
    moments = {"createdAt": "2024-01-01T00:00:00Z", "updatedAt": "2024-03-01T12:00:00Z"}
    return {
        "id": ITEM,
        "title": "Orders DB",
        "vault": {"id": VAULT},
        "category": "LOGIN",
        "fields": fields,
        "sections": sections,
        **moments,
    }


class Connect:
    """A Connect server with one vault."""

    def __init__(self, directory: Path) -> None:
        self.item = item()
        self.status = 0
        self.service = Service(directory, self.answer)

    def answer(self, request: Request) -> Answer:
        if request.headers["Authorization"] != "Bearer right":
            return 401, {"status": 401, "message": "Invalid token signature"}
        if self.status:
            return self.status, {"status": self.status, "message": VALUE}
        wanted = request.query.get("filter", [""])[0]
        if request.path == "/v1/vaults":
            return 200, [{"id": VAULT, "name": "Production"}] if wanted == 'name eq "Production"' else []
        if request.path == f"/v1/vaults/{VAULT}/items":
            titles = {"Orders DB": [ITEM], "Twice": [ITEM, OTHER]}
            found = next((ids for title, ids in titles.items() if wanted == f'title eq "{title}"'), [])
            return 200, [{"id": one, "title": "x", "vault": {"id": VAULT}, "category": "LOGIN"} for one in found]
        if request.path != f"/v1/vaults/{VAULT}/items/{ITEM}":
            return 404, {"status": 404, "message": "item not found"}
        if request.method == "PUT":
            self.item = request.json()
        return 200, self.item


@pytest.fixture(name="connect")
def _connect(tmp_path: Path) -> Iterator[Connect]:
    one = Connect(tmp_path / "tls")
    with one.service:
        yield one


def use(connect: Connect, directory: Path, **options: Any) -> Use:
    given = {"address": f"https://localhost:{connect.service.port}", "ca": str(connect.service.files.ca), "token": "right"}
    return Use("onepassword", directory, **{**given, **options})


def test_fields_by_names_and_ids(connect: Connect, tmp_path: Path) -> None:
    one = use(connect, tmp_path)
    assert one.fetch("Production/Orders%20DB#password") == one.fetch(f"{VAULT}/{ITEM}#password") == VALUE.encode()
    assert (one.fetch("Production/Orders%20DB#first.host"), one.fetch("Production/Orders%20DB#second.host")) == (b"db-1", b"db-2")
    assert one.fetch("Production/Orders%20DB#api%20key") == one.fetch("Production/Orders%20DB#second.api%20key") == b"key"
    assert use(connect, tmp_path, vault="Production").fetch("Orders%20DB#username") == b"app"
    assert one.changed_at("Production/Orders%20DB").isoformat() == "2024-03-01T12:00:00+00:00"
    assert connect.service.times(f"items/{ITEM}") == 4


def test_what_is_missing(connect: Connect, tmp_path: Path) -> None:
    one = use(connect, tmp_path)
    assert "has no field pasword. Did you mean password?" in one.refused("Production/Orders%20DB#pasword", NotThere)
    assert "has no field host. It has the fields api key, first.host" in one.refused("Production/Orders%20DB#host", NotThere)
    assert "has the fields api key, first.host, notesPlain, password, second.api key" in one.refused("Production/Orders%20DB")
    assert "The field notesPlain of the item is empty." in one.refused("Production/Orders%20DB#notesPlain")
    assert "The vault Production has no item Gone" in one.refused("Production/Gone#x", NotThere)
    assert "There are 2 items with the name Twice: write the id." in one.refused("Production/Twice#x", SecretError)
    assert "There is no vault Elsewhere" in one.refused("Elsewhere/Gone#x", SecretError)
    assert "The path is VAULT/ITEM" in one.refused("Production#x", SecretError)
    assert "write the id" in one.refused("Production/a%22b#x", SecretError)


def test_a_field_is_replaced(connect: Connect, tmp_path: Path) -> None:
    one = use(connect, tmp_path)
    one.replace("Production/Orders%20DB#second.host", b"db-3")
    assert (one.fetch("Production/Orders%20DB#second.host"), one.fetch("Production/Orders%20DB#first.host")) == (b"db-3", b"db-1")
    one.replace("Production/Orders%20DB#password", b"new")
    assert one.fetch("Production/Orders%20DB#password") == b"new"
    assert "has no field x" in one.refused("Production/Orders%20DB#x", NotThere, act="replace")


def test_denied_busy_and_not_reached(connect: Connect, tmp_path: Path) -> None:
    assert "does not accept the token" in use(connect, tmp_path, token="wrong").refused("Production/x#y")
    assert "Give the option address" in use(connect, tmp_path, address="").refused("Production/x#y")
    assert "Give the option token" in use(connect, tmp_path, token="").refused("Production/x#y")
    for status, told, again in ((403, "Denied", False), (429, "(429)", True), (503, "failed (503)", True)):
        connect.status = status
        assert told in use(connect, tmp_path).refused("Production/x#y")
        assert use(connect, tmp_path).transient("Production/x#y") is again
    for lost in (use(connect, tmp_path, address="https://localhost:1"), use(connect, tmp_path, ca="")):
        assert "cannot be reached" in lost.refused("Production/x#y")
        assert lost.transient("Production/x#y") is True
