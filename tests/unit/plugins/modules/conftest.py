# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module in this process: its parameters are checked as ansible-core checks them, its answer is returned."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator


class Ended(Exception):
    """The module has answered."""

    def __init__(self, answer):
        super().__init__(answer.get("msg", ""))
        self.answer = answer


class FakeModule:
    """What the modules use of AnsibleModule."""

    given, check, directory = {}, False, None

    def __init__(self, argument_spec, supports_check_mode=False):
        checked = ArgumentSpecValidator(argument_spec).validate(self.given)
        assert not checked.error_messages, checked.error_messages
        self.params, self.check_mode, self.tmpdir, self.warnings = checked.validated_parameters, self.check, str(self.directory), []
        assert supports_check_mode

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

    def atomic_move(self, source, target):
        shutil.move(source, target)


@pytest.fixture
def run_module(monkeypatch, tmp_path):
    def run(module, check_mode=False, base=FakeModule, **parameters):
        fake = type("Module", (base,), {"given": parameters, "check": check_mode, "directory": tmp_path})
        monkeypatch.setattr(module, "AnsibleModule", fake)
        with pytest.raises(Ended) as ended:
            module.main()
        return ended.value.answer

    run.base = FakeModule
    return run
