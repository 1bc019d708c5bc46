# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_plan as plan_util
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_unit

CATALOGUE = Path(__file__).resolve().parents[4] / "catalogue" / "services"
DEBIAN = ["Debian", "Debian-12"]
RELEASE = {
    "release": {"url": "https://example.org/orders-{version}.tar", "sha256": "a" * 64, "version": "2.4.1"},
    "exec": "bin/orders --port 8080",
}
UNIT = "/etc/systemd/system/orders.service"


def plan(declaration, name="orders", **options):
    return plan_util.service_plan({name: declaration}, DEBIAN, **options)


def unit(declaration):
    return plan({**RELEASE, **declaration})["files"][UNIT]["content"].splitlines()


def test_nothing_declared_is_nothing_to_do():
    assert plan_util.service_plan({}) == {**plan_util.empty_plan(), "validate": []}


def test_a_package_is_a_package_and_a_unit():
    found = plan({"package": {"name": "nginx", "version": "1.22.*"}}, name="web")
    assert found["packages"] == {"nginx": "1.22.*"}
    assert found["units"] == {"nginx.service": {"state": "started", "enabled": True, "restart_on": [], "reload_on": []}}
    assert found["checks"]["web-1"]["systemd_unit"] == {"name": "nginx.service"}
    assert found["files"] == found["users"] == found["releases"] == {}


def test_the_version_of_the_service_is_that_of_its_package():
    assert plan({"package": "nginx", "version": "2"})["packages"] == {"nginx": "2"}


def test_a_service_can_name_further_packages():
    declaration = {"package": {"name": "pg-{version}", "extra": ["pg-client-{version}"]}, "options": {"version": "15"}, "unit": "pg"}
    assert plan(declaration)["packages"] == {"pg-15": None, "pg-client-15": None}


def test_names_can_differ_by_platform():
    declaration = {"package": {"name": {"by_platform": {"Debian": "a", "Debian-12": "b", "RedHat": "c"}}}}
    assert list(plan(declaration)["packages"]) == ["b"]
    with pytest.raises(BadInput, match=r"services\.orders\.package\.name"):
        plan_util.service_plan({"orders": declaration}, ["Suse"])


def test_a_release_has_user_unit_and_release():
    found = plan(RELEASE)
    assert found["releases"]["orders"] == {
        "url": "https://example.org/orders-2.4.1.tar",
        "sha256": "a" * 64,
        "version": "2.4.1",
    }
    assert found["users"] == {"orders": {"group": "orders", "comment": "groundwork.fleet service orders"}}
    assert found["units"]["orders.service"]["restart_on"] == [UNIT, "/opt/orders/current"]
    lines = found["files"][UNIT]["content"].splitlines()
    assert "ExecStart=/opt/orders/current/bin/orders --port 8080" in lines
    assert "User=orders" in lines


def test_a_release_without_a_version_is_known_by_its_checksum():
    found = plan({"release": {"url": "https://x/a", "sha256": "b" * 64}, "exec": "a"})
    assert found["releases"]["orders"]["version"] == "b" * 12


def test_the_sandbox_is_on_by_default():
    lines = unit({})
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "SystemCallFilter=@system-service"):
        assert line in lines
    assert "AmbientCapabilities=CAP_NET_BIND_SERVICE" in unit({"ports": [{"port": 443}]})
    assert "SystemCallFilter=@system-service" not in unit({"preset": "relaxed"})
    assert "NoNewPrivileges=yes" not in unit({"preset": "none"})


def test_the_declaration_wins_over_the_sandbox():
    lines = unit({"sandbox": {"MemoryDenyWriteExecute": False, "PrivateTmp": None, "SystemCallFilter": ["@system-service", "~@clock"]}})
    assert "MemoryDenyWriteExecute=no" in lines
    assert not [line for line in lines if line.startswith("PrivateTmp=")]
    assert [line.partition("=")[2] for line in lines if line.startswith("SystemCallFilter=")] == ["@system-service", "~@clock"]


def test_environment_and_limits_reach_the_unit_as_they_are():
    lines = unit({"environment": {"A": 'x "y" 100% \\'}, "limits": {"memory": "256M", "open_files": 1024}})
    assert 'Environment="A=x \\"y\\" 100%% \\\\"' in lines
    assert "MemoryMax=256M" in lines
    assert "LimitNOFILE=1024" in lines


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


def test_secrets_that_are_no_longer_declared_go():
    base = "/etc/groundwork/credentials/orders"
    found = [base, base + "/db", base + "/old", base + "-2/db"]
    files = plan({**RELEASE, "secrets": {"db": "t0p"}}, credentials=found)["files"]
    assert files[base + "/old"] == {"absent": True, "secret": True}
    assert files[base + "/db"]["content"] == "t0p" and files[base]["directory"]
    assert base + "-2/db" not in files
    assert plan(RELEASE, credentials=found)["files"][base] == {"absent": True, "secret": True}


@pytest.mark.parametrize("secrets", [{}, {"db": "t0p"}])
def test_the_removal_of_a_service_takes_every_secret_along(secrets):
    base = "/etc/groundwork/credentials/orders"
    files = plan({**RELEASE, "secrets": secrets}, state="all", credentials=[base, base + "/db", base + "/old"])["files"]
    # The removal of a set leaves its absent entries alone.
    assert not any("absent" in files[path] for path in (base, base + "/db", base + "/old"))


def test_what_a_package_declares_for_its_unit_is_a_drop_in():
    found = plan({"package": "nginx", "unit": "nginx", "environment": {"A": "b"}})
    assert '[Service]\nEnvironment="A=b"\n' in found["files"]["/etc/systemd/system/nginx.service.d/10-groundwork.conf"]["content"]


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


def test_reload_takes_the_files_off_the_restarts():
    found = plan({"package": "nginx", "reload": True, "files": {"/etc/a": {"content": "x"}}, "environment": {"A": "b"}})
    wanted = found["units"]["nginx.service"]
    assert wanted["reload_on"] == ["/etc/a"]
    assert wanted["restart_on"] == ["/etc/systemd/system/nginx.service.d/10-groundwork.conf"]
    assert "ExecReload=/bin/kill -HUP $MAINPID" in unit({"reload": True})


def test_directories_are_the_services_own_and_writable():
    found = plan({**RELEASE, "directories": {"/var/lib/orders": None}})
    assert found["files"]["/var/lib/orders"] == {"directory": True, "owner": "orders", "group": "orders", "mode": "0750"}
    assert "ReadWritePaths=/var/lib/orders" in found["files"][UNIT]["content"].splitlines()


def test_health_is_proven_with_patience():
    found = plan({**RELEASE, "health": [{"tcp": {"port": 1}}, {"http": {"url": "u"}, "retries": 2}]})
    assert found["checks"]["orders-1"] == {"retries": 15, "delay": "1s", "tcp": {"port": 1}}
    assert found["checks"]["orders-2"]["retries"] == 2


def test_braces_that_are_no_option_stay():
    assert "ExecStart=/bin/x ${A} {b} 7" in unit({"exec": "/bin/x ${A} {b} {c}", "options": {"A": 1, "c": 7}})


def test_absent_services_are_planned_for_removal_only():
    services = {"orders": {**RELEASE, "state": "absent"}, "web": {"package": "nginx"}}
    assert "orders" not in plan_util.service_plan(services)["releases"]
    gone = plan_util.service_plan(services, state="absent")
    assert gone["units"] == {"orders.service": {"state": "stopped", "enabled": False}}
    assert gone["releases"] == {"orders": {"state": "absent"}}
    assert gone["packages"] == {}
    assert set(plan_util.service_plan(services, state="all")["units"]) == {"orders.service", "nginx.service"}


def test_links_of_a_package_stand_again():
    declaration = {"package": "nginx", "files": {"/etc/d": {"absent": True, "restore": "/etc/real"}}}
    assert plan(declaration)["files"] == {"/etc/d": {"absent": True}}
    gone = plan(declaration, state="all")
    assert gone["restore"] == {"/etc/d": {"link": "/etc/real"}}
    assert gone["restore_looks"] == {"/etc/d": {"argv": ["test", "-e", "/etc/real"], "may_fail": True}}


def test_two_services_cannot_write_one_path():
    services = {name: {"package": name, "files": {"/etc/x": {"content": name}}} for name in ("a", "b")}
    with pytest.raises(BadInput, match=r"services\.b\.files"):
        plan_util.service_plan(services)


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        ({"container": {"image": "x"}}, "services.orders.container"),
        ({"package": "a", "release": {}}, "exactly one"),
        ({}, "exactly one"),
        ({"package": "a", "exec": "x"}, "services.orders.exec"),
        ({**RELEASE, "unit": "x"}, "services.orders.unit"),
        ({"release": RELEASE["release"]}, "services.orders.exec"),
        ({"release": {"url": "https://x"}, "exec": "x"}, "services.orders.release.sha256"),
        ({"release": {"ulr": "https://x"}, "exec": "x"}, "Did you mean 'url'"),
        ({"package": {"nme": "x"}}, "Did you mean 'name'"),
        ({"package": {"name": "x", "extra": "y"}}, "services.orders.package.extra"),
        ({**RELEASE, "execc": "x"}, "Did you mean 'exec'"),
        ({**RELEASE, "user": "Not Me"}, "services.orders.user"),
        ({**RELEASE, "preset": "stric"}, "Did you mean 'strict'"),
        ({**RELEASE, "limits": {"ram": 1}}, "services.orders.limits"),
        ({**RELEASE, "environment": {"A": "1\n2"}}, "services.orders.environment.A"),
        ({**RELEASE, "environment": {"A B": "1"}}, "services.orders.environment"),
        ({**RELEASE, "files": {"/a": "x"}}, "services.orders.files['/a']"),
        ({**RELEASE, "files": ["/a"]}, "services.orders.files"),
        ({**RELEASE, "exec": "a\nExecStartPre=b"}, "ExecStart="),
        ({**RELEASE, "validate": {"a": 1}}, "services.orders.validate"),
        (None, "services.orders"),
    ],
)
def test_input_is_refused_by_service_and_key(declaration, expected):
    with pytest.raises(BadInput) as error:
        plan(declaration)
    assert expected in str(error.value)


def test_a_secret_that_is_no_text_is_not_shown():
    with pytest.raises(BadInput) as error:
        plan({**RELEASE, "secrets": {"db": 123456}})
    assert "secrets.db" in str(error.value)
    assert "123456" not in str(error.value)


@pytest.mark.parametrize("name", ["Orders", "../x", "a b"])
def test_the_name_becomes_a_directory_and_a_unit(name):
    with pytest.raises(BadInput):
        plan(RELEASE, name=name)


def test_null_takes_a_directive_out():
    assert service_unit.overridden([("A", "1"), ("B", "2")], {"A": None, "C": [True, "x"]}) == [("B", "2"), ("C", "yes"), ("C", "x")]


@pytest.mark.parametrize("path", sorted(CATALOGUE.glob("*.yml")), ids=lambda path: path.stem)
@pytest.mark.parametrize("platform", [["Debian", "Debian-12"], ["Debian", "Debian-13"], ["Debian", "Ubuntu", "Ubuntu-24"]])
def test_every_entry_of_the_catalogue_can_be_planned(path, platform):
    entry = yaml.safe_load(path.read_text())
    if "release" in entry:
        entry["release"].update(url="https://x", sha256="a" * 64)
    found = plan_util.service_plan({path.stem: entry}, platform)
    assert entry["description"]
    assert found["checks"]
    for options in found["files"].values():
        assert "template" not in options or (CATALOGUE / "templates" / options["template"]).is_file()
