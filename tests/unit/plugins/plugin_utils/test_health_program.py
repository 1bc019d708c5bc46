# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one file for a host: it is what the checks need, and it runs with nothing but Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_program


def test_the_types_of_a_declaration() -> None:
    checks = {"a": {"tcp": {"port": 1}}, "b": {"file": {"path": "/"}}, "c": {"tcp": {"port": 2}}}
    assert health_program.types_used(checks) == ["file", "tcp"]
    with pytest.raises(BadInput, match="Did you mean 'tcp'"):
        health_program.types_used({"a": {"tpc": {}}})


def test_the_same_types_make_the_same_text_and_no_other_type_is_in_it() -> None:
    text = health_program.host_program(["tcp", "file"])
    assert text == health_program.host_program(["file", "tcp"])
    assert text.startswith("#!/usr/bin/python3 -IS\n")
    assert "TEXTS['checks.tcp']" in text and "TEXTS['checks.http']" not in text
    assert "TEXTS['health_net']" not in health_program.host_program(["file"])
    with pytest.raises(BadInput, match="Did you mean 'tcp'"):
        health_program.host_program(["tpc"])


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a program with every type."""
    folder = tmp_path_factory.mktemp("program")
    path = folder / "groundwork-health"
    path.write_text(health_program.host_program(health.check_types(), sys.executable, str(folder / "cache")))
    path.chmod(0o755)
    return path


def run(program: Path, declared: dict[str, Any], *words: str) -> subprocess.CompletedProcess[str]:
    declaration = program.parent / "health.json"
    declaration.write_text(json.dumps(declared))
    command = [str(program), "--declaration", str(declaration), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]})


def test_it_runs_alone(program: Path) -> None:
    checks = {
        "root": {"file": {"path": "/", "mode": {"matches": "^0"}}},
        "here": {"process": {"name": Path(sys.executable).name, "minimum": {"at_least": 0}}},
        "closed": {"tcp": {"port": 1}, "requires": "root"},
        "page": {"http": {"url": "http://127.0.0.1:1/", "json": {"a.b": 1}, "status": {"between": [200, 299]}}, "requires": "closed"},
    }
    for _start in ("without byte code", "with it"):
        done = run(program, {"checks": checks}, "--format=json")
        assert done.stderr == ""
        assert done.returncode == 2
        found = {name: result["status"] for name, result in json.loads(done.stdout)["checks"].items()}
        assert found == {"root": "ok", "here": "ok", "closed": "failed", "page": "skipped"}
    assert [path.suffix for path in (program.parent / "cache").iterdir()] == [".bin"] or os.geteuid()


def test_it_refuses_like_the_controller(program: Path) -> None:
    done = run(program, {"checks": {"a": {"file": {"path": "/", "mode": {"at_least": 5}}}}})
    assert (done.returncode, done.stderr) == (3, "")
    assert "checks.a.file.mode.at_least is 5; expected no comparison of numbers" in done.stdout


@pytest.mark.parametrize("name", health.check_types())
def test_each_type_loads_in_it(program: Path, name: str) -> None:
    """An import that the program cannot resolve, or a name that its light modules lack, would show on somebody's host only."""
    done = run(program, {"checks": {"a": {name: {"nothing": 1}}}})
    assert (done.returncode, done.stderr) == (3, "")
    assert "checks.a.%s is 'nothing'; expected a known option" % name in done.stdout
