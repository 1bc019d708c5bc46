# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_plan import service_plan


def plan(**service: Any) -> dict[str, Any]:
    return service_plan({"web": {"package": {"name": "nginx"}, **service}}, ["Debian", "Debian-12"])


def test_steps_are_taken_at_their_moment_with_the_options_of_the_host() -> None:
    steps = [
        {"observe": {"commands": "{commands}", "at": "{version}/{service}"}, "at": "before_start"},
        {"presence": {}, "skip_in_check": True},
    ]
    options = {"commands": {"a": 1}, "version": {"by_platform": {"Debian-12": "15"}}}
    found = plan(steps=steps, options=options)
    assert found["before_start"] == [
        {"observe": {"commands": {"a": 1}, "at": "15/web"}, "id": "web-0-observe", "skip_in_check": False},
    ]
    assert found["after_start"] == [{"presence": {}, "id": "web-1-presence", "skip_in_check": True}]


def test_what_goes_has_no_steps() -> None:
    found = service_plan({"web": {"package": {"name": "nginx"}, "steps": [{"presence": {}}]}}, ["Debian"], state="all")
    assert (found["before_start"], found["after_start"]) == ([], [])


def test_keys_of_certificates_are_given_to_their_owners_first() -> None:
    items = [{"name": "web", "owner": "www", "group": "www"}, {"name": "roots"}]
    found = plan(certificates=items, options={"tls_directory": "/tls"})["before_start"]
    assert found == [{"key_owners": {"keys": {"/tls/web.key": {"owner": "www", "group": "www"}}}, "id": "web-keys"}]


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ("x", "services.web.steps is 'x'; expected a list of mappings"),
        ([1], r"services.web.steps\[0\] is 1; expected a mapping"),
        ([{"observ": {}}], "Did you mean 'observe'?"),
        ([{"at": "after_start"}], "expected exactly one step"),
        ([{"presence": {}, "at": "befor_start"}], "Did you mean 'before_start'?"),
    ],
)
def test_a_wrong_step_is_named(steps: Any, told: str) -> None:
    with pytest.raises(BadInput, match=told.replace("?", r"\?")):
        plan(steps=steps)


def test_packages_that_a_service_requires_come_with_it() -> None:
    assert plan(requires=["python3-venv"])["packages"] == {"nginx": None, "python3-venv": None}
