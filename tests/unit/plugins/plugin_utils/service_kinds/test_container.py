# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

from tests.unit.declared_orders import plan


def test_a_container_is_refused_by_name():
    with pytest.raises(BadInput, match=r"services\.orders\.container"):
        plan({"container": {"image": "x"}})
