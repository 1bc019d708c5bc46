# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_rotation_state as states
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_rotation_state import Place, State, Steps, write_once
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime(2027, 1, 1, tzinfo=UTC)
DB = "secret://file/db"


class Broken(Exception):
    """The run ends here."""


class Store:
    """A backend with its history. breaks: where the next writes are broken off."""

    def __init__(self, breaks: list[str] | None = None) -> None:
        self.versions = [b"old"]
        self.breaks = breaks or []
        self.made = 0
        self.steps = Steps(lambda _name: self.versions[-1], self._make, self._replace)

    def _make(self, _name: str) -> bytes:
        self.made += 1
        return b"new %d" % self.made

    def _replace(self, _name: str, value: bytes) -> None:
        step = self.breaks.pop(0) if self.breaks else ""
        if step == "before":
            raise Broken
        self.versions.append(value)
        if step == "after":
            raise Broken


def attempt(place: Place, store: Store) -> bool | None:
    """Return what `write_once` returns in one run, None where that is broken off."""
    try:
        with place.alone() as state:
            return write_once(DB, state, place.keep, store.steps, NOW)
    except Broken:
        return None


@given(breaks=st.lists(st.sampled_from(["before", "after"]), max_size=4), runs=st.integers(6, 7))
@settings(max_examples=40, deadline=None)
def test_however_often_it_is_broken_off_there_is_one_new_version(
    tmp_path_factory: pytest.TempPathFactory, breaks: list[str], runs: int
) -> None:
    place, store = Place(tmp_path_factory.mktemp("x") / "rotation"), Store(list(breaks))
    results = [attempt(place, store) for _number in range(runs)]
    assert len(store.versions) == 2
    assert results[-1] is False  # the last one goes on
    assert place.read().rotations[DB].step == states.DEPLOYING


def test_two_runs_at_once_write_one_version(tmp_path: Path) -> None:
    store, results = Store(), []
    threads = [threading.Thread(target=lambda: results.append(attempt(Place(tmp_path), store))) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(bool, results)) == [False] * 5 + [True]
    assert store.versions == [b"old", b"new 1"]


def test_the_file_is_closed_and_has_no_value(tmp_path: Path) -> None:
    place, store = Place(tmp_path / "rotation"), Store(["after"])
    assert attempt(place, store) is None
    text = place.path.read_text()
    assert "new 1" not in text and "old" not in text
    assert json.loads(text)["rotations"][DB]["digest"]
    assert (place.path.stat().st_mode & 0o777, place.directory.stat().st_mode & 0o777) == (0o600, 0o700)
    attempt(place, store)
    assert place.read().rotations[DB].digest == ""  # needed only while it is written


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"format": 2, "rotations": {}, "finished": {}}', '{"format": 1, "rotations": {"a": {"x": 1}}}']
)
def test_a_damaged_state_is_never_taken_for_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "state.json").write_text(content)
    with pytest.raises(BadInput, match="expected the state of the rotations"), Place(tmp_path).alone():
        pass
    assert (tmp_path / "state.json").read_text() == content


def begun() -> State:
    return State({DB: states.Rotation(states.DEPLOYING, NOW.isoformat())})


@given(done=st.lists(st.sampled_from(["a", "b", "c", "d"])), hosts=st.sets(st.sampled_from(["a", "b", "c"]), min_size=1))
def test_it_ends_when_the_last_host_has_it(done: list[str], hosts: set[str]) -> None:
    state = begun()
    for host in done:
        states.deployed(state, [DB, "secret://file/other"], host)
    ended = states.finish(state, [DB], {DB: hosts}, NOW)
    assert bool(ended) == (hosts <= set(done))
    assert (DB in state.finished) == bool(ended) == (DB not in state.rotations)


def test_a_host_without_a_written_version_counts_for_nothing() -> None:
    state = State({DB: states.Rotation(states.WRITING, NOW.isoformat())})
    states.deployed(state, [DB], "a")
    assert state.rotations[DB].done == []
    assert states.proven(state, {DB: []}) == []
    assert states.finish(begun(), [], {DB: []}, NOW) == []


def test_a_resumed_run_compares_with_the_health_of_before() -> None:
    state = begun()
    assert states.before(state, [DB], "a", {"page": {"status": "ok", "message": "x"}}) == {"page": {"status": "ok"}}
    assert states.before(state, [DB], "a", {"page": {"status": "failed"}}) == {"page": {"status": "ok"}}
    state.rotations["other"] = states.Rotation(states.DEPLOYING, NOW.isoformat())
    assert states.before(state, ["other", DB], "a", {"page": {"status": "failed"}}) == {"page": {"status": "ok"}}
    assert states.before(state, [DB], "b", {"page": {"status": "failed"}}) == {"page": {"status": "failed"}}


def test_the_state_survives_its_file(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with place.alone() as state:
        state.rotations.update(begun().rotations)
        states.before(state, [DB], "a", {"page": {"status": "ok"}})
        states.deployed(state, [DB], "a")
        state.finished["secret://file/x"] = NOW.isoformat()
        kept = State(dict(state.rotations), dict(state.finished))
    assert place.read() == kept
