# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A secret is planted, and everything that a run says and leaves is searched for it."""

from __future__ import annotations

import base64
import io
import json
import os
import pickle
import subprocess
import sys
import urllib.parse
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_output

COLLECTIONS = Path(__file__).resolve().parents[4] / "collections"
SECRET = "Pl4nted/s3cret+with&signs"
LONG = "-----BEGIN KEY-----\n%s\n-----END KEY-----\n" % "\n".join("L1ne%dOfAKeyThatIsLong" % number for number in range(3))
FORMS = [
    SECRET,
    "Pl4nted",
    "OfAKeyThatIsLong",
    base64.b64encode(SECRET.encode()).decode(),
    base64.b64encode(b"user:" + SECRET.encode()).decode()[8:-4],
    urllib.parse.quote(SECRET, safe=""),
]
ONE = "{{ lookup('groundwork.fleet.secret', 'secret://file/db') }}"
KEY = "{{ lookup('groundwork.fleet.secret', 'secret://file/key') }}"

TASKS: list[dict[str, Any]] = [
    {"name": "said %s" % ONE, "ansible.builtin.debug": {"msg": [ONE, KEY]}},
    {
        "name": "encoded",
        "ansible.builtin.debug": {"msg": "%s {{ ('user:' ~ %s) | b64encode }} {{ %s | urlencode }}" % (ONE, ONE[3:-3], ONE[3:-3])},
    },
    {"name": "command", "ansible.builtin.command": {"argv": ["sh", "-c", "echo $0; echo $0 >&2; echo $0 | base64; exit 3", ONE]}},
    {"name": "raw", "ansible.builtin.raw": "echo '%s'" % ONE, "check_mode": False},  # the command line is a message, no result
    {"name": "no program", "ansible.builtin.command": ONE},
    {"name": "template", "ansible.builtin.debug": {"msg": "{{ %s | from_json }}" % ONE[3:-3]}},
    {"name": "assert", "ansible.builtin.assert": {"that": "%s == 'x'" % ONE[3:-3], "fail_msg": "was %s" % ONE}},
    {"name": "choice", "ansible.builtin.file": {"path": "/x", "state": ONE}},
    {"name": "copied", "ansible.builtin.copy": {"content": "%s\n%s" % (ONE, KEY), "dest": "{d}/copied"}},
    {"name": "loop", "ansible.builtin.debug": {"msg": "x"}, "loop": [ONE]},
    {"name": "fact", "ansible.builtin.set_fact": {"mine": ONE, "cacheable": True}},
    {"name": "usable", "ansible.builtin.assert": {"that": "mine_kept == %s" % ONE[3:-3]}, "vars": {"mine_kept": ONE}},
    {"name": "stat", "ansible.builtin.set_stats": {"data": {"x": ONE}}},
    {"name": "file", "groundwork.fleet.files": {"files": {"{d}/a": {"template": "a.j2"}, "{d}/b": {"content": "secret://file/key"}}}},
    {"name": "word", "groundwork.fleet.files": {"files": {"{d}/w": {"content": "Vaulted-Word", "secret": True}}}},
    {"name": "said later", "ansible.builtin.debug": {"msg": "{{ 'Vaulted' ~ '-' ~ 'Word' }}"}},
    {"name": "wrong", "groundwork.fleet.files": {"files": {"{d}/a": {"content": "x", "mode": ONE}}}},
    {"name": "step", "groundwork.fleet.converge": {"steps": [{"units": {"units": {"a.service": {"state": "secret://file/db"}}}}]}},
    {"name": "missing", "groundwork.fleet.files": {"files": {"{d}/a": {"content": "secret://file/gone"}}}},
]


#: In place of ssh: runs on this machine what is to be run on the other one, so that Ansible's own connection plugin does all it does.
SSH = """#!/bin/sh
for last; do :; done
exec sh -c "$last"
"""


@pytest.fixture(scope="module", params=["local", "ssh"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Run the play over two hosts, as verbose as can be; returns everything that it said or wrote."""
    top = tmp_path_factory.mktemp("planted")
    out = top / "out"
    for name, text in {
        ".groundwork/secrets/db": SECRET,
        ".groundwork/secrets/key": LONG,
        "ssh": SSH,
        "templates/a.j2": "{{ own }} {{ own | b64encode }}\n",
        "hosts.yml": json.dumps({"all": {"hosts": {"a": None, "b": None}, "vars": {"own": "secret://file/db"}}}),
    }.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    (top / "ssh").chmod(0o755)
    tasks = [{**task, "ignore_errors": True} for task in TASKS]
    play = {"hosts": "all", "gather_facts": False, "tasks": json.loads(json.dumps(tasks).replace("{d}", str(top)))}
    (top / "play.yml").write_text(json.dumps([play]))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
    environment |= {
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_LOCAL_TEMP": str(top / "tmp"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit,ansible.builtin.tree",
        "ANSIBLE_CALLBACK_TREE_DIR": str(out / "tree"),
        "JUNIT_OUTPUT_DIR": str(out / "junit"),
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(out / "facts"),
        "ANSIBLE_LOG_PATH": str(out / "log"),
        "ANSIBLE_SSH_EXECUTABLE": str(top / "ssh"),
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_SHOW_CUSTOM_STATS": "1",
        "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "1",
        "ANSIBLE_DISPLAY_TRACEBACK": "always",
    }
    out.mkdir()
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "hosts.yml", "-c", request.param, "--diff", "-vvvv", "play.yml"]
    command += ["--check", "-e", "ansible_python_interpreter=" + sys.executable]
    done = subprocess.run(command, env=environment, cwd=top, capture_output=True, text=True, check=False)
    found = {"stdout": done.stdout, "stderr": done.stderr, "status": str(done.returncode), "connection": request.param}
    found |= {str(path.relative_to(out)): path.read_text() for path in out.rglob("*") if path.is_file()}
    return found


def test_the_run_said_and_wrote_what_this_test_searches(run: dict[str, str]) -> None:
    assert run["status"] == "0", run["stdout"] + run["stderr"]
    assert {name.split("/")[0] for name in run} >= {"stdout", "log", "facts", "junit"}
    assert all("TASK [%s" % task["name"].split(" {{")[0] in run["stdout"] for task in TASKS)
    assert run["stdout"].count(secret_output.MASKS.text("********")) > 40
    assert "Traceback" in run["stdout"] + run["stderr"]
    assert ("ESTABLISH SSH CONNECTION" if run["connection"] == "ssh" else "ESTABLISH LOCAL CONNECTION") in run["stdout"]


def test_a_secret_file_of_one_word_is_masked_from_then_on(run: dict[str, str]) -> None:
    part = run["stdout"].split("TASK [said later")[1].split("TASK [")[0]
    assert "Vaulted-Word" not in part
    assert '"msg": "********"' in part or '"msg": "$REDACTED$"' in part  # ansible-core 2.22 masks what it was told, too


def test_an_option_of_a_step_is_the_secret_and_its_error_shows_none(run: dict[str, str]) -> None:
    part = run["stdout"].split("TASK [step")[1].split("TASK [")[0]
    assert "state is" in part
    assert "secret://file/db" not in part.split("fatal")[1]


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_the_secret_is_anywhere(run: dict[str, str], form: str) -> None:
    assert [name for name, text in run.items() if form in text] == []


def test_tasks_have_the_secret_itself(run: dict[str, str]) -> None:
    assert "usable" in run["stdout"]
    part = run["stdout"].split("TASK [usable")[1].split("TASK [")[0]
    assert "fatal" not in part
    assert "ok: [a]" in part


def test_a_registration_arrives_where_it_is_read() -> None:
    message = secret_output.Message("")
    message.module, message.arguments = secret_output.__name__, ((b"hunter2-arrived",),)
    content = pickle.dumps(message)
    assert not secret_output.MASKS.holds(b"hunter2-arrived")
    pickle.loads(content)  # what multiprocessing does
    assert secret_output.MASKS.text("x hunter2-arrived") == "x ********"


def test_an_error_that_nobody_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, before = io.StringIO(), SimpleNamespace(called=0)
    monkeypatch.setattr(sys, "stderr", stream)
    secret_output.register([b"hunter2-uncaught"])

    def usual(*_arguments: Any) -> None:
        before.called += 1

    hook = secret_output._without_secrets(usual)
    hook(ValueError, ValueError("no secret"), None)
    hook(ValueError, ValueError("hunter2-uncaught"), None)
    assert before.called == 1
    assert stream.getvalue() == "ValueError: ********\n"
