# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.text import writable


def test_what_a_document_cannot_hold_is_replaced() -> None:
    assert writable("a\x00b\x1bc\ud800d\ufffee\tf\u00e9\U0001f600") == "a\ufffdb\ufffdc\ufffdd\ufffde\tf\u00e9\U0001f600"
