# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health
from ansible_collections.groundwork.fleet.plugins.module_utils.checks import package

Run = Callable[..., dict[str, Any]]
Fake = Callable[[str, str], None]
LIST = "telnet\t0.17\tconfig-files\nsudo\t1.9.13p3-1\tinstalled\nsudo-ldap\t1\tnot-installed\n"


def test_what_is_installed(run: Run, fake_program: Fake) -> None:
    fake_program("dpkg-query", LIST)
    assert run("package", name="sudo")["status"] == "ok"
    assert run("package", name="sudo", version="1.9.13p3-1")["status"] == "ok"
    assert "expected version 2, observed 1.9.13p3-1" in run("package", name="sudo", version="2")["message"]
    assert run("package", name="sudo", installed=False)["status"] == "failed"


@pytest.mark.parametrize("name", ["telnet", "sudo-ldap", "none"])
def test_what_is_not(run: Run, fake_program: Fake, name: str) -> None:
    fake_program("dpkg-query", LIST)
    assert run("package", name=name, installed=False)["status"] == "ok"
    assert "expected installed true, observed false" in run("package", name=name)["message"]


def test_a_host_without_packages_does_not_apply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert package.observe(package.Options(name="sudo"), health.Deadline(1)).not_applicable == "neither dpkg nor rpm is installed"


@pytest.mark.parametrize(
    ("wanted", "well"),
    [
        ({"at_least": "1.9.5"}, True),
        ({"at_least": "1.10"}, False),
        ({"less_than": "1.9.14"}, True),
        ({"at_most": "1.9.13p3"}, True),
        ({"between": ["1.8", "1.9.9"]}, False),
        ({"more_than": "1.9.13p3-1"}, False),
        ({"matches": "^1"}, True),
    ],
)
def test_versions_have_an_order(run: Run, fake_program: Fake, wanted: dict[str, Any], well: bool) -> None:
    fake_program("dpkg-query", LIST)
    result = run("package", name="sudo", version=wanted)
    assert result["status"] == ("ok" if well else "failed"), result["message"]
    assert result["limits"] == {}


def test_a_version_that_is_too_old_is_told(run: Run, fake_program: Fake) -> None:
    fake_program("dpkg-query", LIST)
    assert "expected version at least 1.10, observed 1.9.13p3-1" in run("package", name="sudo", version={"at_least": "1.10"})["message"]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"at_least": 1.3}, r"version.at_least is 1\.3; expected a version as a text\. Quote it"),
        ({"at_least": "2", "less_than": "1.9"}, "It contradicts itself"),
        ({"older_thn": "1"}, "Did you mean 'older_than'"),
    ],
)
def test_wrong_versions_are_refused(run: Run, wanted: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run("package", name="sudo", version=wanted)
