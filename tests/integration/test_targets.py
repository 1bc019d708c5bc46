# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real run of the playbook `targets`, with an inventory that does not name this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
HOSTS = {"all": {"hosts": {"web-1": {"ansible_host": "192.0.2.1"}, "web-2": {"ansible_host": "192.0.2.2"}}}}
OWN = {
    "description": "Orders",
    "port": 9901,
    "install": {"present": True},
    "exec": "orders-exporter {{ listen }}",
    "proof": {"orders_up": 1},
}


def test_targets_and_rules_lie_beside_the_inventory(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump(HOSTS))
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars/all.yml").write_text(yaml.safe_dump({"exporters_enabled": {"node": {}, "orders": {}}}))
    # One's own entry, where the catalogue of an inventory is by default.
    (tmp_path / ".groundwork/catalogue/exporters").mkdir(parents=True)
    (tmp_path / ".groundwork/catalogue/exporters/orders.yml").write_text(yaml.safe_dump(OWN))
    gone = tmp_path / ".groundwork/prometheus/rules/varnish.yml"
    gone.parent.mkdir(parents=True)
    gone.write_text("of an exporter that ran before")
    beside = Path(sys.executable).parent / "ansible-playbook"
    program = str(beside) if beside.exists() else shutil.which("ansible-playbook")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    environment |= {"ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections"), "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg")}
    (tmp_path / "ansible.cfg").write_text("[defaults]\ninterpreter_python = auto_silent\n")
    command = [str(program), "groundwork.fleet.targets", "-i", str(tmp_path / "hosts.yml")]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    groups = json.loads((gone.parents[1] / "targets.json").read_text())
    assert sorted(target for group in groups for target in group["targets"]) == [
        f"192.0.2.{number}:{port}" for number in (1, 2) for port in (9100, 9901)
    ]
    assert (gone.parent / "node.yml").exists() and not gone.exists()
