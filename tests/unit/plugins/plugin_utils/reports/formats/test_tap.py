# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses

from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.formats import tap
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import HostReport, Item, Report


def test_the_whole_stream(report: Report) -> None:
    assert tap.render(report).splitlines() == [
        "TAP version 13",
        "1..9",
        "not ok 1 - web-1: sshd-root-login",
        "  ---",
        '  message: "PermitRootLogin is yes"',
        "  ...",
        "not ok 2 - web-1: sshd-banner # TODO The <console> needs it.",
        "  ---",
        '  message: "none is set"',
        "  ...",
        "ok 3 - web-1: auditd-rules # SKIP container",
        "ok 4 - web-1: umask",
        "ok 5 - db-1: sshd-root-login",
        "not ok 6 - db-1: sshd-banner # TODO The <console> needs it.",
        "  ---",
        '  message: "none is set"',
        "  ...",
        "ok 7 - db-1: auditd-rules # SKIP container",
        "ok 8 - db-1: umask",
        "not ok 9 - ops-1: host can be examined",
        "  ---",
        '  message: "Connection timed out"',
        "  ...",
    ]


def test_no_text_becomes_a_directive_or_a_line(report: Report) -> None:
    host = HostReport("web-1", (Item("a # TODO b\nok 7", "", "fail", 'it said "no"\nnot ok 9'), Item("w", "", "warn", "soon")))
    found = tap.render(dataclasses.replace(report, hosts=(host,))).splitlines()
    assert found[2:5] == ["not ok 1 - web-1: a \\# TODO b ok 7", "  ---", '  message: "it said \\"no\\"\\nnot ok 9"']
    assert found[6:9] == ["ok 2 - web-1: w", "  ---", '  message: "soon"']


def test_nothing_examined(report: Report) -> None:
    assert tap.render(dataclasses.replace(report, hosts=())) == "TAP version 13\n1..0 # SKIP nothing was examined\n"
