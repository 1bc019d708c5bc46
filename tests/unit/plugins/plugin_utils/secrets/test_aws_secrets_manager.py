# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be told without the service; tests/integration/test_secrets_of_aws.py has the vendor's client talk to one."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import parse
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import NotThere, SecretError, Settings, aws_secrets_manager
from botocore.exceptions import ClientError


class Client:
    """Answers with a value, or refuses with a code."""

    def __init__(self, answer: dict[str, Any] | str) -> None:
        self.answer, self.asked = answer, []  # type: ignore[var-annotated]

    def get_secret_value(self, **request: str) -> dict[str, Any]:
        self.asked.append(request)
        if isinstance(self.answer, str):
            raise ClientError({"Error": {"Code": self.answer, "Message": "hunter2"}}, "GetSecretValue")
        return self.answer


def settings(client: Client) -> Settings:
    made = Settings()
    made.kept("client", lambda: client)
    return made


def test_a_version_is_asked_for_as_aws_names_it() -> None:
    client = Client({"SecretString": '{"a": "1"}'})
    assert aws_secrets_manager.fetch(parse("secret://x/db#a?version=v1&stage=s"), settings(client)) == b"1"
    assert client.asked == [{"SecretId": "db", "VersionId": "v1", "VersionStage": "s"}]
    assert aws_secrets_manager.fetch(parse("secret://x/db"), settings(Client({"SecretBinary": b"\xff"}))) == b"\xff"


def test_missing_and_being_deleted() -> None:
    with pytest.raises(NotThere, match="The secret db is not there, in this region and account"):
        aws_secrets_manager.fetch(parse("secret://x/db"), settings(Client("ResourceNotFoundException")))
    with pytest.raises(ClientError) as error:
        aws_secrets_manager.fetch(parse("secret://x/db"), settings(Client("InvalidRequestException")))
    assert aws_secrets_manager.explain(error.value).startswith("The secret is being deleted")
    with pytest.raises(SecretError, match=r"leave \?version="):
        aws_secrets_manager.replace(parse("secret://x/db?version=v1"), b"x", settings(Client({})))
