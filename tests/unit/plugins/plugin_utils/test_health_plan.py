# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role puts on a host: every file, every unit, and all of it again when it goes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_plan

CHECKS = {"ssh": {"tcp": {"port": 22}}}
PROGRAM = "#!/usr/bin/python3\n"
UNITS = "/etc/systemd/system/groundwork-health"


def settings(**changes: Any) -> dict[str, Any]:
    found = {
        "timeout": "2m",
        "interval": "1m",
        "maintenance": [],
        "textfile_directory": "",
        "endpoint": {},
        "unit": {},
        "fleet": {"tls_directory": "/etc/groundwork/tls"},
    }
    return {**found, **changes}


def planned(**changes: Any) -> dict[str, Any]:
    return health_plan.health_plan(settings(**changes), CHECKS, PROGRAM)


def lines(plan: dict[str, Any], path: str) -> list[str]:
    return str(plan["files"][path]["content"]).splitlines()


def test_a_wrong_window_is_told_by_the_name_of_its_variable() -> None:
    with pytest.raises(BadInput, match=r"^health_maintenance\[0\]\.from is '25:00'"):
        planned(maintenance=[{"from": "25:00", "until": "23:00", "reason": "x"}])


def test_the_files_of_a_plain_host() -> None:
    plan = planned(maintenance=[{"from": "22:00", "until": "23:00", "reason": "import"}])
    there = sorted(path for path, entry in plan["files"].items() if "absent" not in entry)
    assert there == [
        "/etc/groundwork",
        "/etc/groundwork/health.json",
        f"{UNITS}.service",
        f"{UNITS}.timer",
        "/usr/local/bin/groundwork-health",
    ]
    declaration = plan["files"]["/etc/groundwork/health.json"]
    assert json.loads(declaration["content"]) == {
        "timeout": "2m",
        "maintenance": [{"from": "22:00", "until": "23:00", "reason": "import"}],
        "oldest": 300.0,
        "checks": CHECKS,
    }
    assert (declaration["mode"], declaration["secret"]) == ("0600", True)
    assert plan["files"]["/usr/local/bin/groundwork-health"] == {"content": PROGRAM, "mode": "0755"}
    assert list(plan["proofs"]) == ["the timer has run the checks"]


def test_the_timer_runs_at_once_and_anew_whenever_something_changed() -> None:
    plan = planned(interval="90s")
    assert {"OnActiveSec=0", "OnUnitActiveSec=90", "Unit=groundwork-health.service"} <= set(lines(plan, f"{UNITS}.timer"))
    unit = plan["units"]["groundwork-health.timer"]
    assert (unit["state"], unit["enabled"]) == ("started", True)
    assert set(unit["restart_on"]) == {
        "/etc/groundwork/health.json",
        "/usr/local/bin/groundwork-health",
        f"{UNITS}.service",
        f"{UNITS}.timer",
    }


def test_the_unit_looks_and_changes_nothing() -> None:
    found = lines(planned(), f"{UNITS}.service")
    assert {"User=root", "Type=oneshot", "ProtectSystem=strict", "SuccessExitStatus=1 2 SIGTERM", "TimeoutStartSec=150"} <= set(found)
    assert {"SystemCallFilter=@system-service", "SystemCallFilter=~@privileged @resources"} <= set(found)
    assert "ExecStart=/usr/local/bin/groundwork-health --format text --json /run/groundwork/health.json" in found
    assert not [line for line in found if line.startswith(("RemainAfterExit", "WantedBy", "ReadWritePaths"))]


def test_what_a_command_needs_can_be_given() -> None:
    found = lines(planned(unit={"ProtectSystem": None, "ReadWritePaths": "/srv"}), f"{UNITS}.service")
    assert "ReadWritePaths=/srv" in found
    assert not [line for line in found if line.startswith("ProtectSystem")]


def test_the_textfile_is_written_where_the_node_exporter_reads() -> None:
    found = lines(planned(textfile_directory="/var/lib/prometheus/node-exporter"), f"{UNITS}.service")
    assert "ReadWritePaths=-/var/lib/prometheus/node-exporter" in found
    assert any(line.endswith("--textfile /var/lib/prometheus/node-exporter/groundwork_health.prom") for line in found)


def test_without_an_endpoint_one_that_was_there_goes() -> None:
    plan = planned()
    gone = [path for path, entry in plan["files"].items() if entry == {"absent": True}]
    assert gone == ["/usr/local/sbin/groundwork-health-endpoint", f"{UNITS}-endpoint.service", f"{UNITS}-endpoint.socket"]
    assert set(plan["gone"]) == {"groundwork-health-endpoint.socket", "groundwork-health-endpoint.service"}


def test_an_endpoint_behind_mutual_tls() -> None:
    plan = planned(endpoint={"port": "9111"}, interval="10s")
    service = lines(plan, f"{UNITS}-endpoint.service")
    assert {"DynamicUser=yes", "PrivateNetwork=yes", "PartOf=groundwork-health-endpoint.socket"} <= set(service)
    assert "LoadCredential=host.key:/etc/groundwork/tls/host.key" in service
    assert {"LoadCredential=crl.pem:/etc/groundwork/tls/crl.pem", "SetCredential=crl.pem:none"} <= set(service)
    assert not [line for line in service if line.startswith("WantedBy")]
    (start,) = [line for line in service if line.startswith("ExecStart=")]
    assert start.endswith("--oldest 150 --tls /run/credentials/groundwork-health-endpoint.service")
    assert {"ListenStream=0.0.0.0:9111", "WantedBy=sockets.target"} <= set(lines(plan, f"{UNITS}-endpoint.socket"))
    assert plan["gone"] == {}
    program = plan["files"]["/usr/local/sbin/groundwork-health-endpoint"]
    assert (program["mode"], program["content"].startswith("#!/usr/bin/python3\n# Copyright")) == ("0755", True)
    proof = plan["proofs"]["the endpoint answers"]["http"]
    assert (proof["url"], proof["ca"], proof["status"]) == ("https://127.0.0.1:9111/healthz", "/etc/groundwork/tls/ca.crt", [200, 503])


def test_an_endpoint_without_tls_on_the_loopback() -> None:
    plan = planned(endpoint={"listen": "::1", "tls": False})
    assert "ListenStream=[::1]:9110" in lines(plan, f"{UNITS}-endpoint.socket")
    assert not [line for line in lines(plan, f"{UNITS}-endpoint.service") if line.startswith("LoadCredential")]
    assert plan["proofs"]["the endpoint answers"]["http"] == {"url": "http://[::1]:9110/healthz", "status": [200, 503]}


@pytest.mark.parametrize(
    ("declared", "monitoring", "callers"),
    [
        ({"port": 9111}, ["ops-1"], ["monitoring"]),
        ({"port": 9111}, [], None),
        ({"port": 9111, "from": ["balancers", "192.0.2.1"]}, ["ops-1"], ["balancers", "192.0.2.1"]),
        ({"port": 9111, "listen": "127.0.0.1"}, ["ops-1"], None),
        ({}, ["ops-1"], None),
    ],
)
def test_who_may_ask_the_endpoint(declared: dict[str, Any], monitoring: list[str], callers: list[str] | None) -> None:
    found = health_plan.endpoint_ports(declared, {"all": ["web-1", "ops-1"], "monitoring": monitoring})
    assert found == ([{"service": "health endpoint", "port": 9111, "from": callers}] if callers else [])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"endpoint": "yes"}, "health_endpoint is 'yes'; expected a mapping"),
        ({"endpoint": {"prot": 1}}, "health_endpoint is 'prot'; expected a known option of the endpoint. Did you mean 'port'"),
        ({"endpoint": {"port": 0}}, r"health_endpoint\.port is 0; expected a port"),
        ({"endpoint": {"port": True}}, r"health_endpoint\.port is True"),
        ({"endpoint": {"tls": "no"}}, r"health_endpoint\.tls is 'no'; expected true or false"),
        ({"endpoint": {"from": "all"}}, r"health_endpoint\.from is 'all'; expected a list of groups"),
        ({"endpoint": {"tls": False}}, r"expected true, unless it listens on the loopback only\. Add listen: 127\.0\.0\.1"),
        ({"interval": "soon"}, "health_interval is 'soon'; expected seconds or a duration"),
    ],
)
def test_wrong_input(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        planned(**changes)


def test_the_removal_takes_away_all_that_any_plan_brings() -> None:
    removal = health_plan.health_removal(settings(textfile_directory="/srv/textfiles"))
    plan = planned(endpoint={"port": 9110})
    assert set(plan["files"]) <= set(removal["files"])
    assert {"/run/groundwork/health.json", "/srv/textfiles/groundwork_health.prom", "/var/cache/groundwork"} <= set(removal["files"])
    assert set(plan["units"]) | set(planned()["gone"]) <= set(removal["units"])
    assert all(unit == {"state": "stopped", "enabled": False} for unit in removal["units"].values())
