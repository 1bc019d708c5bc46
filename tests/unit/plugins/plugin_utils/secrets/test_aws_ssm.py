# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be told without the service; tests/integration/test_secrets_of_aws.py has the vendor's client talk to one."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import parse
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secrets import SecretError, Settings, aws_ssm


class Client:
    """Answers with the name that it is asked for."""

    def get_parameter(self, **request: Any) -> dict[str, Any]:
        assert request["WithDecryption"] is True
        return {"Parameter": {"Value": request["Name"]}}


def name(rest: str, **options: Any) -> str:
    settings = Settings(options)
    settings.kept("client", Client)
    return aws_ssm.fetch(parse("secret://x/" + rest), settings).decode()


def test_names() -> None:
    assert [name("a"), name("a/b"), name("a", prefix="/p/"), name("a/b", prefix="p")] == ["a", "/a/b", "/p/a", "/p/a/b"]
    assert [name("a?version=3"), name("a/b?label=live")] == ["a:3", "/a/b:live"]


@pytest.mark.parametrize(("rest", "told"), [("a?version=x", "whole number"), ("a?version=1&label=x", "cannot both be given")])
def test_refusals(rest: str, told: str) -> None:
    with pytest.raises(SecretError, match=told):
        name(rest)
