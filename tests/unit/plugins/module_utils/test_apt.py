# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import apt
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from hypothesis import given
from hypothesis import strategies as st

SIMULATED = """\
Reading package lists...
The following NEW packages will be installed:
  chrony
Inst libc6 [2.36-9+deb12u4] (2.36-9+deb12u7 Debian:12.6/stable, Debian-Security:12/stable-security [amd64]) []
Inst chrony (4.6.1-3+deb13u2 Debian:13.8/stable [amd64])
Inst curl [1.0] (1.1 Debian:13.8/stable [amd64])
Inst libfoo:i386 (1.0 localhost [i386])
Inst local (1.0 [all])
Remv systemd-timesyncd [252.1-1]
Purg telnet [0.17]
Conf chrony (4.6.1-3+deb13u2 Debian:13.8/stable [amd64])
"""


def package(version="1", state="i", held=False):
    return apt.Package(version, state, held)


def here(*names):
    return {name: package() for name in names}


def records(**owners):
    return apt.load_records(json.dumps({"owners": owners}))


class TestInput:
    def test_takes_what_is_right(self):
        apt.check_input({"nginx": None, "libc6:i386": "2.*", "g++": "1:2.3~rc1-1"}, ["telnet"], ["nginx"])

    @pytest.mark.parametrize(
        ("present", "absent", "held", "text"),
        [
            ({"Nginx": None}, [], [], "present is 'Nginx'"),
            ({"nginx": 1.2}, [], [], "Quote the version"),
            ({"nginx\n": None}, [], [], "a Debian package name"),
            ({"nginx": "1\n"}, [], [], "a version as text"),
            ({"nginx": "1.2; reboot"}, [], [], "a version as text"),
            ({}, ["-o"], [], "absent is '-o'"),
            ({"nginx": None}, ["nginx"], [], "Take it out of one of the two"),
            ({}, ["nginx"], ["nginx"], "not in `absent`"),
        ],
    )
    def test_refuses_what_is_wrong(self, present, absent, held, text):
        with pytest.raises(BadInput, match=text.replace("(", r"\(")):
            apt.check_input(present, absent, held)

    @given(st.text(max_size=20))
    def test_a_name_that_passes_is_no_option_of_apt(self, name):
        try:
            apt.check_names("present", [name])
        except BadInput:
            return
        assert not name.startswith("-") and not any(character.isspace() for character in name)


class TestParsers:
    def test_dpkg(self):
        text = (
            "bash\tamd64\tii \t5.2\nlibc6\ti386\tii \t2.36\nold\tall\trc \t1\nheld\tamd64\thi \t3\n"
            "half\tamd64\tiF \t1\nnever\tamd64\tun \t\nbroken\tamd64\tiHR\t1\n\n"
        )
        found = apt.parse_dpkg(text, "amd64")
        assert found == {
            "bash": package("5.2"), "libc6:i386": package("2.36"), "old": package("1", "c"), "held": package("3", "i", True),
            "half": package("1", "F"), "broken": package("1", "R"),
        }  # fmt: skip
        assert apt.unfinished(found) == ["broken", "half"]
        assert "old" not in apt.installed(found)

    def test_simulation(self):
        found = apt.parse_simulation(SIMULATED)
        assert found.install["chrony"] == apt.Upgrade(None, "4.6.1-3+deb13u2", "Debian:13.8/stable [amd64]")
        assert found.install["libc6"].before == "2.36-9+deb12u4"
        assert found.install["local"].after == "1.0"
        assert sorted(found.install) == ["chrony", "curl", "libc6", "libfoo:i386", "local"]
        assert found.remove == {"systemd-timesyncd": "252.1-1", "telnet": "0.17"}

    def test_upgrades(self):
        found = apt.parse_simulation(SIMULATED)
        assert apt.upgrades(found, "none") == []
        assert apt.upgrades(found, "security") == ["libc6"]
        assert apt.upgrades(found, "all") == ["curl", "libc6"]

    @pytest.mark.parametrize(
        ("origin", "expected"),
        [
            ("Ubuntu:22.04/jammy-updates, Ubuntu:22.04/jammy-security [amd64]", True),
            ("stable-security [all]", True),
            ("My-security:1/stable [all]", False),
            ("Debian:13.8/stable-updates [amd64]", False),
            ("", False),
        ],
    )
    def test_what_comes_from_a_security_suite(self, origin, expected):
        assert bool(apt.SECURITY.search(origin)) is expected

    def test_automatic(self):
        text = (
            "Package: libssl3\nArchitecture: amd64\nAuto-Installed: 1\n\n"
            "Package: chrony\nArchitecture: amd64\nAuto-Installed: 0\n\n"
            "Package: libc6\nArchitecture: i386\nAuto-Installed: 1\n\n"
        )
        assert apt.parse_automatic(text, "amd64") == ["libssl3", "libc6:i386"]
        assert apt.parse_automatic("", "amd64") == []

    def test_policy(self):
        text = (
            "chrony:\n  Installed: (none)\n  Candidate: 4.6\n  Version table:\n     4.6 500\n"
            "        500 http://x trixie/main amd64 Packages\nmail-transport-agent:\n  Installed: (none)\n  Candidate: (none)\n"
        )
        assert apt.parse_policy(text) == {"chrony": "4.6", "mail-transport-agent": None}

    @given(st.text())
    def test_nothing_that_a_program_says_is_a_crash(self, text):
        apt.parse_simulation(text)
        apt.parse_policy(text)
        apt.parse_automatic(text, "amd64")
        apt.parse_dpkg(text, "amd64")
        assert isinstance(apt.error_lines(text), str)

    def test_error_lines(self):
        assert apt.error_lines("W: old\nE: one\nE: one\nE: two\n") == "E: one; E: two"
        assert apt.error_lines("something\nelse\n") == "something; else"

    @pytest.mark.parametrize(
        "text",
        [
            "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1 (apt-get)",
            "E: Unable to lock directory /var/lib/apt/lists/",
            "dpkg: error: dpkg frontend lock was locked by another process with pid 1",
        ],
    )
    def test_locks(self, text):
        assert apt.lock_is_taken(text)
        assert not apt.lock_is_taken("E: Unable to locate package x")

    def test_native(self):
        assert [apt.native(name, "amd64") for name in ("a", "a:amd64", "a:all", "a:i386")] == ["a", "a", "a", "a:i386"]

    def test_satisfied(self):
        present = {"nginx": "1.22.1-9"}
        assert apt.satisfied("nginx", None, present) and apt.satisfied("nginx", "1.22.*", present)
        assert not apt.satisfied("nginx", "1.23.*", present) and not apt.satisfied("curl", None, present)


class TestLists:
    @pytest.mark.parametrize(
        ("lists_at", "stamp", "sources", "sources_at", "reason"),
        [
            (None, {}, "a", 0, "missing"),
            (900, {}, "a", 0, None),
            (900, {}, "a", 950, "sources"),
            (900, {"sources": "b", "at": 990}, "a", 0, "sources"),
            (900, {"sources": "a", "at": 990}, "a", 950, None),
            (100, {"sources": "a", "at": 990}, "a", 0, None),
            (100, {"sources": "a", "at": 200}, "a", 0, "age"),
            (100, {}, "a", 0, "age"),
        ],
    )
    def test_when_they_are_fetched(self, lists_at, stamp, sources, sources_at, reason):
        assert apt.lists_are_stale(1000, 500, lists_at, stamp, sources, sources_at) == reason


class TestRecords:
    def test_round_trip(self):
        kept = records(web={"wants": ["nginx"], "explicit": ["nginx"]})
        assert apt.load_records(apt.dump_records(kept)) == kept
        assert apt.dump_records(records()) == ""

    @pytest.mark.parametrize("text", ["[]", '{"owners": []}', "{"])
    def test_damage_is_refused(self, text):
        with pytest.raises(ValueError):
            apt.load_records(text)

    def test_forgets_what_somebody_else_removed(self):
        kept = records(web={"wants": ["nginx"], "explicit": ["nginx"], "dependencies": ["zlib"]})
        apt.forget_gone(kept, here("zlib"))
        assert kept["owners"]["web"]["explicit"] == [] and kept["owners"]["web"]["dependencies"] == ["zlib"]

    def test_release_gives_back_what_nobody_else_wants(self):
        kept = records(
            web={
                "wants": ["nginx", "curl"], "explicit": ["nginx", "curl"], "dependencies": ["zlib", "ssl"],
                "held": ["nginx"], "displaced": ["apache2"],
            },
            other={"wants": ["curl", "ssl"]},
        )  # fmt: skip
        plan = apt.plan_release(kept, "web", here("nginx", "curl", "zlib", "ssl"))
        assert plan == apt.Release(["nginx"], ["zlib"], [], ["nginx"], ["apache2"])

    def test_release_of_a_stranger(self):
        assert apt.plan_release(records(), "web", {}) == apt.Release([], [], [], [], [])

    def test_what_stays_has_a_new_owner(self):
        kept = records(
            a={"wants": ["curl"], "explicit": ["curl", "tree"], "dependencies": ["ssl", "zlib"], "held": ["curl"]},
            b={"wants": ["vim"]},
            c={"wants": ["curl", "ssl"], "marked": ["ssl"]},
        )
        apt.hand_over(kept, "a", ["tree"])
        assert sorted(kept["owners"]) == ["b", "c"]
        assert kept["owners"]["c"]["explicit"] == ["curl", "ssl"] and kept["owners"]["c"]["marked"] == []
        assert kept["owners"]["b"]["dependencies"] == ["zlib"]

    @given(st.permutations(["a", "b", "c"]), st.lists(st.sets(st.sampled_from("uvwxyz")), min_size=3, max_size=3))
    def test_in_whatever_order_owners_go_nothing_is_forgotten(self, order, wishes):
        kept = records()
        on_host: set[str] = set()
        for owner, wish in zip("abc", wishes, strict=True):
            entry = apt.owner_entry(kept, owner)
            apt.add(entry, "wants", wish)
            apt.add(entry, "explicit", wish - on_host)
            on_host |= wish
        for owner in order:
            purged = apt.plan_release(kept, owner, here(*on_host)).explicit
            apt.hand_over(kept, owner, purged)
            on_host -= set(purged)
            for left in kept["owners"].values():
                assert set(left["wants"]) <= on_host
        assert not on_host and apt.dump_records(kept) == ""

    def test_protected(self):
        simulation = apt.Simulation({}, {"curl": "1", "nginx": "1", "vim": "1"})
        kept = records(b={"wants": ["curl"]}, a={"wants": ["nginx"]})
        assert apt.protected(simulation, kept, "a", [], []) == [("curl", "b"), ("nginx", "a")]
        assert apt.protected(simulation, kept, "a", ["nginx"], []) == [("curl", "b")]


def test_a_hold_is_kept_unless_the_package_is_named():
    on_host = {"a": package(held=True), "b": package(held=True), "c": package()}
    simulation = apt.Simulation({"a": apt.Upgrade("1", "2", "")}, {"b": "1", "c": "1"})
    assert apt.held_changes(simulation, on_host, []) == ["a", "b"]
    assert apt.held_changes(simulation, on_host, ["a", "b"]) == []


def test_changes():
    assert apt.changes({"a": "1", "b": "1", "c": "1"}, {"a": "1", "b": "2", "d": "1"}) == {
        "installed": {"d": "1"}, "removed": {"c": "1"}, "upgraded": {"b": "2"},
    }  # fmt: skip
    assert apt.as_text(["b", "a", "x"], {"a": "1", "b": "2"}) == "a 1\nb 2\n"
