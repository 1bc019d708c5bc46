# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import subprocess

from ansible_collections.groundwork.fleet.plugins.module_utils import service_policy


class TestPolicy:
    def ask(self, tmp_path, previous, *arguments):
        script = tmp_path / "policy-rc.d"
        script.write_text(service_policy.script("marker", ["ssh.service", "bad unit;'"], previous))
        command = ["/bin/sh", str(script), *arguments]
        return subprocess.run(command, env={"PATH": "/usr/bin:/bin"}, check=False).returncode

    def test_only_what_ran_may_start(self, tmp_path):
        assert self.ask(tmp_path, None, "ssh", "restart") == 0
        assert self.ask(tmp_path, None, "ssh.service", "start", "2") == 0
        assert self.ask(tmp_path, None, "--quiet", "ssh.service", "start") == 0
        assert self.ask(tmp_path, None, "groundwork-test-nothing.service", "start") == 101
        assert self.ask(tmp_path, None, "groundwork-test-nothing", "stop") == 0

    def test_the_hosts_own_policy_has_the_last_word(self, tmp_path):
        previous = tmp_path / "previous"
        previous.write_text('#!/bin/sh\n[ "$2" = restart ] && exit 104\nexit 101\n')
        previous.chmod(0o755)
        assert self.ask(tmp_path, str(previous), "ssh", "restart") == 104
        assert self.ask(tmp_path, str(previous), "ssh", "start") == 101
        assert self.ask(tmp_path, str(previous), "groundwork-test-nothing", "start") == 101
