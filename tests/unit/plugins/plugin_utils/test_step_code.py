# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import batch, sent_code
from ansible_collections.groundwork.fleet.plugins.plugin_utils import step_code, step_list

#: Loads modules on a host that has nothing but what Ansible brings and what was sent.
HOST = """
import importlib, json, sys
given = json.load(sys.stdin)
sys.path[:0] = given["path"]
from ansible_collections.groundwork.fleet.plugins.module_utils import sent_code
sent_code.install(given["code"])
for name in given["names"]:
    module = importlib.import_module(sent_code.PACKAGE + "." + name)
    assert module.__spec__.loader.get_source(module.__name__), name
"""


@pytest.fixture
def host(tmp_path: Path) -> list[str]:
    """Return the path of modules on the host, which holds what Ansible brings."""
    folder = tmp_path.joinpath(*sent_code.PACKAGE.split("."))
    folder.mkdir(parents=True)
    for name in step_code.brought_by_ansible():
        (folder / f"{name}.py").write_text((step_code.FOLDER / f"{name}.py").read_text(encoding="utf-8"), encoding="utf-8")
    site = Path(str(sys.modules["ansible"].__file__)).parents[1]
    return [str(tmp_path), str(site)]


def imported(path: list[str], names: list[str], code: dict[str, str]) -> subprocess.CompletedProcess[str]:
    given = json.dumps({"path": path, "names": names, "code": code})
    return subprocess.run([sys.executable, "-I", "-c", HOST], input=given, capture_output=True, text=True, check=False)


def test_each_step_can_be_imported_from_what_is_sent_for_it(host: list[str]) -> None:
    names = [f"steps.{kind}" for kind in step_list.kinds()] + ["guard", "guard_record", "undo", "rollback"]
    done = imported(host, names, step_code.sources(names))
    assert done.returncode == 0, done.stderr


def test_the_guard_takes_along_what_was_sent(host: list[str]) -> None:
    steps = [step_list.Step("steps[0]", "files", "files", {})]
    code = batch.unpacked(step_list.packed(steps, guard={"timeout": 60, "token": "t"}))["code"]
    program = HOST + "from ansible_collections.groundwork.fleet.plugins.module_utils import guard_units\nprint(*guard_units.sources())\n"
    given = json.dumps({"path": host, "names": ["guard"], "code": code})
    done = subprocess.run([sys.executable, "-I", "-c", program], input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    base = sent_code.PACKAGE.replace(".", "/")
    assert {f"{base}/{name}.py" for name in ("guard", "undo", "file_swap", "errors")} <= set(done.stdout.split())


def test_what_was_not_sent_is_not_there(host: list[str]) -> None:
    done = imported(host, ["steps.units"], step_code.sources(["steps.presence"]))
    assert "No module named" in done.stderr


@pytest.mark.parametrize("kind", step_list.kinds())
def test_every_import_of_ours_is_found(kind: str) -> None:
    found = {**step_code.sources([f"steps.{kind}"]), **dict.fromkeys(step_code.brought_by_ansible(), "")}
    for text in found.values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith(sent_code.PACKAGE):
                base = str(node.module)[len(sent_code.PACKAGE) + 1 :]
                for alias in node.names:
                    assert base in found or ".".join(filter(None, [base, alias.name])) in found


def test_a_step_takes_no_more_along_than_it_needs() -> None:
    assert "apt_host" not in step_code.sources(["steps.units"])
    assert not set(step_code.sources(step_list.kinds())) & step_code.brought_by_ansible()
