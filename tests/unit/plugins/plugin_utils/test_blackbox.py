# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the blackbox exporter is told sees what the check sees, or the check is left out."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import blackbox


def made(check: dict[str, Any]) -> dict[str, Any]:
    found = blackbox.blackbox({"shop page": check})
    assert found["left_out"] == {}
    assert list(found["modules"]) == ["shop_page"]
    return {**found["modules"]["shop_page"], "target": found["targets"]["shop page"]["target"]}


def test_a_plain_page() -> None:
    assert made({"http": {"url": "https://shop.example/"}, "retries": 3, "warn": {"milliseconds": 100}}) == {
        "prober": "http",
        "timeout": "10s",
        "http": {"method": "GET", "follow_redirects": False, "valid_status_codes": [200]},
        "target": "https://shop.example/",
    }


def test_a_page_with_everything() -> None:
    options = {
        "url": "https://shop.example/x",
        "method": "POST",
        "headers": {"Accept": "text/html"},
        "body": "a=b",
        "status": {"between": [200, 202]},
        "contains": {"contains": "welcome", "not": {"matches": "error [0-9]+"}},
        "answer_headers": {"content-type": {"matches": "^text/"}, "x-shop": "1.0"},
        "tls_version": ["TLSv1.3", "TLSv1.2"],
        "ca": "/etc/ca.crt",
        "certificate": "/etc/c.crt",
        "key": "/etc/c.key",
        "server_name": "shop.example",
        "verify": False,
    }
    found = made({"http": options, "timeout": "2500ms"})
    assert (found["timeout"], found["http"]) == (
        "2.5s",
        {
            "method": "POST",
            "follow_redirects": False,
            "valid_status_codes": [200, 201, 202],
            "headers": {"Accept": "text/html"},
            "body": "a=b",
            "fail_if_body_not_matches_regexp": ["welcome"],
            "fail_if_body_matches_regexp": ["(?m:error [0-9]+)"],
            "fail_if_header_not_matches": [
                {"header": "content-type", "regexp": "(?m:^text/)"},
                {"header": "x-shop", "regexp": r"\A1\.0\z"},
            ],
            "tls_config": {
                "ca_file": "/etc/ca.crt",
                "cert_file": "/etc/c.crt",
                "key_file": "/etc/c.key",
                "server_name": "shop.example",
                "insecure_skip_verify": True,
                "min_version": "TLS12",
            },
        },
    )


def test_ports_and_their_like() -> None:
    assert made({"tcp": {"port": 22, "host": "2001:db8::1"}})["target"] == "[2001:db8::1]:22"
    assert made({"tcp": {"port": 22}})["tcp"] == {}
    grpc = made({"grpc_health": {"port": 50051, "service": "shop", "ca": "/etc/ca.crt"}})
    assert grpc["grpc"] == {"service": "shop", "tls": True, "tls_config": {"ca_file": "/etc/ca.crt"}}
    dns = made({"dns": {"name": "shop.example", "type": "AAAA", "server": "192.0.2.53"}})
    assert (dns["target"], dns["dns"]["query_type"]) == ("192.0.2.53:53", "AAAA")
    assert dns["dns"]["validate_answer_rrs"] == {"fail_if_none_matches_regexp": [r"\sIN\sAAAA\s"]}
    assert made({"dns": {"name": "shop.example", "server": "2001:db8::53", "port": 5353}})["target"] == "[2001:db8::53]:5353"


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        ({"tcp": {"port": 22, "open": False}}, "a port that must be closed"),
        ({"http": {"url": "http://x/", "json": {"a": 1}}}, "the option json"),
        ({"http": {"url": "https://x/", "tls_version": "TLSv1.2"}}, "a lowest version of TLS only"),
        ({"http": {"url": "http://x/", "contains": {"any": ["a", "b"]}}}, "the matcher any"),
        ({"http": {"url": "http://x/", "answer_headers": {"a": {"not": "b"}}}}, "a header that must not be so"),
        ({"dns": {"name": "x"}}, "the check names none"),
        ({"disk": {"path": "/"}}, "a check of the type disk"),
    ],
)
def test_half_an_expectation_is_none(check: dict[str, Any], reason: str) -> None:
    found = blackbox.blackbox({"it": check})
    assert (found["modules"], found["targets"]) == ({}, {})
    assert reason in found["left_out"]["it"]


def test_the_name_of_a_module_can_stand_in_an_address() -> None:
    assert blackbox.module_name("web-1 / shop  http 2") == "web-1_shop_http_2"
