# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real ansible-playbook runs of rotate_secrets: waves, a host that fails, resume, the way back, and two runs at once.

The hosts are three names of this machine, so the roles are replaced by ones that only write a file.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
HOSTS = ("web-1", "web-2", "web-3")
DB = "secret://file/db"
SERVICES = [
    {
        "name": "Put the secret there",
        "ansible.builtin.copy": {
            "dest": "{{ inventory_dir }}/of-{{ inventory_hostname }}",
            "content": "{{ lookup('groundwork.fleet.secret', own_password) }}",
            "mode": "0600",
        },
    },
    {"name": "Break", "ansible.builtin.fail": {"msg": "broken"}, "when": "inventory_hostname == breaks | default('')"},
]
LOOK = [{"name": "Look", "ansible.builtin.set_fact": {"__health_looked": {"checks": {"page": {"status": "ok"}}}}}]


class Fleet:
    """Three hosts that use one secret of 100 days."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        collection = directory / "collections/ansible_collections/groundwork/fleet"
        for name in ("catalogue", "meta", "playbooks", "plugins", "roles"):
            shutil.copytree(ROOT / name, collection / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("meta", "vars"):
            shutil.rmtree(collection / "roles/services" / name)
        (collection / "roles/services/tasks/main.yml").write_text(yaml.safe_dump(SERVICES))
        (collection / "roles/health/tasks/look.yml").write_text(yaml.safe_dump(LOOK))
        self.inventory = directory / "inventory"
        self.secret = self.inventory / ".groundwork/secrets/db"
        self.previous = self.secret.with_name("db-previous")
        self.secret.parent.mkdir(parents=True)
        self.secret.write_text("the old one")
        local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, "ansible_become": False}
        (self.inventory / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": dict.fromkeys(HOSTS, local)}}))
        (self.inventory / "group_vars").mkdir()
        variables = {"fleet_admins": {}, "fleet_secret_rotation": {"secret://file/*": "90d"}, "own_password": DB + "?generate=password"}
        (self.inventory / "group_vars/all.yml").write_text(yaml.safe_dump(variables))
        (self.inventory / "ansible.cfg").write_text("[defaults]\n")
        self.age()

    def age(self) -> None:
        """Make the secret due."""
        long_ago = time.time() - 100 * 86400
        os.utime(self.secret, (long_ago, long_ago))

    def run(self, *arguments: str, playbook: str = "rotate_secrets") -> subprocess.CompletedProcess[str]:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
            "ANSIBLE_COLLECTIONS_PATH": str(self.directory / "collections"),
            "ANSIBLE_CONFIG": str(self.inventory / "ansible.cfg"),
            "ANSIBLE_LOCAL_TEMP": str(self.directory / "tmp"),
        }
        beside = Path(sys.executable).parent / "ansible-playbook"
        program = str(beside) if beside.exists() else "ansible-playbook"
        command = [program, "groundwork.fleet." + playbook, "-i", str(self.inventory / "hosts.yml"), "-vvv", "--diff", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.inventory / ".groundwork/rotation/state.json").read_text())
        return found

    def having(self, value: str) -> list[str]:
        """Return the hosts that have a version."""
        return [host for host in HOSTS if (path := self.inventory / ("of-" + host)).exists() and path.read_text() == value]


@pytest.fixture(name="fleet")
def _fleet(tmp_path: Path) -> Fleet:
    return Fleet(tmp_path)


def test_a_host_that_fails_stops_the_waves_and_the_next_run_goes_on_there(fleet: Fleet) -> None:
    planned = fleet.run("--check")
    assert planned.returncode == 0, planned.stdout
    assert "is due: write a new version; make it the current one; deploy to web-1, web-2, web-3 and prove these healthy" in planned.stdout
    assert fleet.secret.read_text() == "the old one" and not fleet.having("the old one")

    first = fleet.run("-e", "breaks=web-2")
    value = fleet.secret.read_text()
    assert first.returncode == 2 and len(value) == 32
    assert fleet.having(value) == ["web-1", "web-2"]
    assert fleet.previous.read_text() == "the old one"  # not the last one of it
    assert fleet.state["rotations"][DB]["done"] == ["web-1"]

    second = fleet.run()
    assert second.returncode == 0, second.stdout
    assert "goes on where it was broken off: deploy to web-2, web-3 and prove" in second.stdout
    assert fleet.secret.read_text() == value and fleet.having(value) == list(HOSTS)
    assert fleet.state["rotations"] == {} and list(fleet.state["finished"]) == [DB]
    assert "the old one" not in fleet.previous.read_text()

    third = fleet.run()
    assert "no secret is due" in third.stdout
    for run in (first, second, third):
        assert value not in run.stdout + run.stderr
    assert not [path for path in (fleet.directory / "tmp").rglob("*") if path.is_file() and value.encode() in path.read_bytes()]


def test_the_way_back(fleet: Fleet) -> None:
    stopped = fleet.run("-e", "breaks=web-2")
    assert stopped.returncode == 2 and fleet.having(fleet.secret.read_text()) == ["web-1", "web-2"]
    back = fleet.run("-e", "rotation_back=true")
    assert back.returncode == 0, back.stdout
    assert fleet.secret.read_text() == "the old one" and fleet.having("the old one") == list(HOSTS)
    assert fleet.state["rotations"] == {} and "the old one" not in fleet.previous.read_text() + back.stdout


def test_two_runs_at_once_write_one_new_version(fleet: Fleet) -> None:
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda _number: fleet.run(), range(2)))
    assert [run.returncode for run in runs] == [0, 0], runs[0].stdout + runs[1].stdout
    # Which comes first nobody knows; the other one goes on with its version, or finds that nothing is due any more.
    assert sum("is due: write a new version" in run.stdout for run in runs) == 1
    assert fleet.having(fleet.secret.read_text()) == list(HOSTS)
    assert fleet.state["rotations"] == {}


def test_a_part_of_the_inventory_is_refused(fleet: Fleet) -> None:
    refused = fleet.run("--limit", "web-1")
    assert refused.returncode == 2
    assert "uses is 'web-2, web-3'; expected every host of the inventory. Run it without --limit" in refused.stdout + refused.stderr
    assert fleet.secret.read_text() == "the old one"


def test_a_name_that_nobody_uses_is_refused_with_the_nearest(fleet: Fleet) -> None:
    refused = fleet.run("-e", "rotate=secret://file/bd")
    assert refused.returncode == 2 and "Did you mean secret://file/db?" in refused.stdout + refused.stderr
    assert fleet.secret.read_text() == "the old one" and not fleet.previous.exists() and not fleet.having("the old one")


def test_the_report_asks_when_and_not_what(fleet: Fleet) -> None:
    textfile = fleet.inventory / "secrets.prom"
    written = fleet.inventory / "secrets.json"
    report = fleet.run("-e", "secrets_textfile=%s" % textfile, "-e", "secrets_json=%s" % written, playbook="secrets_report")
    assert report.returncode == 0, report.stdout
    assert "secret://file/db" in report.stdout and "100 d" in report.stdout and "the old one" not in report.stdout
    assert json.loads(written.read_text())["secrets"][0]["name"] == DB
    assert 'groundwork_secret_timestamp_seconds{name="file/db",backend="file"} ' in textfile.read_text()
