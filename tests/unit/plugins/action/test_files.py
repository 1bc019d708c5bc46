# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action as ansible-playbook runs it, on this machine and in check mode: the journal of this machine is not ours to write."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

COLLECTIONS = Path(__file__).resolve().parents[4] / "collections"
SECRET = "hunter2-correct-horse"

# Each task's `files`, its other options beside it; {d} is the directory that is written to.
TASKS: dict[str, dict[str, Any]] = {
    "undefined": {"files": {"{d}/a": {"template": "undefined.j2"}}},
    "relative": {"files": {"etc/a": {"content": "x"}}},
    "mode": {"files": {"{d}/a": {"content": "x", "mode": 420}}},
    "secret": {"files": {"{d}/secret": {"template": "secret.j2", "secret": True}}},
    "secret_content": {"files": {"{d}/secret2": {"content": "{{ password }}", "secret": True}}},
    "json": {"files": {"{d}/a.json": {"template": "json.j2"}}},
    "json_content": {"files": {"{d}/b.json": {"content": '{"b": true}\n'}}},
    "own_variables": {"files": {"{d}/c": {"template": "extra.j2", "vars": {"extra": "of this file"}}}},
    "source": {"files": {"{d}/d": {"source": "shipped.txt"}}},
    "option": {"files": {}, "validates": []},
    "no_mapping": {"files": ["{d}/a"]},
    "twice": {"files": [{"{d}/a": {"content": "x"}}, {"{d}/a": {"content": "y"}}]},
    "below": {"files": {"{d}/a": {"content": "x"}, "{d}/a/b": {"content": "x"}}},
    "large": {"files": {"{d}/large": {"content": "{{ 'x' * 300000 }}"}}},
    "no_source": {"files": {"{d}/a": {"source": "nowhere.bin"}}},
    "removal": {"files": {"{d}/there": {"template": "undefined.j2"}}, "state": "absent"},
}
FILES = {
    "templates/undefined.j2": "port {{ never_declared }}\n",
    "templates/secret.j2": "password {{ password }}\n",
    "templates/json.j2": '{"a": [1, 2]}',
    "templates/extra.j2": "{{ extra }} and {{ inventory_hostname }}\n",
    "files/shipped.txt": "{{ not a template }}\n",
    "target/there": "old\n",
}


@dataclass
class Outcome:
    """What the play said."""

    results: dict[str, dict[str, Any]]
    output: str
    directory: Path

    def after(self, name: str) -> str:
        """Return the content that a task would write."""
        [diff] = self.results[name]["diff"]
        return str(diff["after"])


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Run every task once."""
    top = tmp_path_factory.mktemp("files")
    target = top / "target"
    for name, text in FILES.items():
        (top / name).parent.mkdir(exist_ok=True)
        (top / name).write_text(text)
    tasks: list[dict[str, Any]] = [
        {
            "name": name,
            "groundwork.fleet.files": json.loads(json.dumps(arguments).replace("{d}", str(target))),
            "register": name,
            "ignore_errors": True,
        }
        for name, arguments in TASKS.items()
    ]
    collect = "{{ {%s} | to_json }}" % ", ".join("'%s': %s" % (name, name) for name in TASKS)
    write = {"name": "Report", "ansible.builtin.copy": {"content": collect, "dest": str(top / "report.json")}}
    tasks.append({**write, "check_mode": False, "diff": False})
    play = {"hosts": "all", "gather_facts": False, "vars": {"password": SECRET}, "tasks": tasks}
    (top / "play.yml").write_text(json.dumps([play]))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
    environment |= {"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_LOCAL_TEMP": str(top / "tmp"), "ANSIBLE_NOCOLOR": "1"}
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "here,", "-c", "local", "--check", "--diff", "-vvvv"]
    command += ["-e", "ansible_python_interpreter=" + sys.executable, "play.yml"]
    done = subprocess.run(command, env=environment, cwd=top, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    # The last task shows the results of all, by its own parameters; only what comes before is the action's doing.
    return Outcome(json.loads((top / "report.json").read_text()), output.split("TASK [Report]")[0], target)


def test_an_undefined_variable_is_named_with_its_template(outcome: Outcome) -> None:
    result = outcome.results["undefined"]
    assert result["failed"]
    assert "'undefined.j2', line 1; expected a template that can be rendered: 'never_declared' is undefined" in result["msg"]


def test_a_relative_path_is_refused(outcome: Outcome) -> None:
    result = outcome.results["relative"]
    assert result["failed"] and "files is 'etc/a'; expected absolute paths" in result["msg"]


def test_a_mode_that_is_a_number_is_refused(outcome: Outcome) -> None:
    result = outcome.results["mode"]
    assert result["failed"]
    assert "files['%s/a'].mode is 420; expected a quoted octal string" % outcome.directory in result["msg"]


@pytest.mark.parametrize("name", ["secret", "secret_content"])
def test_a_secret_is_written_and_not_shown(outcome: Outcome, name: str) -> None:
    assert outcome.results[name]["changed"]
    assert outcome.after(name) == "(secret content, present)\n"
    assert SECRET not in json.dumps(outcome.results[name])


def test_no_secret_is_in_the_most_verbose_output(outcome: Outcome) -> None:
    assert "TASK [secret]" in outcome.output and "ESTABLISH LOCAL CONNECTION" in outcome.output  # from -vvv on
    assert SECRET not in outcome.output


def test_content_that_looks_like_json_stays_text(outcome: Outcome) -> None:
    assert outcome.after("json") == '{"a": [1, 2]}'
    assert outcome.after("json_content") == '{"b": true}\n'


def test_a_template_has_the_variables_of_its_file_and_of_the_host(outcome: Outcome) -> None:
    assert outcome.after("own_variables") == "of this file and here\n"


def test_a_source_is_no_template(outcome: Outcome) -> None:
    assert outcome.after("source") == "{{ not a template }}\n"


def test_unknown_options_and_wrong_types_are_refused(outcome: Outcome) -> None:
    assert "Did you mean 'validate'?" in outcome.results["option"]["msg"]
    assert "expected a mapping from path to options" in outcome.results["no_mapping"]["msg"]


def test_what_is_removed_need_not_be_rendered(outcome: Outcome) -> None:
    result = outcome.results["removal"]
    assert result["changed_files"] == ["%s/there" % outcome.directory]


def test_check_mode_writes_nothing(outcome: Outcome) -> None:
    assert [path.name for path in outcome.directory.iterdir()] == ["there"]


def test_a_place_twice_is_refused(outcome: Outcome) -> None:
    assert "Two of the sets name it" in outcome.results["twice"]["msg"]
    assert "a path below directories" in outcome.results["below"]["msg"]


def test_large_content_is_named_by_its_size_and_a_missing_source_by_its_name(outcome: Outcome) -> None:
    assert outcome.after("large") == "(binary or large content, 300000 bytes)\n"
    assert (
        "files['%s/a'].source is 'nowhere.bin'; expected a file of the controller" % outcome.directory
        in outcome.results["no_source"]["msg"]
    )
