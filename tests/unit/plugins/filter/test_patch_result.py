# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.fleet.plugins.filter import patch_result

from ..plugin_utils.test_patch_report import status


def test_what_is_kept_of_a_host() -> None:
    keep = patch_result.FilterModule().filters()["patch_result"]
    ran = {"upgraded": {"a": ["1", "2"]}, "installed": {}, "removed": {}}
    assert keep(status(), "patched", [ran, "rebooted", ""])["results"][0]["reason"] == "patched: 1 upgraded; rebooted"
    back = {"restored": {}, "unavailable": {}, "stays": {}}
    assert keep(status(), "back", ["it failed", back])["results"][0]["reason"] == "back: it failed; no package had changed"
    assert keep(status(), "failed", "why")["results"][0]["reason"] == "failed: why"
    assert keep(status())["results"][0]["id"] == "security_updates"


def test_an_unknown_outcome() -> None:
    with pytest.raises(AnsibleFilterError, match="outcome is 'x'"):
        patch_result.patch_result(status(), "x")
