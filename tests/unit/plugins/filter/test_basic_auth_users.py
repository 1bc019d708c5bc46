# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible.errors import AnsibleError

Render = Callable[..., Any]


def test_in_a_template(render: Render) -> None:
    pytest.importorskip("bcrypt")
    expression = "logins | groundwork.fleet.basic_auth_users | list"
    assert render(expression, logins="a_1:correct horse\na_2:battery staple") == ["a_1", "a_2"]


def test_an_error_is_one_of_filters_and_shows_nothing(render: Render) -> None:
    with pytest.raises(AnsibleError, match="The secret is no login") as caught:
        render("logins | groundwork.fleet.basic_auth_users", logins="hunter2")
    assert "hunter2" not in str(caught.value)
