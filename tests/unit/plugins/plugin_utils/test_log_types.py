# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_types import Select


def test_a_selection_without_conditions_is_none() -> None:
    assert not Select()
    assert Select(severity="err") and Select(fields={"a": "b"})
