# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check type is made of."""

from __future__ import annotations

import dataclasses
import threading
import time
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health

SOURCE = """
from __future__ import annotations
import dataclasses
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Observation, equal, option

@dataclasses.dataclass
class Options:
    words: list = option("words", ["a"], expects=equal)

def observe(options, deadline):
    return Observation({"words": ["a"]})
"""


def test_a_type_is_made_of_its_text() -> None:
    made = health.load_type("words", SOURCE)
    assert made.name == "words"
    assert made.observe(made.options(), health.Deadline(1)).facts == {"words": made.options().words}


def test_a_text_that_is_no_type_is_refused() -> None:
    with pytest.raises(AttributeError, match="Options"):
        health.load_type("empty", "")


def test_an_option_without_default_is_required() -> None:
    @dataclasses.dataclass
    class Options:
        port: int = health.option("the port")

    with pytest.raises(TypeError, match="port"):
        Options()
    assert dataclasses.fields(Options)[0].metadata["help"] == "the port"


@pytest.mark.parametrize(
    ("relation", "good", "bad", "wanted"),
    [
        (health.equal, 1, 2, 1),
        (health.one_of, 1, 3, [1, 2]),
        (health.at_least, 2, 1, 2),
        (health.at_most, 2, 3, 2),
        (health.contains, "abc", "ac", "b"),
    ],
)
def test_relations(relation: health.Relation, good: object, bad: object, wanted: object) -> None:
    assert relation.holds(good, wanted)
    assert not relation.holds(bad, wanted)


def test_a_deadline_passes_and_never_outlives_its_parent() -> None:
    assert health.Deadline(60, health.Deadline(0.1)).left() <= 0.1
    deadline = health.Deadline(0.02)
    assert not deadline.passed()
    time.sleep(0.03)
    assert deadline.passed()
    assert deadline.left() > 0


def test_many_checks_ask_a_program_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ["sh", "-c", f"echo x >> {tmp_path}/asked; cat {tmp_path}/asked"]
    assert [health.shared_output(command, 5) for _ in range(3)] == ["x\n"] * 3
    monkeypatch.setattr(health, "SHARED_FOR", -1)
    assert health.shared_output(command, 5) == "x\nx\n", "what was asked long ago is asked anew"


def test_a_program_that_hangs_is_started_a_few_times_only(tmp_path: Path) -> None:
    """Others of it wait no longer than they may, and other programs not at all."""
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\necho x >> %s/started\nexec sleep 60\n" % tmp_path)
    slow.chmod(0o755)
    told: list[str] = []

    def ask(seconds: float) -> None:
        with pytest.raises(TimeoutError) as error:
            health.program_output([str(slow), "show"], seconds)
        told.append(str(error.value))

    threads = [threading.Thread(target=ask, args=(seconds,)) for seconds in [3.0] * health.AT_ONCE + [0.5] * 3]
    for thread in threads:
        thread.start()
    assert health.program_output(["echo", "other"], 5) == "other\n"
    for thread in threads:
        thread.join()
    assert len((tmp_path / "started").read_text().split()) == health.AT_ONCE
    assert told.count("%s show does not answer within 3.0 s" % slow) == health.AT_ONCE
    assert told.count("%s does not answer, %d of it wait already" % (slow, health.AT_ONCE)) == 3
    slow.write_text("#!/bin/sh\necho well\n")
    assert health.program_output([str(slow)], 5) == "well\n", "whoever waited has left"
