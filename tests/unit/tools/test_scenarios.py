# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which scenarios run on which platforms, and what Molecule is told of them. Molecule is a script that writes down how it is called."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml
from molecule.interpolation import Interpolator, TemplateWithDefaults

from lab import images
from tools import scenarios

MOLECULE = """#!/bin/sh
echo "$GROUNDWORK_PLATFORM_1 $GROUNDWORK_PLATFORM_2 $*" >> "%s"
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file with a line for each call of Molecule."""
    written = tmp_path / "calls"
    program = tmp_path / "bin" / "molecule"
    program.parent.mkdir()
    program.write_text(MOLECULE % written)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    monkeypatch.setattr(scenarios, "LOGS", tmp_path / "logs")
    for name in scenarios.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return written


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["molecule", *arguments])
    return scenarios.main()


def config(**variables: str) -> dict:
    """Return Molecule's configuration as it reads it."""
    text = Interpolator(TemplateWithDefaults, {"MOLECULE_SCENARIO_NAME": "users", **variables}).interpolate(scenarios.CONFIG.read_text())
    return yaml.safe_load(text)


def test_without_platforms_the_hosts_are_those_of_debian(calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "users") == 0
    assert calls.read_text() == "  test --scenario-name users\n"
    assert [one["name"] for one in config()["platforms"]] == ["users-debian-12", "users-debian-13"]
    assert [one["hostname"] for one in config()["platforms"]] == ["debian-12", "debian-13"]
    assert config()["dependency"]["command"] == "python -m lab images --image debian-12 --image debian-13"


def test_two_platforms(calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "--platforms", "ubuntu-22.04, ubuntu-24.04", "users", "firewall") == 0
    assert sorted(calls.read_text().splitlines()) == [
        "ubuntu-22.04 ubuntu-24.04 test --scenario-name firewall",
        "ubuntu-22.04 ubuntu-24.04 test --scenario-name users",
    ]
    read = config(GROUNDWORK_PLATFORM_1="ubuntu-22.04", GROUNDWORK_PLATFORM_2="ubuntu-24.04")
    assert [(one["name"], one["image"]) for one in read["platforms"]] == [
        ("users-ubuntu-22.04", "groundwork-lab:ubuntu-22.04"),
        ("users-ubuntu-24.04", "groundwork-lab:ubuntu-24.04"),
    ]
    assert "debian" not in read["dependency"]["command"]


def test_one_platform_has_one_host(calls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "--platforms", "rocky-9,rocky-9", "users") == 0
    path = tmp_path / "logs" / "one-platform.yml"
    assert calls.read_text() == f"rocky-9 rocky-9 --base-config {path} test --scenario-name users\n"
    whole, one = yaml.safe_load(scenarios.CONFIG.read_text()), yaml.safe_load(path.read_text())
    assert len(one["platforms"]) == 1 and one["platforms"][0] == whole["platforms"][0]
    assert {**one, "platforms": None} == {**whole, "platforms": None}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--platforms", "ubuntu-22.4", "users"), "'ubuntu-22.4' is no platform; did you mean 'ubuntu-22.04'?"),
        (("--platforms", "windows", "users"), "'windows' is no platform; known: debian-12"),
        (("--platforms", "debian-12,debian-13,rocky-9"), "expected one or two of debian-12"),
        (("--platforms", ","), "--platforms is ','; expected one or two"),
        (("--platforms", "rocky-9", "default"), "'default' has hosts of its own"),
        (("usrs",), "'usrs' is no scenario; did you mean 'users'?"),
    ],
)
def test_what_cannot_be_run_is_refused(
    calls: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    assert run(monkeypatch, *arguments) == 2
    assert told in capsys.readouterr().err
    assert not calls.exists()


def test_without_a_name_all_scenarios_run_that_platforms_make_a_difference_to() -> None:
    assert scenarios.chosen_scenarios([], ()) == scenarios.scenarios()
    assert scenarios.chosen_scenarios([], ("rocky-9",)) == [name for name in scenarios.scenarios() if not scenarios.own_hosts(name)]
    assert not {"default", "catalogue"} & set(scenarios.chosen_scenarios([], ("rocky-9",)))


def test_the_pipelines_name_what_is_known() -> None:
    """A name in a pipeline that nobody knows would only show there."""
    github = yaml.safe_load((scenarios.ROOT / ".github/workflows/test.yml").read_text())["jobs"]["platforms"]
    gitlab = yaml.safe_load((scenarios.ROOT / ".gitlab-ci.yml").read_text())["platforms"]
    asked = github["strategy"]["matrix"]["platforms"]
    assert asked == gitlab["parallel"]["matrix"][0]["PLATFORMS"]
    assert {name for one in asked for name in scenarios.chosen_platforms(one)} == {recipe.tag for recipe in images.DERIVED}
    for command in (github["steps"][-1]["run"], gitlab["script"]):
        assert scenarios.chosen_scenarios(command.split()[-3:], asked) == ["users", "firewall", "hardening"]
