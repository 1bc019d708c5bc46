# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry of formats."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports import formats
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import Report


def test_every_format_has_its_file(report: Report) -> None:
    texts = formats.rendered(report)
    assert {"audit.json", "audit.junit.xml", "audit.prom", "audit.sarif"} <= set(texts)
    assert len(texts) == len(formats.known())
    assert all(text.endswith("\n") for text in texts.values())


def test_only_those_that_are_asked_for(report: Report) -> None:
    assert list(formats.rendered(report, ["junit"])) == ["audit.junit.xml"]
    with pytest.raises(BadInput, match=r"Did you mean 'junit'\?"):
        formats.rendered(report, ["junti"])


def test_the_same_report_gives_the_same_text(report: Report) -> None:
    assert formats.rendered(report) == formats.rendered(report)


def test_a_report_without_hosts_can_be_written(report: Report) -> None:
    empty = Report("audit", "Audit", report.generated, ())
    assert set(formats.rendered(empty)) == set(formats.rendered(report))
