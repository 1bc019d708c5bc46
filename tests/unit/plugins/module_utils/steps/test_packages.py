# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module against a model of a host: packages with dependencies and conflicts, no apt."""

from __future__ import annotations

import contextlib
import types

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import apt, apt_host
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import packages

OFFERED = {"web": ["ssl"], "ssl": [], "shop": ["ssl"], "ntp": [], "timesyncd": [], "tree": []}
CONFLICTS = {"ntp": "timesyncd", "timesyncd": "ntp"}


class Host(apt_host.Apt):
    """A host in memory. `here` maps a name to whether it is marked automatic."""

    def __init__(self):
        self.here = {"timesyncd": False}
        self.decided = {}
        self.on_hold = set()
        self.offered = dict(OFFERED)
        self.architecture = "amd64"
        self.fetched = 0
        self.reason = None
        self.fails = False

    def packages(self):
        return {name: apt.Package("1", "i", name in self.on_hold) for name in self.here}

    def automatic(self):
        return [name for name, automatic in self.here.items() if automatic]

    def stale(self, maximum, stamp):
        return self.reason

    def refresh(self):
        self.fetched += 1
        if self.fails:
            raise apt_host.AptError("no network")
        return {"at": 1, "sources": "x"}

    def unknown(self, names):
        return [name for name in names if name not in self.offered]

    def all_names(self):
        return list(self.offered)

    def simulate(self, arguments):
        state = self.outcome(dict(self.here), arguments)
        new = {name: apt.Upgrade(None, "1", "") for name in state if name not in self.here}
        return apt.Simulation(new, {name: "1" for name in self.here if name not in state}), ""

    def outcome(self, state, arguments):
        verb = next(word for word in ("install", "purge", "upgrade") if word in arguments)
        for word in arguments[list(arguments).index(verb) + 1 :]:
            name = word.rstrip("+-").partition("=")[0]
            if word.endswith("-") or (verb == "purge" and not word.endswith("+")):
                state.pop(name, None)
                for other in [other for other in state if name in self.offered[other]]:
                    state.pop(other)
            else:
                state.pop(CONFLICTS.get(name, ""), None)
                state[name] = False
                for dependency in self.offered[name]:
                    state.setdefault(dependency, True)
        return state

    def transaction(self, arguments):
        self.here = self.outcome(self.here, arguments)

    def removable(self, as_automatic):
        loose = [name for name, automatic in self.here.items() if automatic or name in as_automatic]
        kept = [name for name in self.here if name not in loose]
        needed = {dependency for name in kept for dependency in self.offered[name]}
        return [name for name in loose if name not in needed]

    def mark(self, how, names):
        for name in names:
            if how in ("auto", "manual"):
                self.here[name] = how == "auto"
            else:
                (self.on_hold.add if how == "hold" else self.on_hold.discard)(name)


@pytest.fixture
def host(tmp_path, monkeypatch):
    host = Host()
    monkeypatch.setattr(apt_host, "RECORDS", str(tmp_path / "groundwork" / "packages.json"))
    monkeypatch.setattr(apt_host, "Apt", lambda *_arguments: host)
    return host


def run(check=False, warnings=None, **options):
    given = {
        "owner": "me", "present": {}, "absent": [], "held": [], "upgrade": "none", "refresh": 10, "state": "present",
        "install_recommends": False, "lock_timeout": 0, "config_files": "keep", "others": [], "others_present": None, **options,
    }  # fmt: skip
    module = types.SimpleNamespace(
        params=given, check_mode=check, about_to_change=lambda: None, warn=([] if warnings is None else warnings).append
    )
    job = packages.Run(module)
    result = job.give_back() if given["state"] == "absent" else job.converge()
    job.save()
    return result


def test_what_is_installed_is_given_back_and_what_it_displaced_returns(host, tmp_path):
    before = dict(host.here)
    first = run(present={"web": None, "ntp": None})
    assert first["changed"] and first["installed"] == {"ntp": "1", "ssl": "1", "web": "1"} and first["removed"] == {"timesyncd": "1"}
    assert not run(present={"web": None, "ntp": None})["changed"]
    assert run(state="absent")["removed"] == {"ntp": "1", "ssl": "1", "web": "1"}
    assert host.here == before and list(tmp_path.iterdir()) == []
    assert not run(state="absent")["changed"]


def test_check_mode_tells_the_same_and_does_nothing(host, tmp_path):
    would = run(check=True, present={"web": None})
    assert host.here == {"timesyncd": False} and list(tmp_path.iterdir()) == []
    did = run(present={"web": None})
    assert would == did
    assert run(check=True, state="absent") == run(state="absent")


def test_what_was_there_before_stays(host):
    host.here["tree"] = False
    run(present={"tree": None})
    run(state="absent")
    assert "tree" in host.here


JOINED = {"clock": {"ntp": None}, "shop": {"shop": None, "tree": None}}


def test_one_transaction_for_several_owners_and_each_gives_back_its_own(host, tmp_path):
    before, transactions = dict(host.here), []
    host.transaction = lambda arguments: (transactions.append(arguments), Host.transaction(host, arguments))
    run(owner="base", present={"web": None}, others=["clock", "shop"], others_present=JOINED)
    assert len(transactions) == 1 and set(host.here) == {"web", "ssl", "ntp", "shop", "tree"}
    for owner, present in JOINED.items():
        assert not run(owner=owner, present=present)["changed"], "what it wants is there already"
    assert set(run(owner="clock", state="absent")["removed"]) == {"ntp"} and "timesyncd" in host.here, "what it displaced returns"
    assert set(run(owner="base", state="absent")["removed"]) == {"web"}, "the other one needs ssl"
    assert set(run(owner="shop", state="absent")["removed"]) == {"shop", "tree", "ssl"}
    assert host.here == before and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("order", [["base", "clock", "shop"], ["shop", "base", "clock"]])
def test_the_same_is_left_whoever_goes_first(host, order):
    run(owner="base", present={"web": None}, others=["clock", "shop"], others_present=JOINED)
    for owner in order:
        run(owner=owner, state="absent")
    assert host.here == {"timesyncd": False}


def asks(options):
    given = {"owner": "base", "present": {}, "others": [], "others_present": None, **options}
    module = types.SimpleNamespace(params={**dict.fromkeys(packages.ARGUMENTS), "absent": [], "held": [], **given}, check_mode=False)
    return packages.Run(module).asks()


def test_the_host_asks_only_where_something_is_to_be_installed(host):
    assert asks({"others": ["clock"]}) == ["clock"], "it is new here"
    run(owner="base", others=["clock"], others_present={"clock": {}})
    assert asks({"others": ["clock"]}) == []
    assert asks({"others": ["clock", "shop"]}) == ["clock", "shop"]
    assert asks({"others": ["clock"], "present": {"web": None}}) == ["clock"], "then it goes along"
    assert asks({"others": ["clock"], "present": {"web": None}, "others_present": {}}) == []
    run(owner="clock", state="absent")
    assert asks({"others": ["clock"]}) == ["clock"]


def test_an_unknown_package_of_another_owner_is_refused_with_its_owner(host):
    with pytest.raises(apt_host.AptError, match=r"present names 'tre' \(for shop\).*Did you mean 'tree'"):
        run(owner="base", present={"web": None}, others_present={"shop": {"tre": None}})
    assert host.here == {"timesyncd": False}


def test_what_another_owner_wants_is_not_removed(host):
    with pytest.raises(BadInput, match="a package that owner 'shop' does not want"):
        run(owner="base", absent=["tree"], others_present={"shop": {"tree": None}})


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_a_shared_dependency_goes_with_the_last_owner(host, order):
    run(owner="a", present={"web": None})
    run(owner="b", present={"shop": None, "ssl": None})
    first, last = order
    run(owner=first, state="absent")
    assert "ssl" in host.here
    run(owner=last, state="absent")
    assert host.here == {"timesyncd": False}


def test_what_a_user_built_on_it_is_not_taken_along(host):
    warnings = []
    run(present={"ssl": None})
    host.transaction(["install", "shop"])
    result = run(warnings=warnings, state="absent")
    assert sorted(host.here) == ["shop", "ssl", "timesyncd"] and result["marked"] == ["auto ssl"] and "ssl" in warnings[0]


def test_marks_are_undone(host):
    host.here.update(web=False, ssl=True)
    assert run(present={"ssl": None}, held=["ssl"])["marked"] == ["manual ssl", "hold ssl"]
    assert run(state="absent")["marked"] == ["unhold ssl", "auto ssl"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"present": {"treee": None}}, "Did you mean 'tree'"),
        ({"present": {"zzz": None}}, "add its repository"),
        ({"absent": ["web"]}, "owner 'other' wants it"),
        ({"held": ["tree"]}, "held names 'tree', which is not installed"),
        ({"present": {"shop": None}, "absent": ["timesyncd", "ssl"]}, "owner 'other' wants it"),
    ],
)
def test_what_cannot_be_is_refused_by_name(host, options, message):
    run(owner="other", present={"web": None})
    with pytest.raises(apt_host.AptError, match=message):
        run(**options)


def test_a_version_that_is_no_text_is_refused(host):
    with pytest.raises(BadInput, match="Quote the version"):
        run(present={"tree": 1.1})


def test_check_mode_counts_an_unknown_package_as_new(host):
    warnings = []
    result = run(check=True, warnings=warnings, present={"coming": None})
    assert result["installed"] == {"coming": "(unknown)"} and "coming" in warnings[0]


def test_lists_are_fetched_when_they_must_be(host):
    run(present={"tree": None})
    assert host.fetched == 0
    with pytest.raises(apt_host.AptError):
        run(present={"coming": None})
    assert host.fetched == 1


def test_old_lists_do_without_a_network_and_missing_ones_do_not(host):
    warnings = []
    host.fails, host.reason = True, "age"
    assert run(warnings=warnings, present={"tree": None})["changed"] and "could not be fetched" in warnings[0]
    host.reason = "missing"
    with pytest.raises(apt_host.AptError, match="no network"):
        run(present={"web": None})


def test_any_version(host):
    run(present={"tree": "*"})
    assert not run(present={"tree": "*"})["changed"]


def test_where_nothing_changes_dpkg_is_asked_once_and_apt_never(host, monkeypatch):
    run(present={"web": None})
    asked = []
    monkeypatch.setattr(packages.apt_host, "restore_policy", lambda: None)
    monkeypatch.setattr(apt_host.shutil, "which", lambda name: "/usr/bin/" + name)
    monkeypatch.setattr(packages.apt_host, "only_one", lambda timeout: contextlib.nullcontext())
    monkeypatch.setattr(Host, "journal_is_open", staticmethod(lambda: False))
    whole = Host.packages
    monkeypatch.setattr(Host, "packages", lambda self: (asked.append("dpkg-query"), whole(self))[1])
    monkeypatch.setattr(Host, "run", lambda self, command, **more: asked.append(command[0]))
    answers = []
    module = types.SimpleNamespace(
        params={
            "owner": "me", "present": {"web": None}, "absent": [], "held": [], "upgrade": "none", "refresh": 10, "state": "present",
            "install_recommends": False, "lock_timeout": 0, "config_files": "keep", "others": [], "others_present": None,
        },
        check_mode=False, about_to_change=lambda: asked.append("change"), warn=asked.append,
        exit_json=lambda **answer: answers.append(answer), fail_json=lambda **answer: answers.append(answer),
    )  # fmt: skip
    packages.run(module)
    assert asked == ["dpkg-query"] and answers[0]["changed"] is False


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"present": {"nftables": None}}, {"changed": False, "installed": {}}),
        ({"present": {"aide": None}}, {"failed": True, "msg": "run `dnf install aide`"}),
        ({"state": "absent"}, {"changed": False, "removed": {}}),
    ],
)
def test_a_host_of_rpm_is_only_compared(run_step, tmp_path, monkeypatch, given, answer):
    rpm = tmp_path / "rpm"
    rpm.write_text("#!/bin/sh\nprintf 'nftables\\t1.0.9-3.el9\\n'\n")
    rpm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(packages.shutil, "which", lambda name: None if name == "apt-get" else str(tmp_path / name))
    found = run_step(packages, owner="firewall", **given)
    assert answer.pop("msg", "") in found.get("msg", "")
    assert {key: found[key] for key in answer} == answer


def test_a_host_without_both_is_refused(run_step, monkeypatch):
    monkeypatch.setattr(packages.shutil, "which", lambda _name: None)
    assert "neither apt-get nor rpm" in run_step(packages, owner="firewall")["msg"]


def test_apt_is_asked_for_upgrades_again_only_after_a_change(host, monkeypatch):
    state, asked = ["one"], []
    monkeypatch.setattr(packages.package_lists, "state", lambda: state[0])
    whole = host.simulate
    host.simulate = lambda arguments: (asked.append(arguments), whole(arguments))[1]
    host.outcome = lambda here, _arguments: here
    for _number in range(2):
        run(upgrade="security")
        assert len(asked) == 1, "the second time it is known that there is nothing"
    run(upgrade="all")
    state[0] = "two"
    run(upgrade="all")
    assert len(asked) == 3
    run(upgrade="none")
    assert len(asked) == 3
