# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reports that tests, and the screenshots of the documentation, are made of."""

from __future__ import annotations

import datetime
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import health_report
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


def audit() -> Report:
    """Return an audit of three hosts: one with findings, one that is right, one that could not be reached."""
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


def _well(kind: str) -> dict[str, Any]:
    return {"status": "ok", "type": kind, "seconds": 0.01, "message": ""}


def health() -> Report:
    """Return the health of a fleet in which a page hangs, inodes run out and a host is gone."""
    everywhere = {
        "ssh": _well("tcp"),
        "journal": _well("systemd_unit"),
        "host certificate": _well("certificate"),
        "exporter node": _well("http"),
    }
    hung = (
        "http url=https://127.0.0.1/status: expected status between 200 and 299, observed nothing "
        "(it accepted the connection and did not answer within 4.0 s: timed out), 4.0 s"
    )
    skipped = "skipped: it requires shop page, which failed"
    shop = {
        "shop page": {"status": "failed", "type": "http", "seconds": 4.0, "message": hung},
        "shop cart": {"status": "skipped", "type": "http", "seconds": 0.0, "message": skipped, "root": "shop page"},
    }
    disk = {
        "status": "warning",
        "type": "disk",
        "seconds": 0.01,
        "message": "disk path=/var: expected inodes at most 80, observed 91, 0.0 s",
    }
    results = {
        "web-1": {"checks": {**everywhere, **shop}},
        "web-2": {"checks": {**everywhere, "shop page": _well("http"), "shop cart": _well("http")}},
        "db-1": {"checks": {**everywhere, "postgresql": _well("postgresql"), "disk": disk}},
        "ops-1": {"unreachable": True, "msg": "ssh: connect to host 192.0.2.9 port 22: No route to host"},
    }
    made = datetime.datetime(2026, 11, 25, 22, 40, tzinfo=datetime.UTC)
    return health_report.report_of(results, made, "Health of production")
