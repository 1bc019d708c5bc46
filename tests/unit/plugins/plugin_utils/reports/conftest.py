# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.model import Report

from tests import example_reports


@pytest.fixture
def report() -> Report:
    return example_reports.audit()
