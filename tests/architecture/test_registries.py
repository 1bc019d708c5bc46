# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One new file is one new check, secret backend, report, control, exporter, dashboard, log output or service; nothing else is edited.

Each is tried in a copy of the collection, through Ansible, the way a user would use it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
FUTURE = "from __future__ import annotations\n\n"
UTILS = "ansible_collections.groundwork.fleet.plugins.module_utils"


class Addition(NamedTuple):
    """One new file, and a task that succeeds only where it is found."""

    path: str
    text: str
    task: str


ADDITIONS = {
    "checks": Addition(
        "plugins/module_utils/checks/added.py",
        FUTURE
        + "import dataclasses\n\n"
        + "from %s.health import Deadline, Observation, equal, option\n\n\n" % UTILS
        + "@dataclasses.dataclass\nclass Options:\n    answer: int = option('what is expected', 42, expects=equal)\n\n\n"
        + "def observe(options: Options, deadline: Deadline) -> Observation:\n    return Observation({'answer': 42})\n",
        "{groundwork.fleet.health_check: {checks: {it: {added: {answer: 42}}}}}",
    ),
    "secrets": Addition(
        "plugins/plugin_utils/secrets/added.py",
        FUTURE
        + "OPTIONS: dict[str, str] = {}\n\n\n"
        + "def fetch(reference: object, settings: object) -> bytes:\n    return b'found'\n\n\n"
        + "def explain(error: Exception) -> str:\n    return ''\n",
        "{ansible.builtin.assert: {that: \"lookup('groundwork.fleet.secret', 'secret://added/x') == 'found'\"}}",
    ),
    "reports": Addition(
        "plugins/plugin_utils/reports/formats/added.py",
        FUTURE + "ENDING = 'txt'\n\n\ndef render(report: object) -> str:\n    return 'found'\n",
        "{groundwork.fleet.audit_report: {directory: reports, hosts: [localhost], formats: [added]}}",
    ),
    "exporters": Addition(
        "catalogue/exporters/added.yml",
        "description: found\nport: 9999\n",
        "{ansible.builtin.assert: {that: \"lookup('groundwork.fleet.catalogue', 'exporters').added.description == 'found'\"}}",
    ),
    "log outputs": Addition(
        "catalogue/log_outputs/added.yml",
        "description: found\nengines: [rsyslog]\nformat: syslog\nmodule: omfile\nparameters: {}\n",
        "{ansible.builtin.assert: {that: \"lookup('groundwork.fleet.catalogue', 'log_outputs').added.description == 'found'\"}}",
    ),
    "dashboards": Addition(
        "catalogue/dashboards/added.yml",
        "title: found\npanels: [{title: Up, queries: {up: up}}]\n",
        "{ansible.builtin.assert: {that: \"lookup('groundwork.fleet.catalogue', 'dashboards').added.title == 'found'\"}}",
    ),
    "controls": Addition(
        "catalogue/controls/added.yml",
        "title: found\narea: network\nlevel: baseline\nrationale: It is there.\nwrites: {sysctl: {net.ipv4.ip_forward: 0}}\n",
        "{ansible.builtin.assert: {that: \"lookup('groundwork.fleet.catalogue', 'controls').added.title == 'found'\"}}",
    ),
    "service kinds": Addition(
        "plugins/plugin_utils/service_kinds/added.py",
        FUTURE
        + "KEYS = ('colour',)\nOWN_USER = False\n\n\n"
        + "def unit(service: object) -> str:\n    return 'found.service'\n\n\n"
        + "def parts(service: object) -> dict[str, dict[str, str]]:\n    return {}\n\n\n"
        + "def unit_files(service: object) -> dict[str, dict[str, str]]:\n    return {}\n",
        "{ansible.builtin.assert: {that: \"'found.service' in ("
        "{'x': {'added': {}, 'colour': 'red'}} | groundwork.fleet.service_plan).units\"}}",
    ),
    "services": Addition(
        "catalogue/services/added.yml",
        "ports: [{port: 8081, from: [any]}]\n",
        "{ansible.builtin.assert: {that: \"lookup('groundwork.fleet.catalogue', 'services', 'added').ports[0].port == 8081\"}}",
    ),
}


@pytest.fixture
def copied(tmp_path: Path, paths: list[str]) -> Path:
    """Return a copy of the collection where Ansible finds it."""
    collection = tmp_path / "ansible_collections" / "groundwork" / "fleet"
    for path in paths:
        if path.split("/")[0] in ("plugins", "catalogue", "meta", "galaxy.yml"):
            (collection / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, collection / path)
    return collection


def play(collection: Path, task: str) -> subprocess.CompletedProcess[str]:
    """Run one task on this machine with the copied collection."""
    top = collection.parents[2]
    playbook = top / "play.yml"
    (top / "ansible.cfg").touch()
    playbook.write_text("- hosts: localhost\n  connection: local\n  gather_facts: false\n  tasks: [%s]\n" % task, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    environment |= {
        "ANSIBLE_COLLECTIONS_PATH": str(top),
        "ANSIBLE_CONFIG": str(top / "ansible.cfg"),
        "ANSIBLE_LOCAL_TEMP": str(top / "local"),
        "ANSIBLE_REMOTE_TEMP": str(top / "remote"),
    }
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", str(playbook)]
    command += ["-e", "ansible_python_interpreter=%s" % sys.executable]
    return subprocess.run(command, env=environment, cwd=top, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("registry", sorted(ADDITIONS))
def test_one_new_file_is_enough(registry: str, copied: Path) -> None:
    addition = ADDITIONS[registry]
    before = play(copied, addition.task)
    refused = before.returncode == 2 and "added" in before.stdout
    assert refused, "Without the file the task has to fail for the lack of it, or it proves nothing.\n%s%s" % (before.stdout, before.stderr)
    added = copied / addition.path
    added.parent.mkdir(parents=True, exist_ok=True)
    added.write_text(addition.text, encoding="utf-8")
    after = play(copied, addition.task)
    reason = "One new file has to be enough; whoever has to edit a list forgets it, or meets somebody else's edit."
    assert after.returncode == 0, "%s\n%s%s" % (reason, after.stdout, after.stderr)
