# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import apt_host


class Scripted(apt_host.Apt):
    """An Apt whose programs answer from a list; the last answer stays."""

    def __init__(self, *answers, lock_timeout=0):
        self.answers = [apt_host.Ran(*answer) for answer in answers]
        self.commands = []
        self.lock_timeout = lock_timeout
        self.options = []
        self.decided = {}
        self.architecture = "amd64"

    def run(self, command):
        self.commands.append(list(command))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def active_units(self):
        return ["ssh.service"]


@pytest.fixture
def policy(tmp_path, monkeypatch):
    path = tmp_path / "policy-rc.d"
    monkeypatch.setattr(apt_host, "POLICY", str(path))
    monkeypatch.setattr(apt_host, "KEPT_POLICY", str(path) + ".groundwork")
    return path


@pytest.fixture
def stored(tmp_path, monkeypatch):
    path = tmp_path / "groundwork" / "packages.json"
    monkeypatch.setattr(apt_host, "RECORDS", str(path))
    return path


class TestPolicy:
    def test_stands_during_the_transaction_only(self, policy):
        with Scripted((0, "", "")).no_new_services():
            assert "ssh.service" in policy.read_text() and policy.stat().st_mode & 0o777 == 0o755
        assert list(policy.parent.iterdir()) == []

    def test_goes_even_when_the_transaction_fails(self, policy):
        with pytest.raises(RuntimeError), Scripted((0, "", "")).no_new_services():
            raise RuntimeError
        assert list(policy.parent.iterdir()) == []

    def test_the_hosts_own_comes_back(self, policy):
        policy.write_text("own")
        policy.chmod(0o700)
        with Scripted((0, "", "")).no_new_services():
            assert "exec %s" % apt_host.KEPT_POLICY in policy.read_text()
        assert policy.read_text() == "own" and policy.stat().st_mode & 0o777 == 0o700
        assert [path.name for path in policy.parent.iterdir()] == ["policy-rc.d"]

    def test_what_a_killed_run_left_goes_with_the_next(self, policy):
        policy.write_text("#!/bin/sh\n# %s\n" % apt_host.MARKER)
        apt_host.restore_policy()
        assert not policy.exists()

    def test_what_a_killed_run_replaced_comes_back(self, policy):
        policy.write_text("#!/bin/sh\n# %s\n" % apt_host.MARKER)
        policy.with_name("policy-rc.d.groundwork").write_text("own")
        apt_host.restore_policy()
        assert policy.read_text() == "own"

    def test_a_foreign_policy_is_left_alone(self, policy):
        policy.write_text("own")
        apt_host.restore_policy()
        assert policy.read_text() == "own"


class TestRecords:
    def test_are_written_and_go_with_the_last_owner(self, stored):
        records = apt_host.read_records()
        records["owners"]["web"] = {"wants": ["nginx"]}
        apt_host.write_records(records)
        assert json.loads(stored.read_text())["owners"] == {"web": {"wants": ["nginx"]}}
        assert apt_host.read_records()["owners"]["web"]["wants"] == ["nginx"]
        apt_host.write_records({"owners": {}})
        assert not stored.parent.exists()

    def test_the_directory_stays_where_others_use_it(self, stored):
        apt_host.write_records({"owners": {"web": {}}})
        (stored.parent / "changes").mkdir()
        apt_host.write_records({"owners": {}})
        assert stored.parent.exists() and not stored.exists()

    def test_damage_is_named(self, stored):
        stored.parent.mkdir()
        stored.write_text("{")
        with pytest.raises(apt_host.AptError, match="is damaged"):
            apt_host.read_records()


def test_the_marks_of_apt_are_read_and_no_program_is_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(apt_host, "STATES", str(tmp_path / "extended_states"))
    host = Scripted()
    assert host.automatic() == []
    (tmp_path / "extended_states").write_text("Package: libssl3\nArchitecture: amd64\nAuto-Installed: 1\n\n")
    assert host.automatic() == ["libssl3"] and host.commands == []


class TestLocks:
    def test_a_lock_is_waited_for(self, monkeypatch):
        monkeypatch.setattr(apt_host.time, "sleep", lambda _seconds: None)
        host = Scripted((100, "", "E: Could not get lock /var/lib/dpkg/lock"), (0, "fine", ""), lock_timeout=60)
        assert host.must(["apt-get", "update"]).out == "fine" and len(host.commands) == 2

    def test_but_not_for_ever(self):
        host = Scripted((100, "", "E: Could not get lock /var/lib/dpkg/lock. It is held by process 7 (apt)"))
        with pytest.raises(apt_host.AptError, match=r"held by process 7"):
            host.must(["apt-get", "-o", "DPkg::Lock::Timeout=0", "update"])

    def test_two_runs_take_turns(self, tmp_path, monkeypatch):
        monkeypatch.setattr(apt_host, "LOCK", str(tmp_path / "lock"))
        holder = r"another run .* for more than 0 s: process %d \(" % os.getpid()
        with apt_host.only_one(0), pytest.raises(apt_host.AptError, match=holder), apt_host.only_one(0):
            pass
        with apt_host.only_one(0):
            pass


class TestRepair:
    HALF = (0, "chrony\tamd64\tiF \t1\n", "")
    WHOLE = (0, "chrony\tamd64\tii \t1\n", "")

    def test_nothing_to_do(self, policy):
        assert Scripted(self.WHOLE).repair() is False

    def test_dpkg_finishes_what_it_began(self, policy):
        host = Scripted(self.HALF, (0, "", ""), self.WHOLE)
        assert host.repair() is True
        assert ["dpkg", "--configure", "-a", "--force-confdef", "--force-confold"] in host.commands
        assert not policy.exists()

    def test_apt_mends_what_dpkg_cannot(self, policy):
        host = Scripted(self.HALF, (1, "", "dpkg: error processing"), (0, "", ""), self.WHOLE)
        assert host.repair() is True
        assert ["apt-get", "--fix-broken", "--allow-change-held-packages", "install"] in host.commands

    def test_what_was_half_unpacked_is_unpacked_again(self, policy):
        half = (0, "chrony\tamd64\tiHR\t1\ncurl\tamd64\tiF \t1\n", "")
        host = Scripted(half, (0, "", ""), half, half, (0, "", ""), self.WHOLE)
        assert host.repair() is True
        assert ["apt-get", "--fix-broken", "--allow-change-held-packages", "--reinstall", "install", "chrony"] in host.commands

    def test_lists_that_are_too_old_for_that_are_fetched(self, policy, monkeypatch):
        monkeypatch.setattr(apt_host.shutil, "which", lambda _name: None)
        half = (0, "chrony\tamd64\tiHR\t1\n", "")
        host = Scripted(half, (0, "", ""), half, half, (100, "", "E: 404 Not Found"), (0, "", ""), (0, "", ""), self.WHOLE)
        assert host.repair() is True
        asked = [command[-1] for command in host.commands if command[0] == "apt-get"]
        assert asked == ["chrony", "update", "chrony"]

    def test_what_cannot_be_finished_is_named(self, policy):
        half = (0, "chrony\tamd64\tiHR\t1\n", "")
        with pytest.raises(apt_host.AptError, match=r"cannot finish chrony: dpkg says nothing\. Add the repository"):
            Scripted(half, (0, "", ""), half, half, (0, "", ""), half).repair()

    def test_a_lock_that_stays_is_named(self, policy):
        with pytest.raises(apt_host.AptError, match="locked for more than 0 s"):
            Scripted(self.HALF, (2, "", "dpkg: error: dpkg frontend lock was locked by another process with pid 7")).repair()


def test_a_service_whose_package_went_is_stopped(policy, monkeypatch):
    monkeypatch.setattr(apt_host.shutil, "which", lambda _name: "/bin/systemctl")
    lost = "old.service not-found active running\n"
    host = Scripted((0, lost, ""), (0, "", ""), (0, lost + "new.service not-found active running\nssh.service loaded active running\n", ""))
    host.transaction(["purge", "new"])
    assert host.commands[1] == ["apt-get", "purge", "new"] and host.commands[-1] == ["systemctl", "stop", "new.service"]


class TestPurgeable:
    class Losing(Scripted):
        """Purging `lib` would take `app` along, which nobody gave back."""

        def removable(self, as_automatic):
            return ["tool"]

        def simulate(self, arguments):
            names = list(arguments)[1:]
            return apt_host.apt.Simulation({}, dict.fromkeys(names + (["app"] if "lib" in names else []), "1")), ""

    def test_never_takes_anything_else_along(self):
        release = apt_host.apt.Release(["lib", "kernel"], ["tool", "data"], [], [], [])
        host = self.Losing((0, "", ""))
        assert host.purgeable(release, dict.fromkeys(["lib", "kernel", "tool", "data", "app"], "1")) == ["tool", "kernel"]


def test_unknown_names():
    policy_text = "curl:\n  Candidate: 1\nvirtual:\n  Candidate: (none)\n"
    assert Scripted((0, policy_text, ""), (0, "", "")).unknown(["curl", "virtual", "nothing"]) == ["nothing"]
    assert Scripted((0, policy_text, ""), (100, "", "E: no candidate")).unknown(["virtual"]) == ["virtual"]
