# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

from tests.unit.declared_orders import RELEASE, UNIT, plan


def test_secrets_are_encrypted_where_the_host_can():
    found = plan({**RELEASE, "secrets": {"db": "t0p"}}, encrypted=True)
    path = "/etc/groundwork/credentials/orders/db"
    assert found["files"][path] == {"content": "t0p", "mode": "0400", "secret": True, "credential": "db"}
    unit = found["files"]["/etc/systemd/system/orders.service"]["content"]
    assert "LoadCredentialEncrypted=db:%s\n" % path in unit
    assert "LoadCredential=" not in unit
    assert path in found["units"]["orders.service"]["restart_on"]


def test_secrets_are_credentials():
    found = plan({**RELEASE, "secrets": {"db": "secret://vault/orders#db", "token": "t0p"}})
    base = "/etc/groundwork/credentials/orders"
    assert found["files"][base + "/db"] == {"content": "secret://vault/orders#db", "mode": "0400", "secret": True}
    assert found["files"][base + "/token"] == {"content": "t0p", "mode": "0400", "secret": True}
    assert "LoadCredential=db:%s/db" % base in found["files"][UNIT]["content"].splitlines()
    assert base + "/db" in found["units"]["orders.service"]["restart_on"]
    assert "t0p" not in found["files"][UNIT]["content"]


def test_secrets_of_the_environment_stand_in_a_file_that_root_alone_reads():
    declaration = {**RELEASE, "environment": {"PLAIN": "x", "URL": 'postgres://a:t0p"%\\@db'}}
    found = plan(declaration, is_secret=lambda text: "t0p" in text)
    path = "/etc/groundwork/credentials/orders/@environment"
    assert found["files"][path] == {"content": 'URL="postgres://a:t0p\\"%\\\\@db"\n', "mode": "0400", "secret": True}
    lines = found["files"][UNIT]["content"].splitlines()
    assert f"EnvironmentFile={path}" in lines and 'Environment="PLAIN=x"' in lines
    assert "t0p" not in found["files"][UNIT]["content"]
    assert path in found["units"]["orders.service"]["restart_on"]
    assert path not in plan(declaration)["files"]


def test_secrets_that_are_no_longer_declared_go():
    base = "/etc/groundwork/credentials/orders"
    files = plan({**RELEASE, "secrets": {"db": "t0p"}})["files"]
    assert files[base] == {"directory": True, "mode": "0700", "purge": "*", "secret": True}  # what it no longer declares goes
    assert plan(RELEASE)["files"][base] == {"absent": True, "secret": True}


@pytest.mark.parametrize("name", [".db", "a/b", ""])
def test_no_secret_has_a_name_that_a_purge_would_leave(name):
    with pytest.raises(BadInput, match="expected names of letters"):
        plan({**RELEASE, "secrets": {name: "t0p"}})


@pytest.mark.parametrize("secrets", [{}, {"db": "t0p"}])
def test_the_removal_of_a_service_takes_every_secret_along(secrets):
    base = "/etc/groundwork/credentials/orders"
    files = plan({**RELEASE, "secrets": secrets}, state="all")["files"]
    # The removal of a set leaves its absent entries alone, and takes from a purged directory all that is there.
    assert files[base]["purge"] == "*" and not any("absent" in one for path, one in files.items() if path.startswith(base))


def test_files_are_readable_by_the_service_and_have_its_directory():
    found = plan({**RELEASE, "files": {"/etc/orders/a.yml": {"template": "a.j2", "vars": {"x": 1}}}, "options": {"port": 1}})
    entry = found["files"]["/etc/orders/a.yml"]
    assert (entry["mode"], entry["group"]) == ("0640", "orders")
    assert entry["vars"]["x"] == 1
    assert entry["vars"]["service"]["options"] == {"port": 1}
    assert found["files"]["/etc/orders"] == {"directory": True}
    assert "/etc/orders/a.yml" in found["units"]["orders.service"]["restart_on"]


def test_templates_are_where_the_resolver_says():
    found = plan({"package": "a", "files": {"/etc/a": {"template": "a.j2"}}}, template=lambda name: "/catalogue/" + name)
    assert found["files"]["/etc/a"]["template"] == "/catalogue/a.j2"


def test_directories_are_the_services_own_and_writable():
    found = plan({**RELEASE, "directories": {"/var/lib/orders": None}})
    assert found["files"]["/var/lib/orders"] == {"directory": True, "owner": "orders", "group": "orders", "mode": "0750"}
    assert "ReadWritePaths=/var/lib/orders" in found["files"][UNIT]["content"].splitlines()


def test_links_of_a_package_stand_again():
    declaration = {"package": "nginx", "files": {"/etc/d": {"absent": True, "restore": "/etc/real"}}}
    assert plan(declaration)["files"]["/etc/d"] == {"absent": True}
    gone = plan(declaration, state="all")
    assert gone["restore"] == {"/etc/d": {"link": "/etc/real"}}
    assert gone["restore_looks"] == {"/etc/d": {"argv": ["test", "-e", "/etc/real"], "may_fail": True}}


def test_a_file_says_what_its_change_does():
    files = {"/etc/a": {"content": "", "on_change": "reload"}, "/etc/b": {"content": "", "on_change": "nothing"}, "/etc/c": {"content": ""}}
    found = plan({**RELEASE, "files": files})
    assert all("on_change" not in entry for entry in found["files"].values())
    assert found["units"]["orders.service"]["reload_on"] == ["/etc/a"]
    assert found["units"]["orders.service"]["restart_on"][-1] == "/etc/c"
    with pytest.raises(BadInput, match=r"services\.orders\.files\['/etc/a'\]\.on_change.*Did you mean 'reload'"):
        plan({**RELEASE, "files": {"/etc/a": {"content": "", "on_change": "relod"}}})


@pytest.mark.parametrize(
    "value", ["secret:/file/x", "secret//file/x", "Secret://file/x", " secret://file/x", "secrets://file/x", "u:secret://file/x"]
)
def test_a_misspelt_reference_is_no_secret(value):
    with pytest.raises(BadInput, match=r"secrets\.token") as caught:
        plan({**RELEASE, "secrets": {"token": value}})
    assert "file/x" not in str(caught.value)


@pytest.mark.parametrize("value", ["secret://file/x?generate=password", "hunter2", "a//b secret", "secrets"])
def test_what_is_no_misspelt_reference_is_taken(value):
    assert plan({**RELEASE, "secrets": {"token": value}})["files"]["/etc/groundwork/credentials/orders/token"]["content"] == value
