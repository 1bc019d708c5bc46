# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as TAP, the Test Anything Protocol (version 13): a line for each item of each host, the reason of a failure below it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import Item, Report

ENDING = "tap"


def render(report: Report) -> str:
    """Return the stream. What is waived is a TODO, which no harness counts as failed."""
    cases = list(_cases(report))
    lines = ["TAP version 13", "1..%d" % len(cases) if cases else "1..0 # SKIP nothing was examined"]
    for number, (well, text, directive, message) in enumerate(cases, 1):
        lines.append("%s %d - %s%s" % ("ok" if well else "not ok", number, description(text), directive))
        if message:
            # A document of YAML on one line: a text in JSON is one.
            lines += ["  ---", "  message: %s" % json.dumps(message), "  ..."]
    return "\n".join(lines) + "\n"


def description(text: str) -> str:
    """Return a description on one line, in which nothing is taken for a directive."""
    return " ".join(text.split()).replace("\\", "\\\\").replace("#", "\\#")


def _cases(report: Report) -> Iterator[tuple[bool, str, str, str]]:
    for host in report.hosts:
        if host.problem:
            yield False, "%s: host can be examined" % host.host, "", host.problem
        for item in host.items:
            yield _case(host.host, item)


def _case(host: str, item: Item) -> tuple[bool, str, str, str]:
    text = "%s: %s" % (host, item.id)
    if item.status == "skipped":
        return True, text, " # SKIP %s" % description(item.message or "does not apply"), ""
    if item.status == "waived":
        reason = item.waiver.reason if item.waiver else "waived"
        return False, text, " # TODO %s" % description(reason), item.message
    return item.status != "fail", text, "", item.message if item.status in ("fail", "warn") else ""
