# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_store, secrets
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_store import Down, Store


class Passing(Exception):
    """A failure that may go well later."""


def explain(error: Exception) -> str:
    return "It failed (%s)." % type(error).__name__


def store(clock: list[float], pauses: list[float], retries: int = 2, **parts: Any) -> Store:
    backend: Any = SimpleNamespace(**{"explain": explain, "transient": lambda error: isinstance(error, Passing), **parts})
    return Store("x", backend, secrets.Settings({"retries": retries}), pauses.append, lambda: clock[0])


def fail(count: list[int], error: Exception) -> NoReturn:
    count[0] += 1
    raise error


def test_a_passing_failure_is_repeated_with_bounded_pauses() -> None:
    pauses: list[float] = []
    count = [0]
    with pytest.raises(Passing):
        store([0.0], pauses).tried(lambda: fail(count, Passing()))
    assert count == [3]
    assert len(pauses) == 2
    assert all(0 <= pause <= secret_store.FIRST_PAUSE * 2**number for number, pause in enumerate(pauses))


def test_another_failure_is_not_repeated() -> None:
    count = [0]
    with pytest.raises(secrets.NotThere):
        store([0.0], []).tried(lambda: fail(count, secrets.NotThere("x")))
    assert count == [1]


def test_what_is_down_is_asked_again_after_a_while_by_one() -> None:
    clock, count = [0.0], [0]
    one = store(clock, [], retries=0)
    for _number in range(secret_store.BREAKS_AFTER):
        with pytest.raises(Passing):
            one.tried(lambda: fail(count, Passing("a value")))
    with pytest.raises(Down, match=r"did not answer 3 times in a row .* The last time: It failed \(Passing\)\."):
        one.tried(lambda: fail(count, Passing()))
    assert count == [secret_store.BREAKS_AFTER]
    clock[0] = secret_store.BROKEN_FOR + 1
    assert one.tried(lambda: 1) == 1
    assert one.tried(lambda: 2) == 2


def test_a_backend_that_cannot_explain_shows_no_value() -> None:
    def broken(error: Exception) -> str:
        raise ValueError(str(error))

    assert store([0.0], [], explain=broken).told(Passing("correct horse")) == "It failed (ValueError)."
    assert store([0.0], []).part("replace") is None
