# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import exporter_entry as entry

NGINX = {"port": 9113, "exec": "nginx", "proof": {"up": 1}, "install": {"package": {"Debian": "prometheus-nginx-exporter"}}}
ENTRIES = {"node": {"port": 9100, "exec": "node", "proof": {"up": 1}}, "nginx": NGINX}
RELEASE = {"port": 9999, "exec": "own", "proof": {"up": 1}, "install": {"release": {"repository": "example/own_exporter"}}}
SUM = "a" * 64


def program(options: dict[str, Any], own: dict[str, Any] = RELEASE, machine: str = "x86_64") -> entry.Program:
    return entry.program_of(entry.Instance("own", "own", own, options), ["Debian", "Debian-13"], machine, "https://mirror.example/")


def test_services_ask_for_exporters_and_the_host_has_the_last_word() -> None:
    services = [{"service": "shop", "exporter": "nginx", "address": "http://127.0.0.1:1/"}, {"service": "orders", "port": 8080}]
    found = entry.instances(ENTRIES, {"node": {}, "nginx": {"port": 9999}}, services)
    assert [(one.name, one.options.get("port"), one.options.get("address")) for one in found] == [
        ("nginx", 9999, "http://127.0.0.1:1/"),
        ("node", None, None),
    ]
    assert [one.name for one in entry.instances(ENTRIES, {"node": {}, "nginx": None}, services)] == ["node"]


def test_the_most_special_platform_wins() -> None:
    value = {"default": 1, "Debian": 2, "Debian-12": 3}
    assert [entry.for_platform(value, names) for names in ([], ["Debian"], ["Debian", "Debian-12"])] == [1, 2, 3]


@pytest.mark.parametrize(("machine", "architecture"), [("x86_64", "amd64"), ("aarch64", "arm64"), ("riscv64", "riscv64")])
def test_a_release_is_that_of_the_machine(machine: str, architecture: str) -> None:
    found = program({"release": {"version": "1.2", "sha256": {architecture: SUM}}}, machine=machine)
    assert found.path == "/opt/groundwork-exporter-own/current/own_exporter" and found.release["sha256"] == SUM
    assert found.release["url"].endswith(f"/example/own_exporter/releases/download/v1.2/own_exporter-1.2.linux-{architecture}.tar.gz")


def test_an_option_chooses_another_way() -> None:
    both = {**RELEASE, "install": {**RELEASE["install"], "package": {"Debian": ["own-exporter", "own-tools"]}}}
    assert program({}, both).packages == ("own-exporter", "own-tools")
    chosen = program({"install": "release", "release": {"version": "1", "sha256": SUM, "url": "/srv/own-{version}.tar"}}, both)
    assert chosen.release["url"] == "/srv/own-1.tar" and chosen.packages == ()
    assert program({"install": "present", "path_of_program": "/bin/own"}, both) == entry.Program("/bin/own")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"release": {"version": "1.2"}}, r"the checksum of version 1\.2 for amd64"),
        ({"release": {"sha256": {"amd64": "a" * 64}}}, r"release\.version"),
        ({"release": {"version": "1", "sha": {}}}, "Did you mean 'sha256'"),
        ({"install": "packag"}, "Did you mean 'package'"),
        ({"install": "present"}, "path_of_program"),
    ],
)
def test_what_cannot_be_installed_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        program(options)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"upstream": "127.0.0.1:1"}, "exactly one of exec, upstream and collect"),
        ({"exec": None}, "exactly one of exec, upstream and collect"),
        ({"proof": {}}, "proof is"),
        ({"install": {"packag": {}}}, "Did you mean 'package'"),
        ({"prot": 1}, "Did you mean 'port'"),
    ],
)
def test_a_wrong_entry_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        entry.check_entry("own", {**RELEASE, **change})


def test_a_template_never_shows_a_value() -> None:
    one = entry.Instance("own", "own", {**RELEASE, "secrets": ["password"]}, {"password": "correct horse", "address": "x"})
    assert one.plain_options() == {"address": "x"}
    with pytest.raises(BadInput, match="a template that renders") as told:
        entry.rendered(one, "exec", "{{ options.password }}", {"options": one.plain_options()})
    assert "correct horse" not in str(told.value)
