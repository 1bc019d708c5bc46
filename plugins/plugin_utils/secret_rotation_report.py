# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user reads of rotations and of the age of secrets, and their metrics; never a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_rotation import BY_HAND, RESUMED, WAITS, Decision


def plan_lines(decisions: Sequence[Decision], hosts: Mapping[str, Mapping[str, Sequence[str]]]) -> list[str]:
    """Return the plan in words. hosts: what `hosts_of` returned, without those that have their new versions."""
    lines = []
    for one in decisions:
        if one.rotates:
            users = sorted(host for host in hosts if one.name in hosts[host]["names"])
            first = "deploy" if one.state == RESUMED else "write a new version, deploy"
            lines.append(
                "%s: %s to %s; prove these healthy; retire the old one" % (one.words, first, ", ".join(users) or "no further host")
            )
        elif one.state in (BY_HAND, WAITS):
            lines.append(one.words)
    return lines


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
    """Return Prometheus metrics: moments instead of ages, so that a metric does not grow old with its file."""
    changed = [(one, one.changed) for one in decisions if one.changed is not None]
    due = [(one, one.due) for one in decisions if one.due is not None]
    lines = []
    for suffix, text, samples in (
        ("timestamp_seconds", "When the secret got its value.", changed),
        ("due_timestamp_seconds", "When the secret is to be replaced.", due),
    ):
        full = "groundwork_secret_" + suffix
        lines += ["# HELP %s %s" % (full, text), "# TYPE %s gauge" % full] if samples else []
        lines += ['%s{name="%s",backend="%s"} %d' % (full, _label(one.name), _label(one.backend), value) for one, value in samples]
    full = "groundwork_secret_last_run_seconds"
    lines += ["# HELP %s When this was looked, in seconds since 1970." % full, "# TYPE %s gauge" % full, "%s %d" % (full, now.timestamp())]
    return "\n".join(lines) + "\n"


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
