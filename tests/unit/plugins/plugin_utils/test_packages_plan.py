# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import packages_plan as plan

ROLE = Path(__file__).resolve().parents[4] / "roles" / "packages"
DEBIAN = yaml.safe_load((ROLE / "platforms" / "Debian.yml").read_text())
UBUNTU = {**DEBIAN, **yaml.safe_load((ROLE / "platforms" / "Ubuntu.yml").read_text())}


def settings(**more: Any) -> dict[str, Any]:
    options = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    found = {name.removeprefix("packages_"): option.get("default") for name, option in options.items()}
    return {**found, "platform": DEBIAN, **more}


def made(**more: Any) -> dict[str, Any]:
    return plan.packages_plan(settings(**more), "program", "bookworm")


@pytest.mark.parametrize(
    ("text", "calendar", "delay"),
    [
        ("02:00-05:00", "*-*-* 02:00:00", "180min"),
        ("sat,Sun 22:30-04:00", "Sat,Sun *-*-* 22:30:00", "330min"),
        (" 00:00-23:59 ", "*-*-* 00:00:00", "1439min"),
    ],
)
def test_a_window(text: str, calendar: str, delay: str) -> None:
    assert plan.window(text) == {"OnCalendar": "\n" + calendar, "RandomizedDelaySec": delay, "Persistent": "no"}
    if shutil.which("systemd-analyze"):
        assert subprocess.run(["systemd-analyze", "calendar", calendar], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2-5", "Put it in quotes"),
        ("02:00-02:00", "an end that differs"),
        ("24:00-05:00", "from 00:00 to 23:59"),
        ("Sut 02:00-05:00", "Did you mean 'Sun'|Did you mean 'Sat'"),
        ("02:00-05:00\nExecStart=x", "Put it in quotes"),
    ],
)
def test_a_wrong_window_is_refused(text: str, expected: str) -> None:
    with pytest.raises(BadInput, match="packages_upgrade_window.*(%s)" % expected):
        plan.window(text)


def test_the_window_takes_the_times_of_the_distribution_away() -> None:
    found = made(upgrade_window="02:00-05:00")
    text = found["files"][plan.WINDOW]["content"]
    assert "[Timer]\nOnCalendar=\nOnCalendar=*-*-* 02:00:00\nRandomizedDelaySec=180min\nPersistent=no\n" in text
    assert found["units"]["apt-daily-upgrade.timer"] == {"state": "started", "enabled": True, "restart_on": [plan.WINDOW]}
    assert made()["files"][plan.WINDOW] == {"absent": True}
    assert made(upgrade_window="02:00-05:00", security_upgrades=False)["files"][plan.WINDOW] == {"absent": True}


def test_services_are_restarted_by_themselves() -> None:
    found = made()
    assert "{restart} = 'a'" in found["files"][plan.NEEDRESTART]["content"] and found["present"]["needrestart"] == "*"
    for more in ({"restart_services": False}, {"security_upgrades": False}):
        assert made(**more)["files"][plan.NEEDRESTART] == {"absent": True} and "needrestart" not in made(**more)["present"]


def test_the_status_is_told_where_an_exporter_reads_it() -> None:
    found = made(textfile_directory="/var/lib/node")
    service = found["files"]["/etc/systemd/system/groundwork-patch-status.service"]["content"]
    assert "ExecStart=/usr/local/sbin/groundwork-patch-status --textfile /var/lib/node/groundwork_patch.prom\n" in service
    assert "ConditionPathIsDirectory=/var/lib/node\n" in service and "ReadWritePaths=-/var/lib/node -/var/cache/apt\n" in service
    assert found["units"][plan.TIMER]["state"] == "started" and found["gone"] == {}
    assert made()["gone"] == {plan.TIMER: {"state": "stopped", "enabled": False}}
    assert made()["files"][plan.PROGRAM] == {"content": "program", "mode": "0755"}


def test_everything_that_a_plan_writes_is_taken_away() -> None:
    everything = made(upgrade_window="02:00-05:00", proxy="http://p:1", textfile_directory="/d")
    assert set(everything["files"]) <= set(everything["removal"]["files"])
    assert "/d/groundwork_patch.prom" in everything["removal"]["files"]
    assert set(made()["files"]) - {plan.PROGRAM} >= set(plan.written()), "what is not asked for any more goes"


def test_a_proxy() -> None:
    assert (
        'Acquire::https::Proxy "http://proxy.example.org:3128";'
        in made(proxy="http://proxy.example.org:3128")["files"][plan.PROXY]["content"]
    )


@pytest.mark.parametrize("address", ["proxy:3128", "ftp://proxy", "http://", 'http://a"; x', "http://a b"])
def test_a_wrong_proxy_is_refused(address: str) -> None:
    with pytest.raises(BadInput, match="packages_proxy"):
        plan.proxy(address)


def test_a_password_in_the_proxy_is_refused_and_not_shown() -> None:
    with pytest.raises(BadInput, match="without a password") as refusal:
        plan.proxy("http://user:hunter2@proxy:3128")
    assert "hunter2" not in str(refusal.value)


def test_a_mirror_takes_the_place_of_the_distributions_servers() -> None:
    found = made(mirror={"uri": "https://mirror.example.org/debian/", "check_valid_until": False})["mirror"]
    text = found[plan.MIRROR]["content"]
    assert "URIs: https://mirror.example.org/debian\nSuites: bookworm bookworm-updates\nComponents: main\n" in text
    assert "URIs: https://mirror.example.org/debian-security\nSuites: bookworm-security\n" in text
    assert text.count("Check-Valid-Until: no\n") == 2 and text.count("Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n") == 2
    assert found["/etc/apt/sources.list.d/debian.sources"] == {"absent": True} == found["/etc/apt/sources.list"]
    assert made()["mirror"] == {}


def test_a_mirror_of_ubuntu_has_its_security_upgrades_in_the_same_place() -> None:
    found = plan.mirror({"uri": "http://m/ubuntu"}, UBUNTU, "noble")
    assert "URIs: http://m/ubuntu\nSuites: noble-security\nComponents: main restricted universe\n" in found[plan.MIRROR]["content"]
    assert "/etc/apt/sources.list.d/ubuntu.sources" in found


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("http://m", "a mapping with uri"),
        ({"url": "http://m"}, "Did you mean 'uri'"),
        ({}, ""),
        ({"uri": "m.example.org"}, "packages_mirror.uri"),
        ({"uri": "http://m\nTypes: deb-src"}, "packages_mirror.uri"),
        ({"uri": "http://m", "components": "main"}, "packages_mirror.components"),
        ({"uri": "http://m", "suites": ["-updates\nTrusted: yes"]}, "packages_mirror.suites"),
    ],
)
def test_a_wrong_mirror_is_refused(declared: Any, expected: str) -> None:
    if not expected:
        assert plan.mirror(declared, DEBIAN, "bookworm") == {}
        return
    with pytest.raises(BadInput, match=expected):
        plan.mirror(declared, DEBIAN, "bookworm")


def test_a_version_of_the_baseline_is_pinned_for_every_upgrade() -> None:
    found = made(baseline={"nginx": "1.22*", "curl": "*", "tree": "1"}, baseline_group={"tree": None, "vim": "2:9.0-1"}, held=["nginx"])
    assert found["files"][plan.PREFERENCES]["content"].splitlines()[1:] == ["Package: vim", "Pin: version 2:9.0-1", "Pin-Priority: 1001"]
    assert made()["files"][plan.PREFERENCES] == {"absent": True}
    assert plan.PREFERENCES in made()["removal"]["files"]
