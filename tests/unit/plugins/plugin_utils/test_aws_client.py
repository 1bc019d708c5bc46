# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import aws_client
from botocore import exceptions

VALUE = "correct horse battery staple"


@pytest.mark.parametrize(
    ("code", "status", "told", "again"),
    [
        ("AccessDeniedException", 400, "Denied: allow these credentials", False),
        ("ExpiredTokenException", 400, "have expired", False),
        ("ThrottlingException", 400, "for now (ThrottlingException)", True),
        ("InternalServiceError", 500, "for now (InternalServiceError)", True),
        ("SomethingNew", 400, "AWS refused the request (SomethingNew).", False),
    ],
)
def test_what_aws_refuses(code: str, status: int, told: str, again: bool) -> None:
    answer = {"Error": {"Code": code, "Message": VALUE}, "ResponseMetadata": {"HTTPStatusCode": status}}
    error = exceptions.ClientError(answer, "GetParameter")  # type: ignore[arg-type]
    assert told in aws_client.explain(error)
    assert VALUE not in aws_client.explain(error)
    assert aws_client.transient(error) is again


@pytest.mark.parametrize("name", sorted(aws_client.LOST & set(dir(exceptions))))
def test_lost_connections(name: str) -> None:
    error = getattr(exceptions, name)(endpoint_url="https://x", error=VALUE, request=None)
    assert aws_client.transient(error)
    assert aws_client.explain(error).startswith("AWS cannot be reached")


def test_portions() -> None:
    assert [list(one) for one in aws_client.portions("abcde", 2)] == [["a", "b"], ["c", "d"], ["e"]]
    assert list(aws_client.portions([], 2)) == []
