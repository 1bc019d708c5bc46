# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a step in this process: its parameters are checked as ansible-core checks them, its answer is returned."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.groundwork.fleet.plugins.module_utils import postgresql
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import postgresql_cluster


class Ended(BaseException):
    """The step has answered."""

    def __init__(self, answer):
        super().__init__(answer.get("msg", ""))
        self.answer = answer


class FakeModule:
    """What the steps see of a module."""

    given, check, directory = {}, False, None

    def __init__(self, argument_spec):
        checked = ArgumentSpecValidator(argument_spec).validate(self.given)
        assert not checked.error_messages, checked.error_messages
        self.params, self.check_mode, self.tmpdir, self.warnings = checked.validated_parameters, self.check, str(self.directory), []
        self.announced = 0

    def about_to_change(self):
        self.announced += 1

    def exit_json(self, **answer):
        raise Ended({"warnings": self.warnings, **answer})

    def fail_json(self, **answer):
        raise Ended({"failed": True, **answer})

    def warn(self, text):
        self.warnings.append(text)

    def get_bin_path(self, name, required=False, opt_dirs=()):
        return shutil.which(name)

    def run_command(self, command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def run_step(tmp_path):
    def run(step, check_mode=False, base=FakeModule, **parameters):
        fake = type("Module", (base,), {"given": parameters, "check": check_mode, "directory": tmp_path})(step.ARGUMENTS)
        with pytest.raises(Ended) as ended:
            step.run(fake)
        answer = ended.value.answer
        # A warning tells of an earlier change that was taken back.
        if check_mode or not (answer.get("changed") or answer.get("failed") or fake.warnings):
            assert not fake.announced, "told to change the host, and did not"
        return answer

    run.base = FakeModule
    return run


class PostgresqlHost:
    """A host whose PostgreSQL is a directory, and which notes what is run."""

    def __init__(self, directory, monkeypatch):
        self.ran = []
        self.data, self.fences = directory / "main", directory / "fences"
        self.found = {}
        self.answers = {}
        self.running = False
        monkeypatch.setattr(postgresql.Cluster, "data", property(lambda _self: str(self.data)))
        monkeypatch.setattr(postgresql.Cluster, "program", lambda _self, name: "/bin/" + name)
        monkeypatch.setattr(postgresql, "FENCES", str(self.fences))
        monkeypatch.setattr(postgresql, "control", lambda _cluster: self.found)
        monkeypatch.setattr(postgresql, "is_running", lambda _cluster: self.running)
        monkeypatch.setattr(postgresql, "run", self.run)
        monkeypatch.setattr(postgresql, "systemctl", lambda _module, *words: self.ran.append(["systemctl", *words]))
        monkeypatch.setattr(postgresql_cluster.shutil, "chown", lambda *_arguments: None)

    def run(self, command, text="", seconds=0):
        name = command[0].rpartition("/")[2]
        self.ran.append(command)
        if name == "pg_basebackup" and name not in self.answers:
            os.makedirs(command[command.index("--pgdata") + 1])
        return self.answers.get(name, (0, "groundwork_db_2\n", ""))


@pytest.fixture
def postgresql_host(tmp_path, monkeypatch):
    return PostgresqlHost(tmp_path, monkeypatch)
