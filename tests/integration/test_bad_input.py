# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong input stops a real ansible-playbook before the first host is touched, with one message a host."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
#: Nothing listens here.
CLOSED_PORT = 1

#: A host that would notice: its interpreter leaves a trace whenever Ansible runs anything there.
TRACE = """#!/bin/sh
echo touched >> {trace}
exec {python} "$@"
"""


def program(name: str) -> str:
    """Return the program that belongs to the Python of this run."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    assert found, "%s is not installed" % name
    return found


@dataclass
class Report:
    """What came of a run."""

    code: int
    output: str
    results: list[dict[str, Any]]

    def messages(self, task: str, outcome: str) -> dict[str, str]:
        """Return host to message of a task."""
        return {one["host"]: one["msg"] for one in self.results if (one["task"], one["outcome"]) == (task, outcome)}


@dataclass
class Fleet:
    """An inventory in a temporary directory."""

    directory: Path

    def run(self, *arguments: str, **variables: Any) -> Report:
        """Run the preflight with these variables for all hosts."""
        (self.directory / "group_vars").mkdir(exist_ok=True)
        (self.directory / "group_vars" / "all.yml").write_text(yaml.safe_dump({"fleet_admins": {}, **variables}))
        (self.directory / "ansible.cfg").write_text("[defaults]\ncallbacks_enabled = report_json\n")
        report = self.directory / "report"
        report.unlink(missing_ok=True)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections"),
            "ANSIBLE_CONFIG": str(self.directory / "ansible.cfg"),
            "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callbacks"),
            "ANSIBLE_LOCAL_TEMP": str(self.directory / "tmp"),
            "ANSIBLE_REMOTE_TEMP": str(self.directory / "remote"),
            "ANSIBLE_TIMEOUT": "5",
            "GROUNDWORK_REPORT": str(report),
        }
        command = [program("ansible-playbook"), "-i", str(self.directory / "hosts.yml"), str(ROOT / "playbooks" / "preflight.yml")]
        done = subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert report.exists(), done.stderr + done.stdout
        return Report(done.returncode, done.stdout + done.stderr, [json.loads(line) for line in report.read_text().splitlines()])

    @property
    def touched(self) -> bool:
        """Return whether anything ran on a host."""
        return (self.directory / "trace").exists() or (self.directory / "remote").exists()


@pytest.fixture(name="fleet")
def _fleet(tmp_path: Path) -> Fleet:
    python = tmp_path / "python"
    python.write_text(TRACE.format(trace=tmp_path / "trace", python=sys.executable))
    python.chmod(0o755)
    local = {"ansible_connection": "local", "ansible_python_interpreter": str(python)}
    away = {"ansible_host": "127.0.0.1", "ansible_port": CLOSED_PORT, "ansible_python_interpreter": sys.executable}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": {"web-1": local, "web-2": local, "away-1": away}}}))
    return Fleet(tmp_path)


JUDGE = "Judge the variables"
REACH = "Reach the host"
ROOM = "Refuse what a host has no room for"


def refused(fleet: Fleet, *arguments: str, **variables: Any) -> str:
    """Return the one message about web-1, after proof that no host was touched and that every host has one."""
    report = fleet.run(*arguments, **variables)
    told = report.messages(JUDGE, "failed")
    assert report.code == 2
    assert set(told) == {"web-1", "web-2", "away-1"}
    assert not fleet.touched
    assert len(report.results) == 3
    return told["web-1"]


def test_a_misspelt_variable(fleet: Fleet) -> None:
    told = refused(fleet, certificates_sate="present")
    assert "1 problem in the variables of web-1; nothing was touched." in told
    assert "certificates_sate is not declared; expected a variable of the role certificates. Did you mean 'certificates_state'?" in told


def test_a_wrong_type(fleet: Fleet) -> None:
    told = refused(fleet, fleet_catalogue_directories="mine", fleet_services=["nginx"])
    assert "2 problems in" in told
    assert "fleet_catalogue_directories is 'mine'; expected a list. It is a string." in told
    assert "fleet_services is ['nginx']; expected a mapping. It is a list." in told


def test_waivers_and_controls_that_are_not_in_order(fleet: Fleet) -> None:
    waiver = {"controls": ["sshd_no_root_login"], "reason": "The console needs it.", "owner": "ana", "expires": "2020-01-31"}
    wrong = {**waiver, "controls": ["sshd_no_root_logn"], "hosts": ["web-3"], "expires": "2999-01-31"}
    told = refused(fleet, fleet_waivers={"console": waiver, "wrong": wrong}, hardening_controls={"sshd_no_root_lgin": False})
    assert "4 problems in" in told
    assert "fleet_waivers.console.expires is '2020-01-31'; expected a day from 2" in told
    assert "have ana judge the risk anew" in told
    assert "fleet_waivers.wrong.hosts is 'web-3'; expected a known host. Did you mean 'web-" in told
    assert told.count("expected a known control. Did you mean 'sshd_no_root_login'?") == 2


def test_a_wrong_secret_is_not_shown(fleet: Fleet) -> None:
    report = fleet.run(
        fleet_services={"a": {"package": {"name": "x"}, "state": "x", "secrets": "hunter2hunter2"}}, certificates_password="hunter2hunter2"
    )
    assert report.code == 2
    assert "hunter2" not in report.output


def test_an_unknown_entry_of_the_catalogue(fleet: Fleet) -> None:
    entry = fleet.directory / ".groundwork" / "catalogue" / "services" / "own_web.yml"
    entry.parent.mkdir(parents=True)
    entry.write_text("package: {name: nginx}\nexec: 'x {{ nothing }}'\n")
    told = refused(fleet, fleet_services={"shop": {"catalogue": "own_wbe"}})
    assert "fleet_services.shop.catalogue is 'own_wbe'; expected a known entry of catalogue/services. Did you mean 'own_web'?" in told


def test_two_services_on_one_port(fleet: Fleet) -> None:
    one = {"package": {"name": "x"}, "ports": [{"port": 80}]}
    told = refused(fleet, fleet_services={"shop": one, "blog": one})
    assert "'shop'" in told
    assert "'blog'" in told


def test_services_that_cannot_be_run_are_told_one_line_each(fleet: Fleet) -> None:
    release = {"url": "https://releases.example.org/a.tar", "version": "1", "sha256": "a" * 64}
    turns = {"strategy": "blue_green", "ports": [8081, 8082], "switch": {"nginx": {"upsteam": "x"}}}
    told = refused(
        fleet,
        fleet_services={
            "shared": {"release": release, "exec": "bin/a --port 8080"},
            "account": {"package": {"name": "x"}, "user": "nobdy"},
            "checksum": {"release": {**release, "sha256": None}, "exec": "a"},
            "digest": {"container": {"image": "registry.example.org/shop:1.2"}},
            "limit": {"release": release, "exec": "a", "limits": {"memroy": "1G"}},
            "never": {"release": release, "exec": "bin/a --port 8070", "health": [{"http": {"url": "http://127.0.0.1:8071/"}}]},
            "turns": {"release": release, "exec": "a", "deploy": turns},
        },
    )
    assert "6 problems in" in told
    assert "fleet_services.account.user is 'nobdy'; expected nothing. A service from a package has no user" in told
    assert "fleet_services.checksum.release.sha256 is ''; expected 64 hexadecimal digits" in told
    assert "fleet_services.digest.container.image is 'registry.example.org/shop:1.2'; expected name@sha256:" in told
    assert "limit" in told and "Did you mean 'memory'?" in told
    assert "fleet_services.never.health[0].http.url is 'http://127.0.0.1:8071/'; expected a port that a service of the host opens" in told
    assert "Did you mean 'upstream'?" in told
    told = refused(
        fleet, fleet_services={"a": {"release": release, "exec": "a --port 8081"}, "b": {"package": "x", "ports": [{"port": 8081}]}}
    )
    assert "fleet_services.b.ports[0].port is 8081; expected a port that no other service of the host has" in told
    assert "'a' has it too (fleet_services.a.exec)" in told


@pytest.mark.parametrize(
    ("reference", "part"),
    [
        ("secret://file/gone", "secrets/gone: No such file or directory."),
        ("secret://fil/db", "Did you mean secret://file/…?"),
        ("secret://env/GROUNDWORK_NOT_SET", "Set the environment variable GROUNDWORK_NOT_SET"),
        ("secret://file/a b", "secret://file/a« »b"),
    ],
)
def test_an_unknown_secret(fleet: Fleet, reference: str, part: str) -> None:
    told = refused(fleet, fleet_services={"a": {"package": {"name": "x"}, "secrets": {"db": reference}}})
    assert "fleet_services.a.secrets.db is %r; expected" % reference in told
    assert part in told


def test_an_unknown_exporter(fleet: Fleet) -> None:
    told = refused(fleet, exporters_enabled={"nod": {}})
    assert "exporters_enabled.nod is 'nod'; expected a known exporter. Did you mean 'node'?" in told


def test_secrets_that_ansible_would_read_as_hosts(fleet: Fleet) -> None:
    (fleet.directory / "inventory" / "secrets").mkdir(parents=True)
    (fleet.directory / "inventory" / "secrets" / "key.yml").write_text("{}")
    report = fleet.run("-i", str(fleet.directory / "inventory"))
    assert "inventory/secrets'; expected a folder that Ansible does not read as inventory" in report.messages(JUDGE, "failed")["web-1"]
    assert not fleet.touched


def test_a_template_of_something_undefined(fleet: Fleet) -> None:
    told = refused(fleet, fleet_services={"a": {"package": {"name": "x"}, "exec": "run {{ gone }}"}})
    assert (
        "fleet_services.a.exec is 'run {{ gone }}'; expected a template whose variables all exist. Ansible says: 'gone' is undefined"
        in told
    )


def test_a_variable_without_safe_default_is_asked_for(fleet: Fleet) -> None:
    assert "fleet_admins is not set; expected a mapping. It has no safe default" in refused(fleet, fleet_admins=None)


def test_all_problems_come_at_once(fleet: Fleet) -> None:
    told = refused(fleet, certificates_sate="x", fleet_environment=[1], fleet_address="secret://file/gone")
    assert "3 problems in the variables of web-1" in told


def test_check_mode_says_the_same(fleet: Fleet) -> None:
    assert "Did you mean 'fleet_admins'?" in refused(fleet, "--check", fleet_admin={})


def test_a_vault_is_opened_with_the_password_of_the_run(fleet: Fleet) -> None:
    (fleet.directory / ".groundwork" / "secrets").mkdir(parents=True)
    (fleet.directory / "password").write_text("pw\n")
    vault = fleet.directory / ".groundwork" / "secrets" / "db.yml"
    vault.write_text("password: hunter2hunter2\n")
    given = ["--vault-password-file", str(fleet.directory / "password")]
    subprocess.run([program("ansible-vault"), "encrypt", *given, str(vault)], check=True, capture_output=True, timeout=120)
    services = {"a": {"package": {"name": "x"}, "secrets": {"db": "secret://ansible_vault/db.yml#password"}}}
    report = fleet.run(*given, fleet_services=services)
    assert report.messages(JUDGE, "failed") == {}
    assert set(report.messages(JUDGE, "ok")) == {"web-1", "web-2", "away-1"}
    assert "hunter2" not in report.output


def test_a_vault_without_a_password(fleet: Fleet) -> None:
    (fleet.directory / ".groundwork" / "secrets").mkdir(parents=True)
    (fleet.directory / ".groundwork" / "secrets" / "db.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    services = {"a": {"package": {"name": "x"}, "secrets": {"db": "secret://ansible_vault/db.yml#password"}}}
    assert "could not be decrypted" in refused(fleet, fleet_services=services)


def test_a_host_that_does_not_answer_takes_nothing_from_the_others(fleet: Fleet) -> None:
    report = fleet.run()
    told = report.messages(REACH, "unreachable")
    assert set(told) == {"away-1"}
    assert told["away-1"].startswith("ansible_host is '127.0.0.1'; expected the address of a host that answers on port 1.")
    assert "mend ansible_port" in told["away-1"]
    assert set(report.messages(REACH, "ok")) == {"web-1", "web-2"}
    assert report.output.count("mend ansible_port") == 1
    assert report.code == 4
    assert not any(one["changed"] for one in report.results)
    assert fleet.touched


def test_a_mistake_deep_inside_a_service_is_told_by_its_place(fleet: Fleet) -> None:
    release = {"url": "https://releases.example.org/a.tar", "version": "1", "sha256": "…"}
    ports = [{"port": 8080, "from": ["wbe"]}]
    told = refused(fleet, fleet_services={"orders": {"release": release, "exec": "a", "ports": ports, "health": [{"htpp": {"url": "x"}}]}})
    assert "fleet_services.orders.ports[0].from is 'wbe'" in told
    assert "fleet_services.orders.health[0]" in told and "Did you mean 'http'?" in told
    assert "fleet_services.orders.release.sha256 is '…'; expected 64 hexadecimal digits" in told


def test_a_firewall_that_would_be_refused_later(fleet: Fleet) -> None:
    rules = [{"port": 99999, "from": ["offce"], "rate": "5/fortnight", "action": "accpt"}]
    told = refused(fleet, fleet_networks={"office": ["192.0.2.0/24"]}, firewall_rules=rules, firewall_ssh_from=["web-3"])
    assert "5 problems in" in told
    for place in ("rules[0].port is 99999", "rules[0].rate is '5/fortnight'", "rules[0].action is 'accpt'", "ssh_from is 'web-3'"):
        assert "firewall_%s; expected" % place in told
    assert "firewall_rules[0].from is 'offce'; expected a known source. Did you mean 'office'?" in told


def test_health_checks_that_would_be_refused_later(fleet: Fleet) -> None:
    checks = {"a": {"htpp": {}}, "b": {"tcp": {"port": 22}, "requires": ["zz", "certificate", "journal"]}}
    windows = [{"from": "25:00", "until": "26:00", "reason": "x"}]
    service = {"package": {"name": "x"}, "health": [{"tcp": {"port": 80}, "requires": "jurnal"}]}
    told = refused(fleet, health_checks=checks, health_maintenance=windows, fleet_services={"shop": service})
    assert "4 problems in" in told
    assert "health_checks.a is 'htpp'; expected a known check type or setting. Did you mean 'http'?" in told
    assert "health_checks.b.requires is 'zz'; expected a known check." in told
    assert "health_maintenance[0].from is '25:00'" in told
    assert "fleet_services.shop.health[0].requires is 'jurnal'; expected a known check. Did you mean 'journal'?" in told


def test_logs_that_go_nowhere_or_would_spoil_lines_are_told_one_line_each(fleet: Fleet) -> None:
    outputs = {"copy": {"type": "file", "path": "/var/log/copy", "disk": "12"}, "log_servers": {"servers": "frist_available"}}
    flows = {
        "lost": {"outputs": ["cpoy"]},
        "open": {"select": {"matches": "(never closed"}, "outputs": ["copy"]},
        "time": {"redact": [{"matches": "[0-9]+"}], "outputs": ["copy"]},
    }
    servers = {"log_servers": {"hosts": {"web-2": None}}}
    (fleet.directory / "groups.yml").write_text(yaml.safe_dump(servers))
    given = ["-i", str(fleet.directory / "groups.yml")]
    told = refused(fleet, *given, fleet_logs={"outputs": outputs, "flows": flows})
    assert "5 problems in" in told
    assert "fleet_logs.outputs.log_servers.servers is 'frist_available'; expected a known way" in told
    assert "fleet_logs.outputs.copy.disk is '12'; expected auto, or a size of at least 1m. Write 500m or 2g." in told
    assert "fleet_logs.flows.lost.outputs is 'cpoy'; expected a known output. Did you mean 'copy'?" in told
    assert "fleet_logs.flows.open.select.matches is '(never closed'; expected a regular expression that compiles" in told
    assert "fleet_logs.flows.time.redact[0]" in told and "lines would lose their time" in told
    inputs = {"journal": None, "app": {"paths": ["/var/log/app.log"], "service": "app"}}
    told = refused(fleet, *given, fleet_logs={"inputs": inputs, "flows": {"none": {"select": {"services": ["shop"]}}}})
    assert "fleet_logs.flows.none.select.services is ['shop']; expected a service of one of its inputs. Those have: app." in told


def test_a_queue_larger_than_the_disk_stops_the_run_when_the_host_has_told_its_size(fleet: Fleet) -> None:
    report = fleet.run(fleet_logs={"outputs": {"copy": {"type": "file", "path": "/var/log/copy", "disk": "9000t"}}})
    told = report.messages(ROOM, "failed")
    assert set(told) == {"web-1", "web-2"} and report.code != 0
    assert told["web-1"].startswith("1 problem in the variables of web-1; nothing was touched.")
    assert "fleet_logs.outputs.copy.disk is '9000t'; expected less than the " in told["web-1"]
    assert "bytes of the file system of /var/spool/rsyslog. Write a smaller size, or auto." in told["web-1"]
    assert not any(one["changed"] for one in report.results)
    report = fleet.run(fleet_logs={"outputs": {"copy": {"type": "file", "path": "/var/log/copy", "disk": "1m"}}})
    assert set(report.messages(REACH, "ok")) == {"web-1", "web-2"} and not report.messages(ROOM, "failed")
