# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.groundwork.fleet.plugins.action import postgresql_logins


def test_logins_are_handed_over(called: Any) -> None:
    owners = {"orders": {"logins": "orders_a:correct horse"}}
    found = called(postgresql_logins.ActionModule, owners=owners)
    assert found["module_name"] == "groundwork.fleet.postgresql_logins" and found["module_args"] == {"owners": owners}


@pytest.mark.parametrize("owners", [{"orders": {"logins": "hunter2-correct"}}, "hunter2-correct"])
def test_wrong_input_stops_before_the_host_is_asked(called: Any, owners: object) -> None:
    with pytest.raises(AnsibleActionFail, match=r"is .hidden.; expected") as caught:
        called(postgresql_logins.ActionModule, owners=owners)
    assert "hunter2" not in str(caught.value)
