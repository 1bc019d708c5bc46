# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.filter import key_files as plugin

key_files = plugin.FilterModule().filters()["key_files"]


def test_the_files_to_write_and_those_to_remove() -> None:
    observed = {"ana": {"home": "/home/ana", "group": "ana", "text": None}}
    assert key_files(observed) == {"/home/ana/.ssh/authorized_keys": {"absent": True}}
    assert "/home/ana/.ssh" in key_files(observed, removing=True)
