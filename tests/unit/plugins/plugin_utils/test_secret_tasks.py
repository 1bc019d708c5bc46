# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Only references are written; tasks of ansible.builtin do their work with the secrets, or refuse."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.executor.process.worker import WorkerProcess
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_tasks
from ansible_collections.groundwork.fleet.plugins.plugin_utils.compat import trust

COLLECTIONS = Path(__file__).resolve().parents[4] / "collections"
SECRET = "Pl4nted/s3cret+with&signs"
REFERENCE = "secret://file/db"
INVENTORY = {
    "all": {
        "hosts": {"one": None, "two": None},
        "vars": {
            "nested": {"list": [REFERENCE]},
            "alias": "{{ nested.list[0] }}!",
            "own": "secret://file/{{ inventory_hostname }}",
            "ansible_become_password": REFERENCE,
            "fleet_admins": {},
        },
    }
}


def copy(content: str, name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "ansible.builtin.copy": {"content": content, "dest": "{d}/" + name, "mode": "0600"}, **more}


#: What a file is to have in it, by its name.
EXPECTED = {
    "argument": SECRET,
    "variable": f"x={SECRET} {SECRET}!",
    "template": f"{SECRET} {SECRET}-{SECRET}!",
    "others": "value-of-two",
    "environment": f"{SECRET} {SECRET}",
    "loop": SECRET,
    "fact": f"{SECRET} 25",
    "password": "25",
    "default": SECRET,
    "ours": SECRET,
    "included": "value-of-one",
    "from_here": "25",
}
TASKS: list[dict[str, Any]] = [
    copy(REFERENCE, "argument"),
    copy("x={{ of_play }} {{ alias }}", "variable"),
    {"name": "template", "ansible.builtin.template": {"src": "a.j2", "dest": "{d}/template", "mode": "0600"}},
    copy("{{ hostvars['two'].own }}", "others"),
    {
        "name": "environment",
        "ansible.builtin.shell": 'printf "%s %s" "$OF_PLAY" "$OF_TASK" > {d}/environment',
        "environment": {"OF_TASK": "{{ of_play }}"},
    },
    copy("{{ item }}", "loop", loop=[REFERENCE]),
    {"name": "set", "ansible.builtin.set_fact": {"known": REFERENCE}},
    copy("{{ known }} {{ known | length }}", "fact"),
    copy("{{ ansible_become_password | length }}", "password"),
    {
        "name": "default",
        "ansible.builtin.copy": {"dest": "{d}/default", "mode": "0600"},
        "module_defaults": {"ansible.builtin.copy": {"content": REFERENCE}},
    },
    {"name": "ours", "groundwork.fleet.files": {"files": {"{d}/ours": {"content": REFERENCE}}}},
    {"name": "include", "ansible.builtin.include_vars": {"file": "{d}/more.yml"}},
    copy("{{ more }}", "included"),
    {**copy("{{ of_play | length }}", "from_here"), "delegate_to": "two"},
]
REFUSED = {
    "made": (copy("{{ 'secret://file/' ~ 'db' }}", "made"), "expected no reference that a template or a host made"),
    "told": (
        copy("{{ heard }}", "told", vars={"heard": "{{ lookup('file', '{d}/heard') }}"}),
        "no reference that a template or a host made",
    ),
    "within": (copy("password=secret://file/db", "within"), "args.content is 'secret://file/db'; expected no reference within a longer"),
    "typo": (copy("secret://fil/db", "typo"), "Did you mean secret://file/"),
    "gone": (copy("{{ gone }}", "gone", vars={"gone": "secret://file/gone"}), "expected a secret that the backend 'file' has"),
}


@pytest.fixture(scope="module", params=["vars plugin", "preflight"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Run the tasks, with references everywhere by the plugin that a user enables, or because preflight came first."""
    top = tmp_path_factory.mktemp("tasks")
    for name, text in {
        ".groundwork/secrets/db": SECRET,
        ".groundwork/secrets/one": "value-of-one",
        ".groundwork/secrets/two": "value-of-two",
        "templates/a.j2": "{{ nested.list[0] }} {{ nested.list | join }}-{{ alias }}",
        "more.yml": "more: secret://file/{{ inventory_hostname }}\n",
        "heard": REFERENCE,
        "hosts.yml": json.dumps(INVENTORY),
    }.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    tasks = [*TASKS, *({**task, "ignore_errors": True} for task, _told in REFUSED.values())]
    play: dict[str, Any] = {"hosts": "one", "gather_facts": False, "vars": {"of_play": REFERENCE}, "environment": {"OF_PLAY": REFERENCE}}
    plays = [{**play, "tasks": json.loads(json.dumps(tasks).replace("{d}", str(top)))}]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
    environment |= {"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_LOCAL_TEMP": str(top / "tmp"), "ANSIBLE_NOCOLOR": "1"}
    if request.param == "preflight":
        plays.insert(0, {"hosts": "all", "gather_facts": False, "tasks": [{"groundwork.fleet.preflight": {}}]})
    else:
        environment["ANSIBLE_VARS_ENABLED"] = "host_group_vars,groundwork.fleet.secret_references"
    (top / "play.yml").write_text(json.dumps(plays))
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "hosts.yml", "-c", "local", "-vvv", "--diff", "play.yml"]
    command += ["-e", "ansible_python_interpreter=" + sys.executable]
    done = subprocess.run(command, env=environment, cwd=top, capture_output=True, text=True, check=False)
    return SimpleNamespace(top=top, said=done.stdout + done.stderr, status=done.returncode)


def test_all_of_it_ran(run: SimpleNamespace) -> None:
    assert run.status == 0, run.said
    assert "REQUIRES_ENABLED" not in run.said


@pytest.mark.parametrize("name", EXPECTED)
def test_a_task_works_with_the_secret(run: SimpleNamespace, name: str) -> None:
    assert (run.top / name).read_text() == EXPECTED[name]


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_be_written_as_a_text_is_refused(run: SimpleNamespace, name: str) -> None:
    part = re.sub(r"\s+", " ", run.said.split(f"TASK [{name}]")[1].split("TASK [")[0].split("PLAY RECAP")[0])
    assert REFUSED[name][1] in part
    assert not (run.top / name).exists()


def test_it_is_masked(run: SimpleNamespace) -> None:
    assert SECRET not in run.said
    assert "********" in run.said


def variables(value: Any, name: str = "mine", own: bool = False) -> Any:
    return secret_tasks.with_lookups({name: value}, own)[name]


def test_what_a_host_said_is_no_reference() -> None:
    """It would choose which secret it is given."""
    assert variables({"stdout": wrap_var(REFERENCE)}) == {"stdout": REFERENCE}
    assert "lookup(" in variables({"stdout": trust(REFERENCE)})["stdout"]


def test_a_task_of_the_collection_has_only_its_connection_prepared() -> None:
    assert variables(trust(REFERENCE), own=True) == REFERENCE
    assert "lookup(" in variables(trust(REFERENCE), "ansible_password", own=True)
    assert variables({"x": trust(REFERENCE)}, "fleet_secret_backends") == {"x": REFERENCE}


@pytest.mark.parametrize(
    ("action", "role", "own"),
    [
        ("groundwork.fleet.files", None, True),
        ("ansible.builtin.copy", "groundwork.fleet", True),
        ("ansible.builtin.copy", "x.y", False),
        ("copy", None, False),
    ],
)
def test_whose_a_task_is(action: str, role: str | None, own: bool) -> None:
    task = SimpleNamespace(action=action, _role=SimpleNamespace(_role_collection=role) if role else None)
    assert secret_tasks.is_own(task) is own


def test_a_text_that_mentions_references_is_left_alone() -> None:
    for text in ("secret://file/db: resolves by file", "see secret://other/x"):
        secret_tasks._refuse(trust(text), "args.msg", lambda: ["file"])
    with pytest.raises(BadInput, match=r"args\.msg is 'secret://file/db'"):
        secret_tasks._refuse(trust("see secret://file/db"), "args.msg", lambda: ["file"])


def test_it_is_installed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_tasks, "_INSTALLED", [1])
    before = WorkerProcess.run
    secret_tasks.install()
    assert WorkerProcess.run is before
