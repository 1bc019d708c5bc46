# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The artifact that a user installs: it holds the collection and nothing of the lab or the clone, and it works alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tools import sanity

ROOT = Path(__file__).resolve().parents[2]

#: Everything that may be at the top of the artifact.
WANTED = {
    *("CHANGELOG.md", "FILES.json", "LICENSE", "MANIFEST.json", "README.md"),
    *("catalogue", "changelogs", "docs", "inventories", "meta", "playbooks", "plugins", "roles"),
}
OF_THE_CLONE = ("__pycache__", "pki", ".git", ".cache", ".venv", "molecule", "staging", "tests", "lab", "lab.yml")


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sanity.build(tmp_path_factory.mktemp("artifact"), ROOT)


@pytest.fixture(scope="module")
def installed(artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a place far from the clone in which only the artifact is installed."""
    top = tmp_path_factory.mktemp("installed")
    sanity.install(artifact, top)
    return top


def ansible(top: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHONPATH"))}
    (top / "ansible.cfg").touch()
    environment |= {"ANSIBLE_CONFIG": str(top / "ansible.cfg"), "ANSIBLE_COLLECTIONS_PATH": str(top), "ANSIBLE_HOME": str(top / "home")}
    command = [str(Path(sys.executable).with_name(program)), *arguments]
    return subprocess.run(command, env=environment, cwd=top, capture_output=True, text=True, check=False, timeout=120)


def names(artifact: Path) -> list[str]:
    with tarfile.open(artifact) as archive:
        return [member.name.removeprefix("./") for member in archive.getmembers()]


def test_the_artifact_holds_nothing_but_the_collection(artifact: Path) -> None:
    found = {name.split("/")[0] for name in names(artifact)}
    assert found <= WANTED, "the artifact also holds %s: add it to build_ignore in galaxy.yml" % sorted(found - WANTED)
    strangers = [name for name in names(artifact) if set(name.split("/")) & set(OF_THE_CLONE)]
    assert not strangers, "these are of the lab or the clone: add them to build_ignore in galaxy.yml: %s" % strangers


def test_the_artifact_lacks_nothing(artifact: Path) -> None:
    found = set(names(artifact))
    tops = ("catalogue", "docs", "meta", "playbooks", "plugins", "roles", "inventories/production", "LICENSE", "README.md", "CHANGELOG.md")
    tracked = subprocess.run(["git", "ls-files", "-z", *tops], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    expected = {name for name in tracked if name and (ROOT / name).is_file()} - {"playbooks/lab.yml"}
    hidden = {name for name in expected if any(part.startswith(".") for part in name.split("/"))}
    assert not expected - hidden - found, "build_ignore in galaxy.yml takes away too much"


def test_every_plugin_is_documented_where_it_is_installed(installed: Path) -> None:
    folder = installed / sanity.PLACE / "plugins"
    kinds = {"module": "modules", "lookup": "lookup", "filter": "filter", "test": "test"}
    for kind, directory in kinds.items():
        wanted = ["groundwork.fleet." + path.stem for path in sorted((folder / directory).glob("*.py")) if path.stem != "__init__"]
        if not wanted:
            continue
        shown = ansible(installed, "ansible-doc", "-t", kind, "--json", *wanted)
        assert shown.returncode == 0, shown.stderr
        assert sorted(json.loads(shown.stdout)) == wanted, shown.stderr
    assert (folder / "modules" / "files.py").exists()


def test_every_role_is_documented_where_it_is_installed(installed: Path) -> None:
    roles = ["groundwork.fleet." + path.name for path in sorted((installed / sanity.PLACE / "roles").iterdir())]
    shown = ansible(installed, "ansible-doc", "-t", "role", "--json", *roles)
    assert shown.returncode == 0, shown.stderr
    assert sorted(json.loads(shown.stdout)) == roles, shown.stderr


def test_every_playbook_is_valid_where_it_is_installed(installed: Path) -> None:
    playbooks = sorted((installed / sanity.PLACE / "playbooks").glob("*.yml"))
    assert "site" in [path.stem for path in playbooks], "there is no groundwork.fleet.site"
    for path in playbooks:
        checked = ansible(installed, "ansible-playbook", "--syntax-check", "-i", "localhost,", "groundwork.fleet." + path.stem)
        assert checked.returncode == 0, "%s: %s" % (path.stem, checked.stderr)


def test_the_example_inventory_passes_preflight_where_it_is_installed(installed: Path) -> None:
    """Judged on the controller only: no host of the example is ever asked."""
    inventory = installed / sanity.PLACE / "inventories" / "production"
    (installed / "judge.yml").write_text("- {hosts: all, gather_facts: false, tasks: [{groundwork.fleet.preflight: }]}\n", encoding="utf-8")
    (installed / "password").write_text("example\n", encoding="utf-8")
    judged = ansible(installed, "ansible-playbook", "judge.yml", "-i", str(inventory), "--vault-password-file", "password")
    assert judged.returncode == 0, judged.stdout
    for host in ("web-1", "web-2", "db-1", "ops-1"):
        assert f"ok: [{host}]" in judged.stdout
    assert "WARNING" not in judged.stderr
