# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_keeper, secret_store, secret_versions, secrets
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_keeper import Age, Answer, Context, Keeper
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SecretReference

VALUE = b"correct horse"


class Unreachable(Exception):
    """A passing failure."""


class Made:
    """A backend in memory that counts what it is asked."""

    OPTIONS = {"token": "a token"}

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {"a": VALUE}
        self.asked: list[str] = []
        self.fails: list[Exception] = []
        self.closed = 0
        self.together = 0
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()
        self.delay = 0.0

    def fetch(self, reference: SecretReference, settings: secrets.Settings) -> bytes:
        with self._lock:
            self.asked.append(reference.path)
            self._now += 1
            self.most = max(self.most, self._now)
            failure = self.fails.pop(0) if self.fails else None
        time.sleep(self.delay)
        with self._lock:
            self._now -= 1
        if failure is not None:
            raise failure
        if reference.path not in self.values:
            raise secrets.NotThere("Create %s." % reference.path)
        return self.values[reference.path]

    def explain(self, error: Exception) -> str:
        return "It failed (%s)." % type(error).__name__

    def transient(self, error: Exception) -> bool:
        return isinstance(error, Unreachable)

    def close(self, settings: secrets.Settings) -> None:
        self.closed += 1


class Storing(Made):
    """One that can create secrets; `quicker` is what somebody else creates just before."""

    quicker: bytes | None = None

    def store(self, reference: SecretReference, value: bytes, settings: secrets.Settings) -> None:
        if self.quicker is not None:
            self.values[reference.path] = self.quicker
        if reference.path in self.values:
            raise secrets.AlreadyThere("It is there.")
        self.values[reference.path] = value


class Replacing(Storing):
    """One that can write new versions; `lost` of its answers are lost on the way."""

    lost = 0
    now = datetime(2027, 1, 1, tzinfo=UTC)

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []

    def replace(self, reference: SecretReference, value: bytes, settings: secrets.Settings) -> None:
        self.values[reference.path] = value
        self.written.append(value)
        if self.lost:
            self.lost -= 1
            raise Unreachable("correct horse")

    def changed_at(self, reference: SecretReference, settings: secrets.Settings) -> datetime | None:
        if reference.path == "down":
            raise secrets.SecretError("It is sealed.")
        return self.now if reference.path == "a" else None


class Batching(Made):
    """One that gives many at once, but never `lonely`."""

    def fetch_many(self, references: Iterable[SecretReference], settings: secrets.Settings) -> dict[SecretReference, bytes]:
        self.together += 1
        return {reference: self.values[reference.path] for reference in references if reference.path in self.values}


Use = Callable[[Made], Made]


@pytest.fixture(name="use")
def _use(monkeypatch: pytest.MonkeyPatch) -> Iterator[Use]:
    made: dict[str, Made] = {}
    real = secrets.backend

    def use(backend: Made) -> Made:
        made["made"] = backend
        return backend

    monkeypatch.setattr(secrets, "backend", lambda name, where: made.get(name) or real(name, where))
    yield use


def context(**options: Any) -> Context:
    return Context({"made": {"backend": "made", **options}, "env": {"backend": "env"}})


def keeper(clock: Callable[[], float] = time.monotonic) -> Keeper:
    return Keeper(pause=lambda _seconds: None, clock=clock)


def test_one_fetch_however_many_ask_at_once(use: Use) -> None:
    made, one = use(Made()), keeper()
    made.delay = 0.05
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda: answers.extend(one.ask(["secret://made/a"], context()))) for _number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made.asked == ["a"]
    assert [answer.value for answer in answers] == [VALUE] * 20


def test_requests_at_once_are_bounded(use: Use) -> None:
    made, one = use(Made()), keeper()
    made.values = {str(number): VALUE for number in range(12)}
    made.delay = 0.02
    one.ask(["secret://made/%d" % number for number in range(12)], context(parallel=3))
    assert made.most == 3


def test_many_at_once_where_the_backend_can_and_the_rest_alone(use: Use) -> None:
    made, one = use(Batching()), keeper()
    made.values = {"a": b"1", "b": b"2"}
    answers = one.ask(["secret://made/a", "secret://made/b", "secret://made/gone"], context())
    assert [answer.value for answer in answers] == [b"1", b"2", None]
    assert answers[2].refusal == "Create gone."
    assert (made.together, made.asked) == (1, ["gone"])


def test_what_passes_is_tried_again(use: Use) -> None:
    made, one = use(Made()), keeper()
    made.fails = [Unreachable("hunter2"), Unreachable("hunter2")]
    assert one.ask(["secret://made/a"], context())[0].value == VALUE
    assert len(made.asked) == 3


def test_what_does_not_pass_is_not_and_is_remembered_for_a_while(use: Use) -> None:
    now = [0.0]
    made, one = use(Made()), keeper(lambda: now[0])
    made.fails = [ValueError("hunter2")]
    for _number in range(2):
        assert one.ask(["secret://made/a"], context())[0] == Answer(backend="made", refusal="It failed (ValueError).")
    assert made.asked == ["a"]
    now[0] += secret_keeper.REFUSAL_LASTS + 1
    assert one.ask(["secret://made/a"], context())[0].value == VALUE


def test_a_backend_that_is_down_is_not_asked_until_a_while_has_passed(use: Use) -> None:
    now = [0.0]
    made, one = use(Made()), keeper(lambda: now[0])
    made.fails = [Unreachable() for _number in range(100)]
    for number in range(secret_store.BREAKS_AFTER):
        assert one.ask(["secret://made/%d" % number], context(retries=1))[0].refusal == "It failed (Unreachable)."
    asked = len(made.asked)
    assert asked == 2 * secret_store.BREAKS_AFTER
    refusal = one.ask(["secret://made/x"], context(retries=1))[0].refusal
    assert refusal == "It did not answer 3 times in a row and is not asked for the next 30 s. The last time: It failed (Unreachable)."
    assert len(made.asked) == asked
    now[0] += secret_store.BROKEN_FOR + 1
    made.fails = []
    assert one.ask(["secret://made/a"], context(retries=1))[0].value == VALUE


def test_made_where_it_is_missing_and_never_again(use: Use) -> None:
    made, one = use(Storing()), keeper()
    [answer] = one.ask(["secret://made/new?generate=password&length=40"], context())
    assert answer.value is not None
    assert len(answer.value) == 40
    assert not answer.pending
    assert made.values["new"] == answer.value
    assert keeper().ask(["secret://made/new?generate=password&length=20"], context())[0].value == answer.value
    assert one.ask(["secret://made/a?generate=password"], context())[0].value == VALUE


def test_somebody_was_quicker(use: Use) -> None:
    made = Storing()
    made.quicker = b"of the other"
    use(made)
    assert keeper().ask(["secret://made/new?generate=token"], context())[0].value == b"of the other"


def test_check_mode_makes_nothing_for_good(use: Use) -> None:
    made, one = use(Storing()), keeper()
    asked = ["secret://made/new?generate=password"]
    first, second = one.ask(asked, context(), check_mode=True) + one.ask(asked, context(), check_mode=True)
    assert first.pending
    assert first == second
    assert "new" not in made.values
    assert not one.ask(asked, context())[0].pending
    assert "new" in made.values


def test_only_what_is_missing_is_made(use: Use) -> None:
    made = use(Storing())
    made.fails = [ValueError("denied")]
    assert keeper().ask(["secret://made/new?generate=password"], context())[0].refusal == "It failed (ValueError)."
    assert "new" not in made.values


def test_a_backend_that_cannot_create(use: Use) -> None:
    use(Made())
    assert "the backend made cannot create a secret" in keeper().ask(["secret://made/new?generate=hex"], context())[0].refusal


def test_both_halves_of_a_key(use: Use) -> None:
    use(Storing())
    one = keeper()
    private = one.ask(["secret://made/key?generate=ssh_key"], context())[0]
    public = one.ask(["secret://made/key?part=public"], context())[0]
    assert private.value is not None
    assert public.value is not None
    assert public.value.startswith(b"ssh-ed25519 ")
    assert "no private key" in one.ask(["secret://made/a?part=public"], context())[0].refusal


def test_an_option_of_a_backend_may_be_a_reference(use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_TOKEN", "the-token")
    made = use(Made())
    seen: list[str] = []
    monkeypatch.setattr(made, "fetch", lambda reference, settings: seen.append(settings.secret("token")) or VALUE)
    assert keeper().ask(["secret://made/a"], context(token="secret://env/FLEET_TOKEN"))[0].value == VALUE
    assert seen == ["the-token"]


def test_an_option_that_leads_back_to_its_own_backend(use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    made = use(Made())
    monkeypatch.setattr(made, "fetch", lambda reference, settings: settings.secret("token").encode())
    [answer] = keeper().ask(["secret://made/a"], context(token="secret://made/b"))
    assert "leads back to itself" in answer.refusal


def test_the_end_gives_back_what_was_lent(use: Use) -> None:
    made, one = use(Made()), keeper()
    one.ask(["secret://made/a"], context())
    one.close()
    assert made.closed == 1


def test_the_same_name_in_another_inventory_is_another_secret(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / ".groundwork/secrets").mkdir(parents=True)
        (tmp_path / name / ".groundwork/secrets/db").write_text(name)
    one = keeper()
    found = [one.ask(["secret://file/db"], Context(secrets.configured(None), str(tmp_path / name)))[0].value for name in ("one", "two")]
    assert found == [b"one", b"two"]


def test_an_answer_does_not_show_its_secret() -> None:
    assert "horse" not in repr(Answer(VALUE))


def test_who_asks_after_a_new_version_gets_it(use: Use) -> None:
    use(Replacing())
    one = keeper()
    asked = ["secret://made/a", "secret://made/a?generate=token"]
    assert [answer.value for answer in one.ask(asked, context())] == [VALUE, VALUE]
    assert one.replace(asked[1], b"new", context()) == Age(replaces=True)
    assert [answer.value for answer in one.ask(asked, context())] == [b"new", b"new"]


def test_an_answer_that_was_lost_makes_no_second_version(use: Use) -> None:
    made = Replacing()
    use(made)
    made.lost = 1
    assert keeper().replace("secret://made/a", b"new", context()).refusal == ""
    assert made.written == [b"new"]


def test_a_backend_that_cannot_write_new_versions(use: Use) -> None:
    use(Storing())
    answer = keeper().replace("secret://made/a", b"new", context())
    assert answer.refusal.startswith("The backend made cannot write a new version") and not answer.replaces


def test_why_nothing_was_written_without_a_value(use: Use) -> None:
    made = Replacing()
    use(made)
    made.lost = 99
    made.fails = [Unreachable("correct horse")] * 99
    assert keeper().replace("secret://made/a", b"new", context()).refusal == "It failed (Unreachable)."


def test_ages(use: Use) -> None:
    use(Replacing())
    ages = keeper().ages(["secret://made/a", "secret://made/b", "secret://made/down"], context())
    assert ages == [Age(Replacing.now.timestamp(), True), Age(None, True), Age(None, True, "It is sealed.")]
    use(Made())
    assert keeper().ages(["secret://made/a"], context()) == [Age()]


def test_what_another_run_wrote_is_seen_after_a_refresh(use: Use) -> None:
    made, one = use(Replacing()), keeper()
    asked = ["secret://made/a"]
    one.ask(asked, context())
    made.values["a"] = b"by another run"
    assert one.ask(asked, context())[0].value == VALUE
    assert one.refresh(asked, context())[0].value == b"by another run"
    count = len(made.asked)
    assert one.ask([asked[0] + "?generate=token"], context())[0].value == b"by another run"
    assert len(made.asked) == count
    del made.values["a"]
    assert one.refresh(asked, context())[0].refusal == "Create a."


def test_the_versions_of_a_secret_in_rotation(use: Use) -> None:
    use(Replacing())
    one = keeper()
    accepted, following, previous = ("secret://made/a?rotation=" + kind for kind in ("accepted", "next", "previous"))
    assert [answer.value for answer in one.ask([accepted, following, previous], context())] == [VALUE] * 3
    one.replace(following, b"new", context())
    assert [answer.value for answer in one.ask([accepted, "secret://made/a"], context())] == [VALUE + b"\nnew", VALUE]
    one.replace(previous, VALUE, context())
    one.replace("secret://made/a", b"new", context())
    assert [answer.value for answer in one.ask([accepted, previous], context())] == [b"new\n" + VALUE, VALUE]
    for version in (following, previous):
        one.replace(version, secret_versions.RETIRED, context())
    assert [answer.value for answer in one.ask([accepted, following, previous], context())] == [b"new"] * 3
    assert one.refresh([previous], context())[0] == Answer(backend="made", refusal="It was retired.", missing=True)


def test_what_is_to_be_made_and_is_accepted_is_one_value_in_check_mode_too(use: Use) -> None:
    use(Replacing())
    for check_mode in (True, False):
        answer = keeper().ask(["secret://made/new?generate=token&rotation=accepted"], context(), check_mode)[0]
        assert answer.value is not None and b"\n" not in answer.value and answer.pending == check_mode
