# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A probe sees what the check sees, or there is none."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import kubernetes_probes

RHYTHM = {"timeoutSeconds": 10, "periodSeconds": 10, "failureThreshold": 1}


@pytest.mark.parametrize(
    ("check", "probe"),
    [
        (
            {"http": {"url": "http://127.0.0.1:8080/healthz?full=1"}},
            {"httpGet": {"path": "/healthz?full=1", "port": 8080, "scheme": "HTTP"}, **RHYTHM},
        ),
        (
            {"http": {"url": "https://localhost", "headers": {"X-A": "1"}, "status": {"between": [200, 399]}, "verify": False}},
            {"httpGet": {"path": "/", "port": 443, "scheme": "HTTPS", "httpHeaders": [{"name": "X-A", "value": "1"}]}, **RHYTHM},
        ),
        ({"tcp": {"port": "5432"}}, {"tcpSocket": {"port": 5432}, **RHYTHM}),
        ({"grpc_health": {"port": 50051, "service": "shop"}}, {"grpc": {"port": 50051, "service": "shop"}, **RHYTHM}),
        ({"command": {"argv": ["shop", "check"]}}, {"exec": {"command": ["shop", "check"]}, **RHYTHM}),
        (
            {"tcp": {"port": 1}, "retries": 2, "delay": "1500ms", "timeout": "500ms", "passes": 2},
            {"tcpSocket": {"port": 1}, "timeoutSeconds": 1, "periodSeconds": 2, "failureThreshold": 3, "successThreshold": 2},
        ),
    ],
)
def test_probes(check: dict[str, Any], probe: dict[str, Any]) -> None:
    found = kubernetes_probes.kubernetes({"it": check})
    assert (found["probes"], found["left_out"]) == ({"it": probe}, {})


@pytest.mark.parametrize(
    ("options", "notes"),
    [
        ({"url": "http://127.0.0.1/"}, ["the check 200 only"]),
        ({"url": "https://127.0.0.1/"}, ["the check 200 only", "verifies no certificate"]),
        ({"url": "https://127.0.0.1/", "status": {"between": [200, 399]}, "verify": False}, []),
    ],
)
def test_what_a_probe_cannot_see_is_told(options: dict[str, Any], notes: list[str]) -> None:
    told = kubernetes_probes.kubernetes({"it": {"http": options}})["notes"].get("it", "")
    assert all(note in told for note in notes)
    assert bool(told) == bool(notes)


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        ({"http": {"url": "http://127.0.0.1/", "contains": "ok"}}, "the option contains"),
        ({"http": {"url": "http://shop.example/"}}, "looks at its own pod, the check at shop.example"),
        ({"http": {"url": "http://127.0.0.1/", "status": [200, 404]}}, "from 200 to 399"),
        ({"http": {"url": "http://127.0.0.1/", "status": [301, 302]}}, "from 200 to 399"),
        ({"http": {"url": "http://127.0.0.1/", "status": 200}}, "from 200 to 399"),
        ({"http": {"url": "http://127.0.0.1/", "method": "POST"}}, "the option method"),
        ({"tcp": {"port": 1, "open": False}}, "a port that must be closed"),
        ({"tcp": {"port": 1, "host": "192.0.2.1"}}, "the check at 192.0.2.1"),
        ({"command": {"argv": ["x"], "exit": 3}}, "exit status 0"),
        ({"systemd_unit": {"name": "x.service"}}, "a check of the type systemd_unit"),
    ],
)
def test_half_an_expectation_is_none(check: dict[str, Any], reason: str) -> None:
    found = kubernetes_probes.kubernetes({"it": check})
    assert found["probes"] == {}
    assert reason in found["left_out"]["it"]


def test_get_may_be_said() -> None:
    assert kubernetes_probes.kubernetes({"it": {"http": {"url": "http://127.0.0.1/", "method": None}}})["left_out"] == {}
