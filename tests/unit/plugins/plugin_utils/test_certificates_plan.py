# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import certificates_plan as plan

TRUST = {"package": "ca-certificates", "path": "/usr/local/share/ca-certificates/g.crt", "bundle": "/b", "refresh": []}
SETTINGS: dict[str, Any] = {
    "services": [],
    "wanted": [],
    "units": {},
    "acme": {},
    "trust_system": False,
    "textfile_directory": "",
    "platform": {"trust": TRUST},
    "fleet": {"tls_directory": "/etc/groundwork/tls"},
}
ISSUED: dict[str, Any] = {
    "authority_certificate": "/c/trusted.crt",
    "root_certificate": "/c/root.crt",
    "former_certificate": None,
    "revocation_list": "/c/crl.pem",
    "certificate": "/c/host.crt",
    "key": "/c/host.key",
    "authority": {"body_line": "abc"},
    "leaves": {"web": {"certificate": "/c/web.crt", "chain": "/c/web.chain.crt", "key": "/c/web.key"}},
}


def made(issued: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
    return plan.certificates_plan(
        {**SETTINGS, **settings}, {**ISSUED, **(issued or {})}, "web-1", {"certificate_status": "program", "acme_renewal": "other"}
    )


def test_every_host_gets_its_pair_the_authority_and_the_list() -> None:
    found = made()
    assert sorted(path for path in found["files"] if "." in path) == [
        f"/etc/groundwork/tls/{name}" for name in ("ca.crt", "crl.pem", "host.crt", "host.key")
    ]
    assert found["files"]["/etc/groundwork/tls/host.key"]["secret"] and found["leaves"] == {} and found["units"] == {}


def test_a_certificate_of_a_service_has_its_owner_and_its_unit() -> None:
    found = made(services=[{"name": "web", "service": "shop", "owner": "www-data", "group": "www-data", "reload": "nginx.service"}])
    key = found["leaves"]["/etc/groundwork/tls/web.key"]
    assert key == {"source": "/c/web.key", "mode": "0640", "secret": True, "owner": "www-data", "group": "www-data", "patient": True}
    assert found["leaves"]["/etc/groundwork/tls/web.chain.crt"]["source"] == "/c/web.chain.crt"
    watched = [f"/etc/groundwork/tls/{name}" for name in ("web.crt", "web.key", "ca.crt", "crl.pem")]
    assert found["units"] == {"nginx.service": {"reload_on": watched}}
    assert found["checks"]["pair of web"]["certificate"]["name"] == "web-1"


def test_one_of_the_sites_own_is_not_held_against_our_authority() -> None:
    found = made(wanted=[{"name": "web", "certificate": "x", "key": "y", "restart": "stunnel4.service"}])
    assert "pair of web" not in found["checks"] and "/etc/groundwork/tls/crl.pem" not in found["units"]["stunnel4.service"]["restart_on"]


def test_a_service_with_two_certificates_is_reloaded_for_either() -> None:
    leaves = dict.fromkeys(("a", "b"), ISSUED["leaves"]["web"])
    found = made({"leaves": leaves}, wanted=[{"name": name, "reload": "nginx.service"} for name in leaves])
    assert len(found["units"]["nginx.service"]["reload_on"]) == 6


def test_the_former_authority_stands_in_the_trust_store_by_itself() -> None:
    assert made()["trust"]["checks"] == {}
    alone = made(trust_system=True)
    assert alone["files"][TRUST["path"]] == {"source": "/c/root.crt"} and alone["trust"]["checks"]["trust"]["file"]["contains"] == "abc"
    both = made({"former_certificate": "/c/ca.crt"}, trust_system=True)
    assert both["leaves"][both["trust"]["former"]] == {"source": "/c/ca.crt"} and both["trust"]["former"].endswith("/g-former.crt")


def test_the_end_of_each_is_told_where_somebody_reads_it() -> None:
    timer = "groundwork-certificate-status.timer"
    assert made()["gone"][timer] == {"state": "stopped", "enabled": False}
    found = made(textfile_directory="/t")
    assert (
        found["leaves"]["/usr/local/sbin/groundwork-certificate-status"] == {"content": "program", "mode": "0755"}
        and timer not in found["gone"]
    )
    text = found["leaves"]["/etc/systemd/system/groundwork-certificate-status.service"]["content"]
    assert "--directory /etc/groundwork/tls --textfile /t/groundwork_certificates.prom" in text
    assert "/etc/groundwork/tls/host.crt" in found["units"][timer]["restart_on"]


def test_units_of_ones_own_take_the_hosts_certificate_in() -> None:
    found = made(units={"postfix.service": "reload", "x.service": "restart"})
    assert found["units"]["postfix.service"] == {
        "reload_on": [f"/etc/groundwork/tls/{name}" for name in ("host.crt", "host.key", "ca.crt")]
    }
    assert "restart_on" in found["units"]["x.service"]
    with pytest.raises(BadInput, match=r"certificates_units.x.service is 'kill'; expected reload or restart"):
        made(units={"x.service": "kill"})


def test_a_removal_takes_all_that_has_no_owner() -> None:
    found = plan.removal({**SETTINGS, "textfile_directory": "/t"})
    assert {"/etc/groundwork/tls/crl.pem", TRUST["path"], "/t/groundwork_certificates.prom"} <= set(found["files"])
    assert {"groundwork-certificate-status.service", "groundwork-acme.timer"} <= set(found["units"])
    assert found["state"] == {"/var/lib/groundwork/acme": {"absent": True}}


def test_a_public_authority_brings_its_client() -> None:
    public = {"contact": "ops@example.org", "agree_to_terms": True}
    asked = {"acme": public, "wanted": [{"name": "web", "names": ["www.example.org"], "acme": True}], "trust_system": True}
    found = made(**asked)
    assert plan.packages({**SETTINGS, **asked}) == {"certbot": None, "ca-certificates": None} and plan.packages(SETTINGS) == {}
    assert found["leaves"]["/etc/groundwork/tls/web.crt"] == {"source": "/c/web.crt", "mode": "0644", "once": True}
    assert found["units"].get("nginx.service") is None
    assert found["leaves"]["/usr/local/sbin/groundwork-acme"]["content"] == "other" and "groundwork-acme.service" in found["units"]


def test_wrong_certificates_are_refused() -> None:
    with pytest.raises(BadInput, match=r"fleet_services.shop.certificates"):
        made(services=[{"name": "web", "service": "shop", "day": 3}])
