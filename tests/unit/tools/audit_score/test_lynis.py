# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The index and the points that are left are read from what Lynis writes."""

from __future__ import annotations

import pytest

from lab.console import LabError
from tools.audit_score import lynis

REPORT = """# Lynis Report
warning[]=AUTH-9216|grpck binary found errors in one or more group files|-|-|
suggestion[]=SSH-7408|Consider hardening SSH configuration|Compression (set YES to NO)|-|
suggestion[]=BANN-7126|Add a legal banner to /etc/issue, to warn unauthorized users|-|-|
lynis_tests_done=238
hardening_index=58
finish=true
"""

LOG = """2026-11-25 22:36:20 Performing test ID DEB-0280 (Checking if libpam-tmpdir is installed and enabled.)
2026-11-25 22:36:20 Hardening: assigned partial number of hardening points (0 of 2). Currently having 0 points (out of 2)
2026-11-25 22:36:21 Performing test ID SSH-7408 (Check SSH specific defined options)
2026-11-25 22:36:21 Hardening: assigned maximum number of hardening points for this item (3). Currently having 3 points (out of 5)
2026-11-25 22:36:21 Hardening: assigned partial number of hardening points (1 of 3). Currently having 4 points (out of 8)
2026-11-25 22:36:21 Hardening: assigned partial number of hardening points (0 of 3). Currently having 4 points (out of 11)
2026-11-25 22:36:22 Performing test ID FIRE-4590 (Check firewall status)
2026-11-25 22:36:22 Hardening: assigned maximum number of hardening points for this item (5). Currently having 9 points (out of 16)
"""


def test_index_and_remarks_are_read() -> None:
    found = lynis.report_of(REPORT)
    assert (found.index, found.tests) == (58, 238)
    assert found.warnings == (lynis.Remark("AUTH-9216", "grpck binary found errors in one or more group files"),)
    assert found.suggestions[0] == lynis.Remark("SSH-7408", "Consider hardening SSH configuration: Compression (set YES to NO)")
    assert found.suggestions[1].text == "Add a legal banner to /etc/issue, to warn unauthorized users"


def test_the_last_index_counts() -> None:
    assert lynis.report_of(REPORT + "hardening_index=61\n").index == 61


@pytest.mark.parametrize("text", ["", "hardening_index=58\n", "hardening_index=\nlynis_tests_done=1\n"])
def test_a_run_that_was_cut_short_is_refused(text: str) -> None:
    with pytest.raises(LabError, match="no hardening_index"):
        lynis.report_of(text)


def test_points_are_summed_by_test_and_the_most_lost_come_first() -> None:
    assert lynis.losses_of(LOG) == (
        lynis.Loss("SSH-7408", "Check SSH specific defined options", 5, 9),
        lynis.Loss("DEB-0280", "Checking if libpam-tmpdir is installed and enabled.", 2, 2),
    )
