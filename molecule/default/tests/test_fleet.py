# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet does its work: it serves, it is scraped, its logs arrive."""

from __future__ import annotations

import json
import os
import time
import urllib.parse
import uuid
from typing import Any

import pytest
import testinfra

INVENTORY = os.environ["MOLECULE_INVENTORY_FILE"]
TLS = "/etc/groundwork/tls"


def host(name: str) -> Any:
    return testinfra.get_host(f"ansible://{name}?ansible_inventory={INVENTORY}&force_ansible=True")


def output(name: str, command: str, *arguments: str) -> str:
    return str(host(name).check_output(command, *arguments))


FETCH = f"""
import ssl, sys, urllib.request
context = ssl.create_default_context(cafile="{TLS}/ca.crt")
if "--without-certificate" not in sys.argv:
    context.load_cert_chain("{TLS}/host.crt", "{TLS}/host.key")
print(urllib.request.urlopen(sys.argv[1], context=context).read().decode())
"""


def query(expression: str) -> list[dict[str, Any]]:
    address = "https://localhost:9090/api/v1/query?" + urllib.parse.urlencode({"query": expression})
    result: list[dict[str, Any]] = json.loads(output("ops-1", "python3 -c %s %s", FETCH, address))["data"]["result"]
    return result


def test_every_target_is_up() -> None:
    series = query("up")
    found = {(one["metric"]["job"], one["metric"].get("host", "")): one["value"][1] for one in series}
    assert {host for job, host in found if job == "node"} == {"web-1", "db-1", "ops-1"}
    assert {job for job, _host in found} >= {"node", "nginx", "postgres", "prometheus", "alertmanager"}
    assert set(found.values()) == {"1"}, found


@pytest.mark.parametrize("sender", ["web-1", "db-1", "ops-1"])
def test_a_line_written_on_a_host_is_found_on_ops(sender: str) -> None:
    line = f"fleet-test-{uuid.uuid4()}"
    output(sender, f"logger -t fleet-test {line}")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if host("ops-1").run(f"grep -qF {line} /var/log/groundwork/{sender}/fleet-test.log").rc == 0:
            return
        time.sleep(1)
    pytest.fail(f"{line} of {sender} has not reached ops-1 after 30 s")


def test_nginx_serves_its_page() -> None:
    assert "<html" in output("web-1", "python3 -c %s http://127.0.0.1/", FETCH).lower()


def test_the_release_service_answers() -> None:
    assert output("web-1", "python3 -c %s http://127.0.0.1:8080/healthz", FETCH).strip() == "ok"


def test_postgresql_accepts_a_query() -> None:
    assert output("db-1", "cd / && runuser -u postgres -- psql -tAc 'select 6 * 7'") == "42"


@pytest.mark.parametrize("name", ["web-1", "db-1", "ops-1"])
def test_a_scrape_without_a_certificate_is_refused(name: str) -> None:
    address = output(name, "hostname -I").split()[0]  # exporters listen where the fleet reaches the host
    done = host(name).run("python3 -c %s %s --without-certificate", FETCH, f"https://{address}:9100/metrics")
    assert done.rc != 0
    assert "certificate required" in done.stderr or "ALERT" in done.stderr.upper(), done.stderr


@pytest.mark.parametrize("name", ["web-1", "db-1", "ops-1"])
def test_no_unit_has_failed(name: str) -> None:
    assert output(name, "systemctl list-units --state=failed --no-legend --plain") == ""
