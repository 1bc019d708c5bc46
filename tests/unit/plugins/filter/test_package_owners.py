# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Render = Callable[..., Any]


def test_what_is_not_played_and_what_is_to_be_absent_is_left_out(render: Render) -> None:
    text = "['users', 'services', 'firewall'] | groundwork.fleet.package_owners(host, ['all'], ['firewall'])"
    assert render(text, host={"services_state": "absent"}) == ["users"]
    assert render("['users'] | groundwork.fleet.package_owners(host)", host={}) == ["users"]
