# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

from tests.unit.declared_orders import UNIT, plan


def test_a_program_of_the_host_gets_a_unit():
    found = plan({"program": {"packages": ["findutils"]}, "exec": "/usr/bin/find /tmp -delete", "schedule": "daily"})
    assert found["packages"] == {"findutils": None}
    assert set(found["users"]) == {"orders"}
    assert found["releases"] == {}
    assert "ExecStart=/usr/bin/find /tmp -delete" in found["files"][UNIT]["content"].splitlines()
    assert "WorkingDirectory=/\n" in found["files"][UNIT]["content"]


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        ({"program": {}, "exec": "find"}, "services.orders.exec is 'find'; expected a command with the full path"),
        ({"program": {}}, "services.orders.exec is None"),
        ({"program": {"package": "x"}, "exec": "/x"}, "Did you mean 'packages'"),
        ({"program": {"packages": "x"}, "exec": "/x"}, "services.orders.program.packages"),
    ],
)
def test_what_is_wrong_is_named(declaration, expected):
    with pytest.raises(BadInput) as error:
        plan(declaration)
    assert expected in str(error.value)
