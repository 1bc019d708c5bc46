# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adding one file adds a check type, through the real packing of a module for a host."""

from __future__ import annotations

import ast
import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import checks as registry
from ansible_collections.groundwork.fleet.plugins.module_utils import health
from ansible_collections.groundwork.fleet.plugins.module_utils.health import check_types
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import health_check as health_check_step

COLLECTION = Path(__file__).resolve().parents[4]
FOLDER = Path(registry.__file__).parent
NEW_TYPE = """
import dataclasses
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Observation, equal, option

@dataclasses.dataclass
class Options:
    answer: int = option("the answer", 42, expects=equal)

def observe(options, deadline):
    return Observation({"answer": 42})
"""
PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - groundwork.fleet.health_check:
        checks:
          good: {deep_thought: {}}
          bad: {deep_thought: {answer: 43}}
        fail: false
      register: result
    - ansible.builtin.assert:
        that:
          - result.failed_checks == ['bad']
          - result.checks.bad.message is search('expected answer 43, observed 42')
          - not result.changed
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of what the module needs of the collection, in its place below a collections path."""
    collection = tmp_path / "ansible_collections" / "groundwork" / "fleet"
    for name in ("module_utils", "modules", "action"):
        shutil.copytree(COLLECTION / "plugins" / name, collection / "plugins" / name)
    for name in ("galaxy.yml", "meta/runtime.yml"):
        (collection / name).parent.mkdir(exist_ok=True)
        shutil.copy(COLLECTION / name, collection / name)
    return collection


def test_a_new_file_is_a_new_type(copy: Path, tmp_path: Path) -> None:
    (copy / "plugins" / "module_utils" / "checks" / "deep_thought.py").write_text(NEW_TYPE)
    (tmp_path / "play.yml").write_text(PLAY)
    (tmp_path / "ansible.cfg").write_text("[defaults]\ncollections_path = %s\nlocal_tmp = %s/tmp\n" % (tmp_path, tmp_path))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
    environment["ANSIBLE_CONFIG"] = str(tmp_path / "ansible.cfg")
    program = Path(sys.executable).parent / "ansible-playbook"
    interpreter = "ansible_python_interpreter=" + sys.executable
    command = [program, "-i", "localhost,", "-c", "local", "-e", interpreter, "play.yml"]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_types_of_the_folder_are_known() -> None:
    assert {"tcp", "http", "systemd_unit", "file", "process", "connection"} <= set(check_types())
    assert "__init__" not in check_types()


@pytest.mark.parametrize("path", check_types().values(), ids=lambda path: path.stem)
def test_a_type_imports_the_standard_library_and_what_travels_only(path: Path) -> None:
    """Anything else would not be on the host."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            module = str(node.module) if isinstance(node, ast.ImportFrom) else ""
            names = ["%s.%s" % (module, alias.name) for alias in node.names] if module.endswith("module_utils") else [module]  # type: ignore[attr-defined]
        for name in filter(None, names):
            known = name.split(".")[0] in sys.stdlib_module_names
            assert known or name in (health.__name__, *(module.__name__ for module in health_check_step.TRAVELS)), name


@pytest.mark.parametrize("path", check_types().values(), ids=lambda path: path.stem)
def test_a_type_explains_its_options(path: Path) -> None:
    options = health.load_type(path.stem, path.read_text()).options
    assert options.__doc__
    assert all(field.metadata["help"] for field in dataclasses.fields(options))
