# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action as ansible-playbook runs it on this machine: in check mode but for releases, which go into a directory of the test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.action.converge import ActionModule
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.step_list import Step

from lab import releases as lab_releases

COLLECTIONS = Path(__file__).resolve().parents[4] / "collections"
SECRET = "hunter2-correct-horse"

RELEASES = {"orders": {"version": "1", "url": "{d}/orders.tar", "sha256": "{sha256}"}}
WRONG = {"orders": {"version": "1", "url": "{d}/orders.tar", "sha256": "0" * 64}}
TASKS: dict[str, dict[str, Any]] = {
    "whole": {
        "steps": [
            {"presence": {"programs": ["sh"]}},
            {"files": {"files": {"{d}/secret": {"template": "secret.j2", "secret": True}, "{d}/a": {"content": "x\n"}}}},
            {"units": {"units": {}}},
            {"health_check": {"checks": {"there": {"file": {"path": "{d}/templates"}}}}},
            {"observe": {"commands": {"said": {"argv": ["echo", "{{ inventory_hostname }}"]}}}, "id": "looked"},
            {"health_check": {"checks": {"not there": {"file": {"path": "{d}/secret"}}}}, "id": "proof", "skip_in_check": True},
        ]
    },
    "failing": {
        "steps": [
            {"files": {"files": {"{d}/a": {"content": "x\n"}}}},
            {"health_check": {"checks": {"gone": {"file": {"path": "{d}/gone"}}}}, "id": "proof"},
            {"presence": {"programs": ["sh"]}, "id": "never"},
        ]
    },
    "released": {
        "steps": [
            {"presence": {"programs": ["sh"]}},
            {"release": {"releases": RELEASES, "base": "{d}/opt"}},
            {"units": {"units": {}}},
        ]
    },
    "released_again": {"steps": [{"release": {"releases": RELEASES, "base": "{d}/opt"}}]},
    "wrong_archive": {"steps": [{"presence": {"programs": ["sh"]}}, {"release": {"releases": WRONG, "base": "{d}/other"}}]},
    "foreseen": {"steps": [{"release": {"releases": RELEASES, "base": "{d}/opt2"}}]},
    "asked": {
        "looks": {"commands": {"said": {"argv": ["echo", "{{ inventory_hostname }}"]}}, "register": "answered"},
        "steps": "later_steps",
    },
    "unasked": {"looks": {"commands": {}, "register": "answered"}, "steps": "later_steps"},
    "asked_in_vain": {"looks": {"commands": {"no": {"argv": ["false"]}}, "register": "answered"}, "steps": "later_steps"},
    "asked_wrongly": {"looks": {"command": {}}, "steps": "later_steps"},
    "no_variable": {"steps": "latr_steps"},
    "option": {"steps": [], "step": []},
    "deployment": {"steps": [], "rollback": True, "deployment": "../changes"},
    "kind": {"steps": [{"unit": {}}]},
    "step_option": {"steps": [{"packages": {"owner": "a", "presents": {}}}]},
    "mode": {"steps": [{"presence": {"programs": ["sh"]}}, {"files": {"files": {"{d}/a": {"content": "x", "mode": 420}}}}]},
    "check": {"steps": [{"health_check": {"checks": {"a": {"htp": {"url": "x"}}}}}]},
}
# The answer of the looks is there when the steps are evaluated, and in their templates.
ANSWERED = "{{ (answered.commands.said.stdout if answered is defined else 'nobody') | trim }}"
LATER = [{"observe": {"commands": {"said": {"argv": ["echo", ANSWERED]}}}}]
REAL = ("released", "released_again", "wrong_archive")


@dataclass
class Outcome:
    """What the play said."""

    results: dict[str, dict[str, Any]]
    output: str
    directory: Path


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Run every task once."""
    top = tmp_path_factory.mktemp("converge")
    (top / "templates").mkdir()
    (top / "templates" / "secret.j2").write_text("password {{ password }}\n")
    (top / "source" / "bin").mkdir(parents=True)
    (top / "source" / "bin" / "run").write_text("x")
    digest = lab_releases.build(top / "source", top / "orders.tar")
    tasks: list[dict[str, Any]] = [
        {
            "name": name,
            "groundwork.fleet.converge": json.loads(json.dumps(arguments).replace("{d}", str(top)).replace("{sha256}", digest)),
            "register": name,
            "ignore_errors": True,
            "check_mode": name not in REAL,
        }
        for name, arguments in TASKS.items()
    ]
    collect = "{{ {%s} | to_json }}" % ", ".join("'%s': %s" % (name, name) for name in TASKS)
    write = {"name": "Report", "ansible.builtin.copy": {"content": collect, "dest": str(top / "report.json")}}
    tasks.append({**write, "check_mode": False, "diff": False})
    play = {"hosts": "all", "gather_facts": False, "vars": {"password": SECRET, "later_steps": LATER}, "tasks": tasks}
    (top / "play.yml").write_text(json.dumps([play]))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
    environment |= {"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_LOCAL_TEMP": str(top / "tmp"), "ANSIBLE_NOCOLOR": "1"}
    environment["ANSIBLE_INJECT_INVOCATION"] = "1"  # newer ansible-core shows the parameters only where it is asked to
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "here,", "-c", "local", "--diff", "-vvvv"]
    command += ["-e", "ansible_python_interpreter=" + sys.executable, "play.yml"]
    done = subprocess.run(command, env=environment, cwd=top, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    return Outcome(json.loads((top / "report.json").read_text()), output.split("TASK [Report]")[0], top)


def test_all_steps_answer_under_their_ids(outcome: Outcome) -> None:
    result = outcome.results["whole"]
    assert not result.get("failed"), result
    assert sorted(result["results"]) == ["files", "health_check", "looked", "presence", "proof", "units"]
    assert result["results"]["looked"]["commands"]["said"]["stdout"] == "here\n"
    assert result["results"]["proof"] == {"changed": False, "skipped": True}
    assert result["changed"] and result["changed_files"] == [f"{outcome.directory}/a", f"{outcome.directory}/secret"]
    assert "ansible_module_results" not in result


def test_the_host_is_asked_before_the_steps_are_evaluated(outcome: Outcome) -> None:
    for name, said in (("asked", "here"), ("unasked", "nobody")):
        assert outcome.results[name]["results"]["observe"]["commands"]["said"]["stdout"] == f"{said}\n", outcome.results[name]
    assert outcome.results["asked_in_vain"]["failed"] and "`false` failed" in outcome.results["asked_in_vain"]["msg"]
    assert "looks is ['command']; expected a mapping with commands" in outcome.results["asked_wrongly"]["msg"]
    assert "later_steps" in outcome.results["no_variable"]["msg"] and "latr_steps" in outcome.results["no_variable"]["msg"]


def test_no_secret_is_in_the_most_verbose_output_nor_in_the_result(outcome: Outcome) -> None:
    assert "TASK [whole]" in outcome.output and "ESTABLISH LOCAL CONNECTION" in outcome.output  # from -vvv on
    assert SECRET not in outcome.output and SECRET not in json.dumps(outcome.results)
    shown = outcome.output.split("TASK [failing]")[0]
    assert '"steps": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"' in shown or '"steps": "$REDACTED$"' in shown  # from ansible-core 2.22 on


def test_the_rest_of_the_result_is_not_masked(outcome: Outcome) -> None:
    assert [diff["after"] for diff in outcome.results["whole"]["diff"]] == ["x\n", "(secret content, present)\n"]


def test_a_failure_has_the_message_of_its_step_and_what_was_there_before(outcome: Outcome) -> None:
    result = outcome.results["failing"]
    assert result["failed"] and result["step"] == "proof" and result["msg"].startswith("1 of 1 checks failed:\n- gone: file path=")
    assert result["changed"] and sorted(result["results"]) == ["files", "proof"]


def test_an_archive_is_sent_to_a_host_that_lacks_it(outcome: Outcome) -> None:
    result = outcome.results["released"]
    assert result["changed"] and sorted(result["results"]) == ["presence", "release", "units"]
    assert (outcome.directory / "opt" / "orders" / "current" / "bin" / "run").read_text() == "x"
    assert result["changed_files"] == [f"{outcome.directory}/opt/orders/current"] and "resume" not in result
    assert not outcome.results["released_again"]["changed"]


def test_a_wrong_archive_fails_the_step_and_keeps_the_results(outcome: Outcome) -> None:
    result = outcome.results["wrong_archive"]
    assert result["failed"] and result["step"] == "release" and "the checksum of the archive" in result["msg"]
    assert list(result["results"]) == ["presence"] and not result["changed"] and not (outcome.directory / "other").exists()


def test_in_check_mode_nothing_is_sent(outcome: Outcome) -> None:
    result = outcome.results["foreseen"]
    assert result["changed"] and result["results"]["release"]["installed"] == ["orders"] and not (outcome.directory / "opt2").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("option", "groundwork.fleet.converge is 'step'; expected a known option. Did you mean 'steps'?"),
        ("deployment", "deployment is '../changes'; expected a name of small letters and _"),
        ("kind", "steps[0] is 'unit'; expected a known step or setting. Did you mean 'units'?"),
        ("step_option", "steps[0].packages is 'presents'; expected a known option. Did you mean 'present'?"),
        ("mode", "steps[1].files: files['"),
        ("check", "steps[0].health_check: checks.a is 'htp'"),
    ],
)
def test_wrong_input_is_one_clear_error(outcome: Outcome, name: str, message: str) -> None:
    result = outcome.results[name]
    assert result["failed"] and message in result["msg"] and "results" not in result


class Needing:
    """An action whose module lacks something for ever, or whose controller does not have it."""

    def __init__(self, given: dict[str, Any] | None) -> None:
        self.given = given

    def provide(self, answer: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any] | None:
        if self.given is None:
            raise BadInput("no such archive")
        return self.given


@pytest.mark.parametrize(("given", "message"), [({"transferred": {}}, "what the controller does not have"), (None, "no such archive")])
def test_what_cannot_be_provided_ends_the_call_with_what_was_done(given: dict[str, Any] | None, message: str) -> None:
    action = ActionModule.__new__(ActionModule)
    action._task, action._actions, calls = SimpleNamespace(args={}), [Needing(given)], []

    def call(**arguments: Any) -> dict[str, Any]:
        calls.append(arguments)
        return {"changed": True, "results": {"a": {}}, "resume": 0, "pending": {"needed": ["x"]}, "warnings": ["w%d" % len(calls)]}

    action._execute_module = call
    answer = action._converged([Step("steps[0]", "release", "release", {})], {})
    assert answer["failed"] and message in answer["msg"] and answer["step"] == "release"
    assert answer["changed"] and answer["results"] == {"a": {}} and len(calls) == (2 if given else 1)
    assert answer["warnings"] == (["w1", "w2"] if given else ["w1"])
