# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import apt_host, config_questions

DPKG = """\
Setting up web (2) ...

Configuration file '/etc/web/with a space.conf'
 ==> Modified (by you or by a script) since installation.
 ==> Package distributor has shipped an updated version.
 ==> Using current old file as you requested.
Installing new version of config file /etc/web/untouched.conf ...
Configuration file '/etc/web/default.conf'
 ==> Deleted (by you or by a script) since installation.
 ==> Keeping old config file as default.
Configuration file '/etc/web/new.conf'
 ==> Modified (by you or by a script) since installation.
 ==> Using new file as you requested.
 ==> Using new of nothing
"""


def test_each_decision_is_told() -> None:
    assert config_questions.decided(DPKG) == {
        "/etc/web/with a space.conf": "kept",
        "/etc/web/default.conf": "kept",
        "/etc/web/new.conf": "replaced",
    }
    assert config_questions.decided("Setting up x (1) ...\n") == {}


@pytest.mark.parametrize(("decision", "option", "variable"), [("keep", "confold", "CONFFOLD"), ("replace", "confnew", "CONFFNEW")])
def test_dpkg_and_ucf_are_told_the_same(decision: str, option: str, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, str]] = []
    done = type("Done", (), {"returncode": 0, "stdout": b"amd64\n", "stderr": b""})
    monkeypatch.setattr(apt_host.processes, "run", lambda _command, **options: seen.append(options["env"]) or done)
    host = apt_host.Apt(1, False, decision)
    assert "Dpkg::Options::=--force-" + option in host.options
    assert seen[0]["UCF_FORCE_" + variable] == "1" and sum(name.startswith("UCF_FORCE") for name in seen[0]) == 1
    assert host.architecture == "amd64"
