# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter.postgresql_tuning import FilterModule

postgresql_tuning = FilterModule().filters()["postgresql_tuning"]


def test_it_gives_settings() -> None:
    assert postgresql_tuning("4096", "50", "disk")["shared_buffers"] == "1024MB"


def test_it_refuses_as_a_filter_does() -> None:
    with pytest.raises(AnsibleFilterError, match="memory is 100; expected at least 256"):
        postgresql_tuning(100)
