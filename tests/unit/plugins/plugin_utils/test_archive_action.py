# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.groundwork.fleet.plugins.plugin_utils.archive_action import ArchiveAction


class Action(ArchiveAction):
    MODULE, PARAMETER, INSIDE, ARGUMENTS = "groundwork.fleet.example", "things", ".archive", ("things", "state")

    def wanted(self, given, state):
        return [SimpleNamespace(name=name, **options) for name, options in given.items()]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the action on a host that lacks what `needed` says until it has it; returns how the module was called."""
    (tmp_path / "a.tar").write_bytes(b"x")

    def call(needed, sha256="", check_mode=False, **arguments):
        calls = []
        monkeypatch.setattr(ActionBase, "run", lambda *_arguments, **_options: {})
        action = Action.__new__(Action)
        things = {"a": {"url": "file://%s" % (tmp_path / "a.tar"), "sha256": sha256 or hashlib.sha256(b"x").hexdigest()}}
        action._task = SimpleNamespace(args={"things": things, **arguments}, check_mode=check_mode)
        action._loader = SimpleNamespace(path_dwim=str)
        action._connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="/remote", join_path=lambda *parts: "/".join(parts)))
        action._transfer_file = lambda _path, remote: remote
        action._fixup_perms2 = lambda _paths: None

        def module(module_name, module_args, task_vars):
            calls.append(module_args)
            return {"changed": True, "needed": [] if "transferred" in module_args else needed}

        action._execute_module = module
        call.answer = action.run(task_vars={})
        return calls

    return call


def test_what_the_host_lacks_is_sent_and_the_module_called_again(run):
    first, second = run(["a"])
    assert "transferred" not in first
    assert second["transferred"] == {"a": "/remote/release-a"}
    assert run.answer == {"changed": True, "needed": []}


def test_nothing_is_sent_to_a_host_that_has_it_or_in_check_mode(run):
    assert len(run([])) == 1
    assert len(run(["a"], check_mode=True)) == 1


def test_another_archive_than_the_declared_one_is_not_sent(run):
    with pytest.raises(AnsibleActionFail, match=r"things\['a'\]\.archive\.sha256"):
        run(["a"], sha256="0" * 64)


def test_an_unknown_option_is_refused(run):
    with pytest.raises(AnsibleActionFail, match="Did you mean 'state'"):
        run([], stat="present")
