# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import guard_record
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.guard_record import BeingTakenBack, Places, Record, TakenBack
from hypothesis import given
from hypothesis import strategies as st

RECORD = Record(guard_record.digest("token"), "ana", "boot", "marker", 1000.0, 60, 500.0, ["000001-a"])
LAST = {"run": "ana", "reported": False, "at": 1000.0, "reason": "it was late", "paths": ["/etc/a"], "errors": []}


@pytest.fixture
def places(tmp_path):
    found = Places(*(str(tmp_path / name) for name in ("guard", "run", "units", "changes")))
    for directory in (found.directory, found.runtime):
        (tmp_path / directory).mkdir()
    return found


def armed(places, left=60.0, **differences):
    record = replace(RECORD, boot=guard_record.this_boot(), deadline=time.monotonic() + left, **differences)
    with open(places.marker, "w") as stream:
        stream.write("marker")
    guard_record.write(record, places)
    return record


@pytest.mark.parametrize(
    ("now", "boot", "marker", "reason"),
    [
        (499.9, "boot", "marker", ""),
        (500.0, "boot", "marker", "it was not confirmed within 60 s"),
        (1.0, "other", "marker", "the host was restarted before it was confirmed"),
        (1.0, "boot", "", "the host was restarted before it was confirmed"),
        (900.0, "boot", "another", "the host was restarted before it was confirmed"),
    ],
)
def test_when_a_guard_takes_back(now, boot, marker, reason):
    assert guard_record.due(RECORD, now, boot, marker) == reason


@given(st.floats(0, 10**6), st.sampled_from(["boot", "other"]), st.sampled_from(["marker", ""]))
def test_what_has_begun_to_take_back_never_stops(now, boot, marker):
    assert guard_record.due(replace(RECORD, reason="asked"), now, boot, marker) == "asked"


@given(st.text(), st.text())
def test_only_run_and_token_together_match(run, token):
    assert guard_record.matches(RECORD, run, token) == (run == "ana" and token == "token")


def test_a_record_comes_back_as_it_was_written(places):
    assert guard_record.read(places) is None
    record = armed(places)
    assert guard_record.read(places) == record
    guard_record.erase(places)
    guard_record.erase(places)
    assert guard_record.read(places) is None


def test_where_nothing_is_armed_everybody_may_change(places):
    guard_record.refuse_foreign("ben", places)


def test_only_the_run_that_armed_may_change(places):
    armed(places)
    guard_record.refuse_foreign("ana", places)
    for other in ("ben", ""):
        with pytest.raises(
            BadInput, match=r"Nothing was changed: ana armed a guard at \S+ and has (60|59) s left to confirm it\. .*disarm"
        ):
            guard_record.refuse_foreign(other, places)


def test_who_is_taken_back_changes_nothing_more(places):
    armed(places, left=-1)
    with pytest.raises(BeingTakenBack, match="is being taken back, because it was not confirmed within 60 s"):
        guard_record.refuse_foreign("ana", places)
    with pytest.raises(BadInput, match=r"is being taken back\. Wait a moment"):
        guard_record.refuse_foreign("ben", places)
    guard_record.erase(places)
    guard_record.write_last(LAST, places)
    with pytest.raises(
        TakenBack, match=r"Nothing more was changed. The change was taken back at .*, because it was late. Restored: /etc/a\."
    ):
        guard_record.refuse_foreign("ana", places)
    guard_record.refuse_foreign("ben", places)
    guard_record.write_last({**LAST, "reported": True}, places)
    guard_record.refuse_foreign("ana", places)


def test_what_could_not_be_restored_is_told():
    said = guard_record.told({**LAST, "paths": [], "errors": ["/etc/b is gone"]})
    assert "nothing had been changed" in said and said.endswith("Not restored: /etc/b is gone.")


def test_a_damaged_record_names_itself(places):
    with open(places.armed, "w") as stream:
        stream.write("{")
    with pytest.raises(BadInput, match=r"armed\.json is damaged"):
        guard_record.refuse_foreign("ana", places)


def test_two_at_once_wait_for_each_other(places):
    with guard_record.locked(places), pytest.raises(BadInput, match="Another process holds"), guard_record.locked(places, 0.1):
        pass
    armed(places, reason="it was late")
    with guard_record.locked(places), pytest.raises(BeingTakenBack, match="because it was late"), guard_record.locked(places):
        pass
