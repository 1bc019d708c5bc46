# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.plugin_utils import mount_unit


def test_each_mount_has_a_line_and_a_failure_stops_nothing() -> None:
    mounts = {"/var/tmp": {"options": ["nodev", "nosuid"]}, "/proc": {"options": ["hidepid=invisible"]}, "/x": None}
    assert mount_unit.text(mounts).splitlines() == [
        "[Service]",
        "ExecStartPost=-mount -o remount,hidepid=invisible /proc",
        "ExecStartPost=-mount -o remount,nodev,nosuid /var/tmp",
    ]
