# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the figures of the suite say, the counting server, and that a secret is kept."""

from __future__ import annotations

import http.server
import threading
import urllib.error
import urllib.request

import pytest

from benchmarks import secrets


def test_all_arms_are_given_the_same_and_prove_every_value() -> None:
    variables = secrets.inventory("http://127.0.0.1:1")["all"]["vars"]
    assert len(variables["bench_paths"]) == len(variables["bench_references"]) == secrets.SECRETS
    assert variables["bench_references"][7] == "secret://bench/secret/%s#value" % variables["bench_paths"][7]
    assert variables["bench_sum"] == sum(len(secrets.value(number)) for number in range(secrets.SECRETS))
    for name in (secrets.EMPTY, *secrets.ARMS):
        assert "bench_sum" in secrets.play(name)[0]["tasks"][0]["ansible.builtin.assert"]["that"]


def test_figures_are_net_and_compared_round_by_round() -> None:
    wall = {secrets.EMPTY: [1.0, 1.0], secrets.OURS: [1.5, 1.5], secrets.PEER: [4.0, 6.0]}
    times = secrets.Times(wall, {secrets.EMPTY: [0.0, 0.0], secrets.OURS: [201.0, 201.0], secrets.PEER: [4020.0, 4020.0]})
    requests, faster, kept = secrets.verdicts(times, [0.1, 0.2, 0.3])
    assert (requests.met, requests.figure) == (True, "20.0x (20.0 to 20.0)")
    assert (faster.met, faster.always, faster.figure) == (True, True, "8.00x (6.00 to 10.0)")
    assert kept.met
    first, second = secrets.tables(times, [0.1] * 99 + [9.0])
    assert [row[0] for row in first.rows] == [*secrets.ARMS, secrets.EMPTY]
    assert second.rows[0][1:] == ("0.10 ms", "9.00 ms")


class Answering(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.headers.get("X-Vault-Token") else 403)
        self.end_headers()
        self.wfile.write(self.path.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def test_requests_are_counted_and_passed_on() -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        secrets.Counting.count = 0
        with secrets.counted("http://127.0.0.1:%d" % server.server_address[1]) as url:
            request = urllib.request.Request(url + "/v1/a", headers={"X-Vault-Token": "root"})
            with urllib.request.urlopen(request, timeout=10) as answer:
                assert answer.read() == b"/v1/a"
            with pytest.raises(urllib.error.HTTPError) as error:
                urllib.request.urlopen(url + "/v1/a", timeout=10)
            error.value.close()
        server.shutdown()
    assert secrets.Counting.count == 2


def test_a_secret_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "ASKED", 5)
    assert len(secrets.kept()) == 5
