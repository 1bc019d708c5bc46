# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_aws
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

EXAMPLE = log_aws.Keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
OF_S3 = log_aws.Keys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
SUITE = 1440938160.0  # 20150830T123600Z, of AWS' test suite of Signature Version 4
GUIDE = 1369353600.0  # 20130524T000000Z, of the examples in the reference of S3


def signature(*arguments: object) -> str:
    return log_aws.signed(*arguments)["authorization"].rpartition("Signature=")[2]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("method", "query", "wanted"),
    [
        ("GET", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        ("GET", "?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    ],
)
def test_aws_own_examples(method: str, query: str, wanted: str) -> None:
    """get-vanilla, post-vanilla and get-vanilla-query-order-key-case of the published test suite."""
    url = "https://example.amazonaws.com/" + query
    assert signature(method, url, {}, b"", EXAMPLE, "us-east-1", "service", SUITE) == wanted


def test_the_example_of_s3() -> None:
    """PUT Object of the reference of S3, "Examples: Signature Calculations"."""
    body = b"Welcome to Amazon S3."
    headers = {"date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"}
    headers["x-amz-content-sha256"] = log_aws.digest(body)
    url = "https://examplebucket.s3.amazonaws.com/test%24file.text"
    wanted = "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    assert signature("PUT", url, headers, body, OF_S3, "us-east-1", "s3", GUIDE) == wanted


@pytest.mark.parametrize("service", ["logs", "s3"])
def test_it_signs_as_amazons_own_client(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Clock:
            return cls(2026, 1, 2, 3, 4, 5, tzinfo=tz)

        @classmethod
        def utcnow(cls) -> Clock:
            return cls(2026, 1, 2, 3, 4, 5)

    monkeypatch.setattr("botocore.compat.datetime.datetime", Clock)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *_any, **_more: Clock.utcnow(), raising=False)
    keys = log_aws.Keys("AKIA", "x", "session")
    url, body = "https://name:8443/logs/year=2026/a%20b-1.json.gz", b"x" * 10
    headers = {"content-type": "application/gzip", "x-amz-content-sha256": log_aws.digest(body)}
    request = AWSRequest("PUT", url, headers=dict(headers), data=body)
    kind = S3SigV4Auth if service == "s3" else SigV4Auth
    place = "https://name:8443/" if service == "logs" else url
    request.url = place
    kind(Credentials("AKIA", "x", "session"), service, "eu-central-1").add_auth(request)
    moment = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC).timestamp()
    own = log_aws.signed("PUT", place, headers, body, keys, "eu-central-1", service, moment)
    assert own["x-amz-security-token"] == "session"
    assert own["authorization"] == request.headers["Authorization"]


# --- keys --------------------------------------------------------------------------------------------------------


def test_a_file_of_credentials_may_have_profiles() -> None:
    text = "[default]\naws_access_key_id = A\naws_secret_access_key=S%S\n[other]\naws_access_key_id=B\naws_secret_access_key=T\n"
    assert log_aws.from_file(text, "default") == log_aws.Keys("A", "S%S")
    assert log_aws.from_file(text + "aws_session_token = U\n", "other") == log_aws.Keys("B", "T", "U")


@pytest.mark.parametrize(
    ("text", "said"),
    [("[a]\n", "no profile default"), ("[default]\naws_access_key_id=A\n", "no aws_secret_access_key"), ("S3CRET\n", "not in the form")],
)
def test_a_file_without_keys_says_so_and_nothing_of_it(text: str, said: str) -> None:
    with pytest.raises(log_aws.NoKeys, match=said) as error:
        log_aws.from_file(text, "default")
    assert "S3CRET" not in str(error.value)


class Metadata:
    """Answers as the metadata service of an instance does, and as the address that a container is given."""

    def __init__(self, ends: str = "2026-01-01T01:00:00Z") -> None:
        self.asked: list[tuple[str, str]] = []
        self.ends, self.number, self.dead = ends, 0, False

    def __call__(self, method: str, url: str, headers: Mapping[str, str]) -> tuple[int, str]:
        self.asked.append((method, url))
        if self.dead:
            raise OSError("no route to host")
        if method == "PUT":
            return (200, "word") if int(headers["X-aws-ec2-metadata-token-ttl-seconds"]) <= 21600 else (400, "")
        if "meta-data" in url and headers.get("X-aws-ec2-metadata-token") != "word":
            return 401, ""
        if url.endswith("security-credentials/"):
            return 200, "role\n"
        self.number += 1
        told = {"AccessKeyId": "A%d" % self.number, "SecretAccessKey": "S", "Token": "T", "Expiration": self.ends}
        return 200, json.dumps(told)


START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC).timestamp()


def test_the_role_of_an_instance_is_asked_anew_before_its_keys_end() -> None:
    service, now = Metadata(), [START]
    provider = log_aws.Provider("", {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://meta/"}, service, lambda: now[0])
    assert provider.keys() == log_aws.Keys("A1", "S", "T", START + 3600)
    now[0] += 3000
    assert provider.keys().access == "A1" and len(service.asked) == 3
    assert service.asked[0] == ("PUT", "http://meta/latest/api/token"), "version 2 of the service"
    now[0] += 400
    service.dead = True
    assert provider.keys().access == "A1", "they hold still"
    now[0] += 300
    with pytest.raises(log_aws.NoKeys, match="PUT at meta failed: no route to host"):
        provider.keys()
    service.dead, service.ends = False, "2026-01-01T03:00:00Z"
    assert provider.keys().access == "A2"
    provider.forget()
    assert provider.keys().access == "A3"


def test_where_keys_are_looked_for(tmp_path: Path) -> None:
    service = Metadata()
    given = {"AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "F"}
    relative = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x"}
    word = tmp_path / "word"
    word.write_text("secret\n")
    full = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://pod/v1", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(word)}
    assert log_aws.Provider("", {**given, **relative}, service).keys() == log_aws.Keys("E", "F") and not service.asked
    assert log_aws.Provider("", relative, service).keys().session == "T"
    assert log_aws.Provider("", full, service).keys().session == "T"
    assert [url for _method, url in service.asked] == ["http://169.254.170.2/v2/x", "http://pod/v1"]
    with pytest.raises(log_aws.NoKeys, match="file of credentials cannot be read: No such file"):
        log_aws.Provider(str(tmp_path / "none"), given, service).keys()
    with pytest.raises(log_aws.NoKeys, match="AUTHORIZATION_TOKEN_FILE cannot be read"):
        log_aws.Provider("", {**full, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/none"}, service).keys()
    file = tmp_path / "aws"
    file.write_text("[p]\naws_access_key_id=A\naws_secret_access_key=S\n")
    assert log_aws.Provider(str(file), {"AWS_PROFILE": "p", **given}, service).keys() == log_aws.Keys("A", "S")


def test_what_answers_no_keys() -> None:
    with pytest.raises(log_aws.NoKeys, match="HTTP 404"):
        log_aws.Provider("", {}, lambda *_any: (404, "secret")).keys()
    with pytest.raises(log_aws.NoKeys, match="no role"):
        log_aws.Provider("", {}, lambda *_any: (200, "")).keys()
    with pytest.raises(log_aws.NoKeys, match="no AccessKeyId"):
        log_aws.from_answer('{"SecretAccessKey": "S"}')
