# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exposure of each unit is read from the output for one or several."""

from __future__ import annotations

from tools.audit_score import exposure

OUTPUT = """  NAME                   DESCRIPTION                              EXPOSURE
✗ RootDirectory=/RootImage= Service runs within the host's root directory  0.1
✗ User=/DynamicUser=     Service runs as root user                     0.4

→ Overall exposure level for ssh.service: 9.6 UNSAFE :-{

→ Overall exposure level for getty@tty1.service: 10 DANGEROUS :-(
"""


def test_levels_are_read() -> None:
    assert exposure.levels(OUTPUT) == {"ssh.service": 9.6, "getty@tty1.service": 10.0}


def test_a_unit_that_is_not_there_has_no_level() -> None:
    assert exposure.levels("Unit ntp.service not found.\n") == {}
