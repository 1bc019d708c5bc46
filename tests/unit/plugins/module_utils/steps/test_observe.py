# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import observe


@pytest.fixture
def look(run_step):
    return lambda check_mode=False, **commands: run_step(observe, check_mode=check_mode, commands=commands)


def test_what_commands_say_is_never_a_change(look):
    answer = look(a={"argv": ["sh", "-c", "echo $LC_ALL; echo x >&2"]}, b={"argv": ["echo", 1]})
    assert answer["changed"] is False
    assert answer["commands"]["a"] == {"rc": 0, "stdout": "C\n", "stderr": "x\n", "missing": False, "attempts": 1}
    assert answer["commands"]["b"]["stdout"] == "1\n"


def test_a_failure_is_one_unless_it_may_be(look):
    answer = look(a={"argv": ["sh", "-c", "echo no >&2; exit 3"]})
    assert (
        answer["failed"] and answer["msg"].endswith("failed with exit status 3: no") and answer["msg"].startswith("commands['a']: `sh -c")
    )
    assert look(a={"argv": ["false"], "may_fail": True})["commands"]["a"]["rc"] == 1


def test_a_program_that_is_not_there(look):
    assert "this host has no no-such-program" in look(a={"argv": ["no-such-program"]})["msg"]
    assert look(a={"argv": ["no-such-program"], "may_fail": True})["commands"]["a"]["missing"]
    answer = look(check_mode=True, a={"argv": ["no-such-program"]}, b={"argv": ["echo"]})
    assert answer["commands"]["a"]["missing"] and answer["commands"]["a"]["rc"] == 127 and not answer["commands"]["b"]["missing"]


def test_it_waits_until_the_command_says_what_is_waited_for(look, tmp_path):
    count = ["sh", "-c", "echo >> %s; wc -l < %s" % (tmp_path / "n", tmp_path / "n")]
    assert look(a={"argv": count, "retries": 5, "delay": 0, "until": "3"})["commands"]["a"]["attempts"] == 3
    answer = look(a={"argv": ["echo", "starting"], "retries": "2", "delay": 0.01, "until": "ready"})
    assert answer["failed"] and "does not say 'ready' but 'starting' (3 attempts)" in answer["msg"]


def test_what_hangs_is_ended(look):
    answer = look(a={"argv": ["sleep", "9"], "timeout": 0.1})
    assert answer["failed"] and "did not end within 0.1 s" in answer["msg"]


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("ls", "expected a mapping with argv"),
        ({}, "commands['a'].argv is None"),
        ({"argv": "ls -l"}, "there is no shell"),
        ({"argv": []}, "starts with a program"),
        ({"argv": ["ls"], "retry": 1}, "Did you mean 'retries'?"),
        ({"argv": ["ls"], "may_fail": "yes"}, "expected true or false"),
        ({"argv": ["ls"], "timeout": "30s"}, "commands['a'].timeout is '30s'; expected a number"),
        ({"argv": ["ls"], "until": "("}, "expected a regular expression"),
        ({"argv": ["ls"], "lines": "a"}, "expected a list of lines"),
        ({"argv": ["ls"], "remedy": 1}, "expected a sentence"),
    ],
)
def test_wrong_input_is_refused_before_anything_runs(look, command, message):
    assert message in look(a=command)["msg"]


def test_lines_that_are_missing_are_named_with_what_to_do(look):
    command = {"argv": ["printf", "a=1\\n b=2\\n"], "lines": ["b=2", "a=1"]}
    assert not look(a=command).get("failed")
    message = look(a={**command, "lines": ["a=1", "b=3", "c"], "remedy": "Take it out."})["msg"]
    assert message.endswith("does not say: b=3; c. Take it out.")
