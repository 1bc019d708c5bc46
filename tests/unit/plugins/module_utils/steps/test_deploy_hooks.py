# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import getpass

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import rollback
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import deploy_hooks


@pytest.fixture(autouse=True)
def journal(tmp_path, monkeypatch):
    monkeypatch.setattr(deploy_hooks, "JOURNAL", str(tmp_path / "changes"))
    return str(tmp_path / "changes")


@pytest.fixture
def services(tmp_path):
    """Two services whose hooks say in a file that they ran."""

    def hooks(name, *keys):
        return {key: {"argv": ["mkdir", str(tmp_path / ("%s.%s" % (name, key)))], "user": getpass.getuser()} for key in keys}

    return {
        "a": {"units": ["a.service"], "paths": ["/opt/a/current"], **hooks("a", "before_deploy", "drain", "undrain", "after_deploy")},
        "b": {"units": ["b.service"], **hooks("b", "drain", "undrain")},
    }


def ran(tmp_path):
    return sorted(path.name for path in tmp_path.iterdir() if path.name[1] == ".")


@pytest.mark.parametrize("foreseen", ["a.service", "/opt/a/current"])
def test_only_who_is_deployed_has_his_hooks_run(services, foreseen, run_step, tmp_path, journal):
    answer = run_step(deploy_hooks, services=services, stage="before", foreseen=[foreseen, "/etc/other"])
    assert answer["ran"] == ["a.before_deploy", "a.drain"] and ran(tmp_path) == ["a.before_deploy", "a.drain"]
    assert set(rollback.read(journal).hooks["a"]) == {"after_deploy", "undrain"}
    after = run_step(deploy_hooks, stage="after")
    assert after["ran"] == ["a.after_deploy", "a.undrain"]
    assert rollback.read(journal).hooks == {}
    assert not run_step(deploy_hooks, stage="after")["changed"]


def test_nothing_foreseen_is_nothing_run(services, run_step, tmp_path, journal):
    assert not run_step(deploy_hooks, services=services, stage="before", foreseen=["/etc/other"])["changed"]
    assert not run_step(deploy_hooks, stage="after")["changed"]
    assert ran(tmp_path) == [] and rollback.read(journal) is None


def test_check_mode_tells_and_runs_nothing(services, run_step, tmp_path):
    answer = run_step(deploy_hooks, check_mode=True, services=services, stage="before", foreseen=["a.service", "b.service"])
    assert answer["deploying"] == ["a", "b"] and answer["changed"] and ran(tmp_path) == []


def test_a_migration_that_fails_stops_before_anybody_is_drained(services, run_step, tmp_path, journal):
    services["a"]["before_deploy"]["argv"] = ["false"]
    answer = run_step(deploy_hooks, services=services, stage="before", foreseen=["a.service", "b.service"])
    assert answer["failed"] and answer["msg"].startswith("services.a.hooks.before_deploy: false failed, exit status 1")
    assert ran(tmp_path) == [] and rollback.read(journal) is None


def test_a_drain_that_fails_is_remembered(services, run_step, tmp_path, journal):
    """It may have come half of the way: the way back is taken too."""
    services["b"]["drain"]["argv"] = ["false"]
    assert run_step(deploy_hooks, services=services, stage="before", foreseen=["a.service", "b.service"])["failed"]
    deployment = rollback.Deployment({"rollback": True, "run": "two"}, journal)
    told = deployment.take_back()
    assert "In service again: a, b." in told
    assert {"a.undrain", "b.undrain"} <= set(ran(tmp_path)) and rollback.read(journal) is None


def test_who_was_killed_while_drained_is_taken_in_by_the_next_run(services, run_step, tmp_path, journal):
    run_step(deploy_hooks, services=services, stage="before", foreseen=["b.service"])
    following = rollback.Deployment({"rollback": True, "run": "two"}, journal)
    following()
    following.step_ended(failed=False)
    assert run_step(deploy_hooks, stage="after")["ran"] == ["b.undrain"]


@pytest.mark.parametrize(
    ("services", "told"),
    [
        ({"a": []}, "services['a']"),
        ({"a": {"dran": {}}}, "Did you mean 'drain'"),
        ({"a": {"drain": {"argv": "x"}}}, "services['a'].drain.argv"),
    ],
)
def test_wrong_input_is_named(services, told, run_step):
    assert told in run_step(deploy_hooks, services=services, stage="before")["msg"]
