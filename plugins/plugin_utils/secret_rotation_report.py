# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user reads of rotations and of the age of secrets, and their metrics; never a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from ansible_collections.groundwork.fleet.plugins.module_utils.metrics import Sample, family
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_reference import SCHEME
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_rotation import BY_HAND, WAITS, Decision, Secret
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_rotation_state import (
    ACCEPTING,
    DEPLOYING,
    LOCKING,
    PROMOTING,
    RETIRING,
    WRITING,
    Rotation,
    State,
)


def plan_lines(decisions: Sequence[Decision], found: Mapping[str, Secret], state: State) -> list[str]:
    """Return the plan in words: what is still to be done with each secret, and where."""
    lines = []
    for one in decisions:
        if one.rotates:
            begun = state.rotations.get(one.name)
            lines.append("%s: %s" % (one.words, "; ".join(_left(found[one.name], begun))))
        elif one.state in (BY_HAND, WAITS):
            lines.append(one.words)
    return lines


def _left(one: Secret, begun: Rotation | None) -> list[str]:
    step, done = (begun.step, set(begun.done)) if begun else (WRITING, set())
    users, acceptors = sorted(one.users), sorted(one.acceptors)
    every = [
        (WRITING, "write a new version", [""]),
        (ACCEPTING, "have it accepted by %s", acceptors),
        (PROMOTING, "make it the current one", [""]),
        (DEPLOYING, "deploy to %s and prove these healthy", users),
        (RETIRING, "retire the old one", [""]),
        (LOCKING, "have the old one refused by %s", acceptors),
    ]
    left = every[[name for name, _text, _hosts in every].index(step) :]
    now = [(text, [host for host in hosts if name != step or host not in done]) for name, text, hosts in left]
    return [text % ", ".join(hosts) if "%s" in text else text for text, hosts in now if hosts]


def moment(seconds: float | None) -> str:
    """Return a moment as a user reads it, in UTC."""
    return "unknown" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")


def days(changed: float | None, now: datetime) -> str:
    """Return the age in days; what lies in the future, by a clock that differs, is 0."""
    return "unknown" if changed is None else "%d d" % max(0, (now.timestamp() - changed) // 86400)


def table(decisions: Sequence[Decision], now: datetime) -> list[str]:
    """Return the age report as lines: name, backend, age, due, state. Never a value."""
    rows = [("SECRET", "BACKEND", "AGE", "DUE", "STATE")]
    for one in decisions:
        due = "-" if one.due is None else moment(one.due)
        rows.append((one.name, one.backend, days(one.changed, now), due, one.state + (": " + one.remedy if one.remedy else "")))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]).rstrip() for row in rows]


def to_textfile(decisions: Sequence[Decision], now: datetime) -> str:
    """Return Prometheus metrics: moments instead of ages, so that a metric does not grow old with its file.

    The names lack secret://, which no file may have in it but as a reference.
    """
    lines: list[str] = []
    for suffix, text, values in (
        ("timestamp_seconds", "When the secret got its value.", [one.changed for one in decisions]),
        ("limit_seconds", "The age after which the secret is to be replaced.", [one.limit for one in decisions]),
        ("due_timestamp_seconds", "When the secret is to be replaced.", [one.due for one in decisions]),
        ("rotation_begun_timestamp_seconds", "When the rotation began that has not come to its end.", [one.begun for one in decisions]),
    ):
        samples: list[Sample] = [
            ({"name": one.name.removeprefix(SCHEME), "backend": one.backend}, int(value))
            for one, value in zip(decisions, values, strict=True)
            if value is not None
        ]
        lines += family("groundwork_secret_" + suffix, text, samples)
    when: list[Sample] = [({}, int(now.timestamp()))]
    lines += family("groundwork_secret_last_run_seconds", "When this was looked, in seconds since 1970.", when)
    return "\n".join(lines) + "\n"
