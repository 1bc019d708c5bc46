# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report of three hosts: one with findings, one that is right, one that could not be reached."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import Detail, HostReport, Item, Report
from ansible_collections.groundwork.fleet.plugins.plugin_utils.waivers import Waiver

WAIVER = Waiver("console", "The <console> needs it.", "ana & ben", datetime.date(2026, 12, 1))
ROOT = Detail(
    "baseline", "Whoever gets in as root leaves no name behind.", "Log in as yourself.", {"anssi_bp_028": ("R33",)}, ("lock_out",)
)


def items(root: str, observed: str = "") -> tuple[Item, ...]:
    return (
        Item("sshd-root-login", "sshd refuses root", "fail" if root == "fail" else "pass", observed, 0.25, "sshd"),
        Item("sshd-banner", "sshd shows a banner", "waived", "none is set", 0.5, "sshd", WAIVER),
        Item("auditd-rules", "auditd watches sudo", "skipped", "container", 0.0, "audit"),
        Item("umask", "files are private", "pass", "", 0.0, "accounts", properties={"found": "027"}),
    )


@pytest.fixture
def report() -> Report:
    return Report(
        "audit",
        "Audit of staging",
        datetime.datetime(2026, 11, 25, 23, 40, tzinfo=datetime.timezone(datetime.timedelta(hours=1))),
        (
            HostReport("web-1", items("fail", "PermitRootLogin is yes")),
            HostReport("db-1", items("pass")),
            HostReport("ops-1", problem="Connection timed out"),
        ),
        {"sshd-root-login": ROOT},
        {"inventory": "staging", "level": "strict"},
        "0.1.0",
    )
