# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backends of AWS: Amazon's own client against a moto server, which speaks the protocols of Secrets Manager and Systems Manager."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import aws_client
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import AlreadyThere, NotThere, SecretError
from moto.server import ThreadedMotoServer
from secret_use import VALUE, Use

ACCOUNT = {"access_key": "AKIATEST", "secret_key": "x", "region": "eu-central-1"}


@pytest.fixture(scope="module", name="endpoint")
def _endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(name="calls")
def _calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the operations that are asked of AWS, in their order; nothing of this machine's own account is used."""
    names: list[str] = []
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    made = aws_client.client

    def counted(settings: Any, service: str) -> Any:
        client = made(settings, service)
        if not hasattr(client, "counted"):
            client.counted = True
            client.meta.events.register("before-call.*.*", lambda model, **_more: names.append(model.name))
        return client

    monkeypatch.setattr(aws_client, "client", counted)
    return names


def use(kind: str, endpoint: str, directory: Path, /, **options: Any) -> Use:
    return Use(kind, directory, **{**ACCOUNT, "endpoint": endpoint, **options})


def direct(service: str, endpoint: str) -> Any:
    return boto3.client(service, "eu-central-1", aws_access_key_id="a", aws_secret_access_key="x", endpoint_url=endpoint)


def test_secrets_versions_and_fields(endpoint: str, tmp_path: Path, calls: list[str]) -> None:
    manager = direct("secretsmanager", endpoint)
    made = manager.create_secret(Name="orders/db", SecretString=json.dumps({"password": "old", "user": "app"}))
    manager.put_secret_value(SecretId="orders/db", SecretString=json.dumps({"password": VALUE, "user": "app"}))
    manager.create_secret(Name="binary", SecretBinary=b"\x00\xff")
    one = use("aws_secrets_manager", endpoint, tmp_path)
    assert (one.fetch("orders/db#password"), one.fetch("orders/db#user")) == (VALUE.encode(), b"app")
    assert calls == ["GetSecretValue"]
    assert one.fetch("orders/db#password?stage=AWSPREVIOUS") == b"old"
    assert one.fetch(f"orders/db#password?version={made['VersionId']}") == b"old"
    assert one.fetch(f"{made['ARN']}#password") == VALUE.encode()
    assert one.fetch("binary") == b"\x00\xff"
    assert one.changed_at("orders/db").tzinfo is not None
    assert "Did you mean password?" in one.refused("orders/db#pasword", NotThere)
    assert "It has the fields password, user." in one.refused("orders/db#zzz", NotThere)
    assert one.refused("gone", NotThere) == "The secret gone is not there, in this region and account."
    assert "is not there in this version" in one.refused("orders/db?stage=NOWHERE", NotThere)


def test_many_secrets_by_few_requests(endpoint: str, tmp_path: Path, calls: list[str]) -> None:
    manager = direct("secretsmanager", endpoint)
    for number in range(45):
        manager.create_secret(Name=f"many/{number}", SecretString=json.dumps({"a": str(number), "b": "x"}))
    one = use("aws_secrets_manager", endpoint, tmp_path)
    found = one.fetch_many(
        *[f"many/{number}#{field}" for number in range(45) for field in "ab"], "many/gone", "many/0#zzz", "many/0#a?stage=X"
    )
    assert calls == ["BatchGetSecretValue"] * 3
    assert len(found) == 90
    assert found[one.reference("many/44#a")] == b"44"


def test_a_secret_is_created_once_and_replaced(endpoint: str, tmp_path: Path, calls: list[str]) -> None:
    one = use("aws_secrets_manager", endpoint, tmp_path)
    one.store("new#a", b"first")
    assert "is there already" in one.refused("new#a", AlreadyThere, act="store")
    assert "is there without the field b" in one.refused("new#b", SecretError, act="store")
    one.replace("new#a", VALUE.encode())
    assert (one.fetch("new#a"), one.fetch("new#a?stage=AWSPREVIOUS")) == (VALUE.encode(), b"first")
    one.store("whole", b"\xff")
    assert one.fetch("whole") == b"\xff"
    assert "leave ?version= and ?stage= out" in one.refused("new#a?stage=x", act="replace")
    direct("secretsmanager", endpoint).delete_secret(SecretId="whole")
    assert "is being deleted: restore it" in use("aws_secrets_manager", endpoint, tmp_path).refused("whole")


def test_parameters(endpoint: str, tmp_path: Path, calls: list[str]) -> None:
    one = use("aws_ssm", endpoint, tmp_path)
    one.store("orders/db/password", b"old")
    one.replace("orders/db/password", VALUE.encode())
    one.store("plain", b'{"a": "1"}')
    assert direct("ssm", endpoint).get_parameter(Name="/orders/db/password")["Parameter"]["Type"] == "SecureString"
    assert one.fetch("orders/db/password") == use("aws_ssm", endpoint, tmp_path, prefix="/orders").fetch("db/password") == VALUE.encode()
    assert (one.fetch("orders/db/password?version=1"), one.fetch("plain#a")) == (b"old", b"1")
    assert one.changed_at("plain").tzinfo is not None
    assert "is there already" in one.refused("plain", AlreadyThere, act="store")
    assert "is there without the field b" in one.refused("plain#b", SecretError, act="store")
    assert one.refused("gone/x", NotThere) == "The parameter /gone/x is not there, in this region and account."
    assert "cannot both be given" in one.refused("plain?version=1&label=x")
    assert "is not a whole number" in one.refused("plain?version=x")
    with pytest.raises(SecretError, match="can only be text"):
        one.store("binary", b"\xff")


def test_many_parameters_by_few_requests(endpoint: str, tmp_path: Path, calls: list[str]) -> None:
    one = use("aws_ssm", endpoint, tmp_path)
    for number in range(25):
        one.store(f"many/{number}", b"%d" % number)
    calls.clear()
    found = use("aws_ssm", endpoint, tmp_path).fetch_many(*[f"many/{number}" for number in range(25)], "many/gone")
    assert calls == ["GetParameters"] * 3
    assert found[one.reference("many/24")] == b"24"
    assert len(found) == 25


@pytest.mark.parametrize(
    ("options", "told", "again"),
    [
        ({"endpoint": "http://127.0.0.1:1"}, "AWS cannot be reached", True),
        ({"region": None}, "Give the option region", False),
        ({"access_key": None, "secret_key": None}, "There are no credentials of AWS here", False),
        ({"secret_key": None}, "belong together", False),
        ({"profile": "nowhere"}, "no such profile", False),
    ],
)
def test_what_does_not_reach_aws(endpoint: str, tmp_path: Path, calls: list[str], options: dict[str, Any], told: str, again: bool) -> None:
    one = use("aws_ssm", endpoint, tmp_path, **options)
    assert told in one.refused("plain")
    assert one.transient("plain") is again
