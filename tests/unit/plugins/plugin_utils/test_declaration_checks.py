# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import declaration_checks

KNOWN = ["web", "web-1", "all"]
RELEASE = {"url": "https://releases.example.org/a.tar", "version": "1.0", "sha256": "0" * 64}


def problems(**service: Any) -> list[str]:
    return declaration_checks.problems({"orders": service}, KNOWN)


def test_a_declaration_that_is_right() -> None:
    right = {
        "release": RELEASE,
        "exec": "bin/orders",
        "ports": [{"port": 8080, "from": ["web", "web-1", "any"]}],
        "health": [{"http": {"url": "http://127.0.0.1:8080/"}, "name": "page"}, {"tcp": {"port": 8080}, "retries": 3}],
    }
    assert problems(**right) == []


@pytest.mark.parametrize("version", [{"version": "2.4.1"}, {}])
def test_the_version_may_stand_beside_the_release_or_nowhere_as_for_the_role(version: dict[str, str]) -> None:
    release = {key: value for key, value in RELEASE.items() if key != "version"}
    assert problems(release=release, exec="bin/orders", **version) == []
    [problem] = problems(release=release, version="../1", exec="bin/orders")
    assert "fleet_services.orders.release.version is '../1'" in problem


@pytest.mark.parametrize(
    ("service", "told"),
    [
        ({"ports": [{"port": 80, "from": ["wbe"]}]}, ["fleet_services.orders.ports[0].from is 'wbe'", "Did you mean 'web'?"]),
        ({"ports": [{"port": 80, "from": ["web"], "protocoll": "udp"}]}, ["fleet_services.orders.ports[0]", "Did you mean 'protocol'?"]),
        ({"ports": [{"port": 80}]}, ["fleet_services.orders.ports[0].from", "there is no default"]),
        ({"health": [{"htpp": {"url": "http://127.0.0.1/"}}]}, ["fleet_services.orders.health[0]", "Did you mean 'http'?"]),
        ({"health": [{"http": {"ulr": "http://127.0.0.1/"}}]}, ["fleet_services.orders.health[0].http", "Did you mean 'url'?"]),
        ({"release": {**RELEASE, "sha256": "…"}}, ["fleet_services.orders.release.sha256", "64 hexadecimal digits"]),
        ({"release": {**RELEASE, "shaa256": "x"}}, ["Did you mean 'sha256'?"]),
    ],
)
def test_what_is_wrong_inside_is_told_by_the_name_in_the_inventory(service: dict[str, Any], told: list[str]) -> None:
    [problem] = problems(**service)
    for text in told:
        assert text in problem


def test_every_service_is_judged_and_one_to_be_removed_is_not() -> None:
    wrong = {"ports": [{"port": 80, "from": ["wbe"]}]}
    assert len(declaration_checks.problems({"a": wrong, "b": wrong, "c": {**wrong, "state": "absent"}}, KNOWN)) == 2


def test_an_administrator_without_a_real_key_is_told() -> None:
    found = list(declaration_checks.admin_problems({"ana": {"keys": ["ssh-ed25519 AAAA… ana"]}, "ben": {"keys": []}}))
    assert "fleet_admins['ana'].keys[0]" in found[0]
    assert "fleet_admins['ben'].keys" in found[1]
    assert list(declaration_checks.admin_problems({})) == []
    [wrong_right] = declaration_checks.admin_problems({"ana": {"keys": ["ssh-ed25519 " + "A" * 68 + " x"], "sudo": "al"}})
    assert "fleet_admins['ana']" in wrong_right


def test_choices_of_controls() -> None:
    found = list(declaration_checks.control_problems({"a-control": True, "a-contrl": False, "b": 1}, ["a-control", "b"]))
    assert "Did you mean 'a-control'?" in found[0]
    assert "hardening_controls.b is 1; expected true, false or a mapping" in found[1]
    assert list(declaration_checks.control_problems(None, [])) == []


def test_sudo_roles_and_accounts_of_services_are_judged_with_the_administrators() -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFI6iUlzmAGobcnhscvuv1dkAnumHA4gLlO5bbth+bu0 ana"
    ana = {"ana": {"keys": [{"key": key, "expires": "soon"}], "sudo": "operater"}}
    roles = {"operator": {"commands": ["/usr/bin/id"]}}
    [day] = declaration_checks.admin_problems(ana, roles)
    assert "fleet_admins['ana'].keys[0].expires is 'soon'" in day
    [role] = declaration_checks.admin_problems({"ana": {"keys": [key], "sudo": "operater"}}, roles)
    assert "fleet_admins['ana'].sudo" in role and "Did you mean 'operator'" in role
    [wrong_role] = declaration_checks.admin_problems({"ana": {"keys": [key], "sudo": "operator"}}, {"operator": {}}, {"x": {"keyz": 1}})
    assert "users_sudo_roles['operator'].commands" in wrong_role
    found = list(declaration_checks.admin_problems({"ana": {"keys": [key]}}, roles, {"ana": {}, "deploy": {"sudo": "op"}}))
    assert len(found) == 2 and "not among fleet_admins" in found[0] and "users_service_accounts['deploy'].sudo" in found[1]


def test_networks_are_addresses_under_names_of_their_own() -> None:
    right = {"office": ["192.0.2.0/24", "2001:db8::/32"], "nobody": []}
    assert list(declaration_checks.network_problems(right, KNOWN)) == []
    assert list(declaration_checks.network_problems(None, KNOWN)) == []
    wrong = {"web": ["192.0.2.1"], "any": [], "office": ["192.0.2.1/24"], "home": "192.0.2.1"}
    told = list(declaration_checks.network_problems(wrong, KNOWN))
    assert [text.split(";")[0] for text in told] == [
        "fleet_networks is 'web'",
        "fleet_networks is 'any'",
        "fleet_networks['office'] is '192.0.2.1/24'",
        "fleet_networks['home'] is '192.0.2.1'",
    ]


def test_the_user_of_the_connection_is_not_cut_off_by_the_inventory() -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFI6iUlzmAGobcnhscvuv1dkAnumHA4gLlO5bbth+bu0 ana"
    expired = {"keys": [{"key": key, "expires": "2020-01-31"}], "sudo": "operator"}
    [locked] = declaration_checks.lock_out_problems({"ana": {"state": "locked"}}, "ana")
    assert "fleet_admins['ana'].state is 'locked'" in locked and "ansible_user is 'ana'" in locked
    [without] = declaration_checks.lock_out_problems({"ana": expired}, "ana")
    assert "fleet_admins['ana'].keys" in without and "since 2020-01-31" in without
    for admins, user in (({"ana": expired}, "ben"), ({"ana": {"keys": [key]}}, "ana"), ({"ana": {"keys": []}}, "ana"), (None, None)):
        assert list(declaration_checks.lock_out_problems(admins, user)) == []


def test_an_objective_is_judged_where_it_is_declared() -> None:
    service = {"package": {"name": "shop"}, "slo": {"objective": 99.9}}
    assert declaration_checks.problems({"shop": service}, []) == []
    (told,) = declaration_checks.problems({"shop": {**service, "slo": {"objective": 0.999}}}, [])
    assert told.startswith("fleet_services.shop.slo.objective is 0.999; expected a percentage")


def test_an_archive_of_the_controller_is_the_declared_one(tmp_path: Path) -> None:
    archive = tmp_path / "orders-2.0.tar"
    archive.write_bytes(b"orders")
    digest = hashlib.sha256(b"orders").hexdigest()
    given = {"url": str(tmp_path / "orders-{version}.tar"), "sha256": digest, "version": "2.0"}

    def problems(**more: Any) -> list[str]:
        return list(declaration_checks.release_problems({"orders": {"release": {**given, **more}}}))

    assert problems() == problems(url="file://%s" % archive) == problems(url="{{ unknown }}/{machine}.tar") == []
    assert problems(installed=True, url="/none.tar") == []
    (wrong,) = problems(sha256="0" * 64)
    assert (
        wrong.startswith("fleet_services.orders.release.sha256 is '%s'; expected the checksum of the archive" % ("0" * 64))
        and digest in wrong
    )
    (missing,) = problems(version="3.0")
    assert missing.startswith("fleet_services.orders.release.url is '%s/orders-3.0.tar'" % tmp_path) and "No such file" in missing
