# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import file_validators, unit_verify
from ansible_collections.groundwork.fleet.plugins.module_utils.file_set import Entry

SAID = """\
/tmp/x/orders.service:12: Unknown key name 'Foo' in section 'Service', ignoring.
/tmp/x/orders.timer:3: Failed to parse calendar specification, ignoring: every day
orders.service: Command /opt/orders/current/bin/orders is not executable: No such file or directory
other.service:4: Unknown key name 'Bar' in section 'Service', ignoring.
orders@test_instance.service: Service lacks both ExecStart= and ExecStop= setting. Refusing.
"""


def test_what_systemd_leaves_out_of_our_units_is_refused():
    found = unit_verify.refusals(SAID, "/tmp/x", ["orders.service", "orders.timer", "orders@.service"])
    assert found == [
        "orders.service:12: Unknown key name 'Foo' in section 'Service', ignoring.",
        "orders.timer:3: Failed to parse calendar specification, ignoring: every day",
        "orders@test_instance.service: Service lacks both ExecStart= and ExecStop= setting. Refusing.",
    ]


def test_only_this_validator_is_meant():
    assert unit_verify.asked_for(["systemd-analyze", "verify", "/x"])
    assert not unit_verify.asked_for(["systemd-analyze", "security"]) and not unit_verify.asked_for(["sshd", "-t"])


def test_units_are_judged_under_their_own_names(tmp_path, monkeypatch):
    (tmp_path / ".orders.service.groundwork-1").write_text("[Service]\nFoo=x\n")

    def judge(command, **_options):
        (judged,) = [Path(word) for word in command if word.endswith(".service")]
        assert (judged.name, judged.read_text()) == ("orders.service", "[Service]\nFoo=x\n")
        return subprocess.CompletedProcess(command, 0, "%s:2: Unknown key name 'Foo' in section 'Service', ignoring.\n" % judged)

    monkeypatch.setattr(unit_verify.processes, "run", judge)
    monkeypatch.setattr(file_validators.shutil, "which", lambda name: "/bin/" + name)
    entries = [Entry("/etc/systemd/system/orders.service", "file", content=b"x")]
    located = {entries[0].path: str(tmp_path / ".orders.service.groundwork-1")}
    with pytest.raises(file_validators.ValidationFailed, match=r"(?s)nothing was changed.*orders\.service:2: Unknown key name 'Foo'"):
        file_validators.run_validators(["systemd-analyze verify {%s}" % entries[0].path], entries, located, missing_allowed=False)
