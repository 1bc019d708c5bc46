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
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_versions
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_rotation_state import Place, State, Steps, write_once
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_versions import NEXT, PREVIOUS
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime(2027, 1, 1, tzinfo=UTC)
DB = "secret://file/db"


class Broken(Exception):
    """The run ends here."""


class Store:
    """A backend with the versions of one secret. breaks: where the next writes are broken off."""

    def __init__(self, breaks: list[str] | None = None) -> None:
        self.versions = {"": b"old"}
        self.breaks = breaks or []
        self.made = 0
        self.steps = Steps(lambda _name, kind: self.valid(kind), self._make, self._replace)

    def valid(self, kind: str) -> bytes | None:
        value = self.versions.get(kind)
        return None if value == secret_versions.RETIRED else value

    @property
    def accepted(self) -> set[bytes]:
        return {value for kind in ("", NEXT, PREVIOUS) if (value := self.valid(kind)) is not None}

    def _make(self, _name: str) -> bytes:
        self.made += 1
        return b"new %d" % self.made

    def _replace(self, _name: str, kind: str, value: bytes) -> None:
        step = self.breaks.pop(0) if self.breaks else ""
        if step == "before":
            raise Broken
        self.versions[kind] = value
        if step == "after":
            raise Broken


class Fleet:
    """Two hosts that let in and two that use the secret, in a run that may be killed anywhere."""

    ACCEPTORS, USERS = ("db-1", "db-2"), ("web-1", "web-2")

    def __init__(self, place: Place, store: Store, kills: list[int]) -> None:
        self.place, self.store, self.kills = place, store, kills
        self.lets_in = {host: {b"old"} for host in self.ACCEPTORS}
        self.uses = dict.fromkeys(self.USERS, b"old")

    def perhaps_killed(self) -> None:
        """Check what has to be so at any moment, and end the run where it is to end."""
        assert self.store.versions[""] in self.store.accepted
        for host, value in self.uses.items():
            assert all(value in accepted for accepted in self.lets_in.values()), host
        if self.kills and self.kills.pop(0) == 0:
            raise Broken

    def wave(self, step: str, hosts: tuple[str, ...]) -> None:
        for host in hosts:
            rotation = self.place.read().rotations.get(DB)
            if rotation is None or rotation.step != step or host in rotation.done:
                continue
            self.perhaps_killed()
            if host in self.uses:
                self.uses[host] = self.store.versions[""]
            else:
                self.lets_in[host] = self.store.accepted
            self.perhaps_killed()
            with self.place.alone() as state:
                states.deployed(state, [DB], host, step)

    def run(self) -> bool:
        """Return whether the rotation came to its end."""
        place, steps = self.place, self.store.steps
        try:
            with place.alone() as state:
                write_once(DB, state, place.keep, steps, NOW)
            self.wave(states.ACCEPTING, self.ACCEPTORS)
            with place.alone() as state:
                states.promote(DB, state, place.keep, steps, self.ACCEPTORS)
            self.perhaps_killed()
            self.wave(states.DEPLOYING, self.USERS)
            with place.alone() as state:
                states.retire(DB, state, place.keep, steps, self.USERS)
            self.wave(states.LOCKING, self.ACCEPTORS)
            with place.alone() as state:
                return states.finish(state, [DB], {DB: self.ACCEPTORS}, NOW) == [DB]
        except Broken:
            return False


def attempt(place: Place, store: Store) -> bool | None:
    """Return what `write_once` returns in one run, None where that is broken off."""
    try:
        with place.alone() as state:
            return write_once(DB, state, place.keep, store.steps, NOW)
    except Broken:
        return None


@given(breaks=st.lists(st.sampled_from(["before", "after"]), max_size=4), runs=st.integers(6, 7))
@settings(max_examples=20, deadline=None)
def test_however_often_it_is_broken_off_there_is_one_new_version(
    tmp_path_factory: pytest.TempPathFactory, breaks: list[str], runs: int
) -> None:
    place, store = Place(tmp_path_factory.mktemp("x") / "rotation"), Store(list(breaks))
    results = [attempt(place, store) for _number in range(runs)]
    assert store.versions == {"": b"old", NEXT: store.versions[NEXT]}
    assert results[-1] is False  # the last one goes on
    assert place.read().rotations[DB].step == states.ACCEPTING


@given(
    breaks=st.lists(st.sampled_from(["", "before", "after"]), max_size=8),
    kills=st.lists(st.integers(0, 3), max_size=30),
)
@settings(max_examples=25, deadline=None)
def test_killed_anywhere_nobody_is_ever_refused(tmp_path_factory: pytest.TempPathFactory, breaks: list[str], kills: list[int]) -> None:
    store = Store(list(breaks))
    fleet = Fleet(Place(tmp_path_factory.mktemp("x") / "rotation"), store, list(kills))
    runs = 1
    while not fleet.run():
        runs += 1
        assert runs <= 2 + len(breaks) + len(kills)
    new = store.versions[""]
    assert new != b"old" and store.accepted == {new}
    assert set(fleet.uses.values()) == {new} and list(fleet.lets_in.values()) == [{new}, {new}]
    assert fleet.place.read().rotations == {}


def test_a_host_that_never_accepts_keeps_the_current_version(tmp_path: Path) -> None:
    store, place = Store(), Place(tmp_path)
    attempt(place, store)
    with place.alone() as state:
        states.deployed(state, [DB], "db-1", states.ACCEPTING)
        assert not states.promote(DB, state, place.keep, store.steps, ["db-1", "db-2"])
        assert not states.retire(DB, state, place.keep, store.steps, [])
    assert store.versions[""] == b"old" and store.accepted == {b"old", b"new 1"}


@given(steps=st.integers(0, 3), breaks=st.lists(st.sampled_from(["", "before", "after"]), max_size=4))
@settings(max_examples=20, deadline=None)
def test_the_way_back(tmp_path_factory: pytest.TempPathFactory, steps: int, breaks: list[str]) -> None:
    """After some hosts have the new version everybody gets the old one again, and nobody is refused on the way."""
    store = Store()
    fleet = Fleet(Place(tmp_path_factory.mktemp("x") / "rotation"), store, [3] * (2 + steps) + [0])
    assert not fleet.run()
    store.breaks = list(breaks)
    for _number in range(len(breaks) + 1):
        try:
            with fleet.place.alone() as state:
                states.go_back(DB, state, fleet.place.keep, store.steps)
            break
        except Broken:
            fleet.perhaps_killed()
    store.breaks = []
    assert fleet.run()
    assert store.accepted == {b"old"} and set(fleet.uses.values()) == {b"old"} and list(fleet.lets_in.values()) == [{b"old"}] * 2


def test_no_way_back_once_the_old_version_is_retired(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="expected a rotation whose old version is not retired yet"):
        states.go_back(DB, begun(), Place(tmp_path).keep, Store().steps)


def test_a_next_version_that_somebody_took_away_is_told(tmp_path: Path) -> None:
    store, place = Store(), Place(tmp_path)
    attempt(place, store)
    del store.versions[NEXT]
    with pytest.raises(BadInput, match="Somebody took it away"), place.alone() as state:
        states.promote(DB, state, place.keep, store.steps, [])
    assert store.versions == {"": b"old"}


def test_two_runs_at_once_write_one_version(tmp_path: Path) -> None:
    store, results = Store(), []
    threads = [threading.Thread(target=lambda: results.append(attempt(Place(tmp_path), store))) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(bool, results)) == [False] * 5 + [True]
    assert store.versions == {"": b"old", NEXT: b"new 1"}


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
    return State({DB: states.Rotation(states.LOCKING, NOW.isoformat())})


@given(done=st.lists(st.sampled_from(["a", "b", "c", "d"])), hosts=st.sets(st.sampled_from(["a", "b", "c"]), min_size=1))
def test_it_ends_when_the_last_host_has_it(done: list[str], hosts: set[str]) -> None:
    state = begun()
    for host in done:
        states.deployed(state, [DB, "secret://file/other"], host, states.LOCKING)
    ended = states.finish(state, [DB], {DB: hosts}, NOW)
    assert bool(ended) == (hosts <= set(done))
    assert (DB in state.finished) == bool(ended) == (DB not in state.rotations)


def test_a_host_without_a_written_version_counts_for_nothing() -> None:
    state = State({DB: states.Rotation(states.WRITING, NOW.isoformat())})
    states.deployed(state, [DB], "a", states.DEPLOYING)
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
        states.deployed(state, [DB], "a", states.LOCKING)
        state.finished["secret://file/x"] = NOW.isoformat()
        kept = State(dict(state.rotations), dict(state.finished))
    assert place.read() == kept
