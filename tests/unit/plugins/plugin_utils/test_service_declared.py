# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_declared import Service

from tests.unit.declared_orders import RELEASE, plan


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        ({"container": {"image": "x"}}, "services.orders.container"),
        ({"package": "a", "release": {}}, "exactly one"),
        ({}, "exactly one"),
        ({"package": "a", "exec": "x"}, "services.orders.exec"),
        ({**RELEASE, "unit": "x"}, "services.orders.unit"),
        ({"release": RELEASE["release"]}, "services.orders.exec"),
        ({"release": {"url": "https://x"}, "exec": "x"}, "services.orders.release.sha256"),
        ({"release": {"ulr": "https://x"}, "exec": "x"}, "Did you mean 'url'"),
        ({"package": {"nme": "x"}}, "Did you mean 'name'"),
        ({"package": {"name": "x", "extra": "y"}}, "services.orders.package.extra"),
        ({**RELEASE, "execc": "x"}, "Did you mean 'exec'"),
        ({**RELEASE, "user": "Not Me"}, "services.orders.user"),
        ({**RELEASE, "preset": "stric"}, "Did you mean 'strict'"),
        ({**RELEASE, "limits": {"ram": 1}}, "services.orders.limits"),
        ({**RELEASE, "environment": {"A": "1\n2"}}, "services.orders.environment.A"),
        ({**RELEASE, "environment": {"A B": "1"}}, "services.orders.environment"),
        ({**RELEASE, "files": {"/a": "x"}}, "services.orders.files['/a']"),
        ({**RELEASE, "files": ["/a"]}, "services.orders.files"),
        ({**RELEASE, "exec": "a\nExecStartPre=b"}, "ExecStart="),
        ({**RELEASE, "validate": {"a": 1}}, "services.orders.validate"),
        ({**RELEASE, "preset": "job"}, "services.orders.schedule is None; expected a schedule"),
        ({**RELEASE, "preset": "worker", "schedule": "daily"}, "services.orders.schedule is 'daily'; expected nothing"),
        ({**RELEASE, "schedule": {"calendar": "daily"}}, "Did you mean 'on_calendar'"),
        ({**RELEASE, "schedule": {"on_calendar": "daily", "persistent": "yes"}}, "services.orders.schedule.persistent"),
        ({**RELEASE, "schedule": {"persistent": True}}, "services.orders.schedule.on_calendar"),
        ({**RELEASE, "schedule": "daily", "instances": [1]}, "services.orders.instances"),
        ({**RELEASE, "preset": "socket_activated"}, "services.orders.ports"),
        ({**RELEASE, "preset": "worker", "ports": [{"port": 1}]}, "services.orders.ports"),
        ({**RELEASE, "instances": "1"}, "fleet_services.orders.instances is '1'"),
        ({**RELEASE, "instances": ["A"]}, "fleet_services.orders.instances is 'A'"),
        ({**RELEASE, "instances": [1, "1"]}, "each name once"),
        ({"package": "a", "schedule": "daily"}, "services.orders.schedule"),
        (None, "services.orders"),
    ],
)
def test_input_is_refused_by_service_and_key(declaration, expected):
    with pytest.raises(BadInput) as error:
        plan(declaration)
    assert expected in str(error.value)


def test_a_secret_that_is_no_text_is_not_shown():
    with pytest.raises(BadInput) as error:
        plan({**RELEASE, "secrets": {"db": 123456}})
    assert "secrets.db" in str(error.value)
    assert "123456" not in str(error.value)


@pytest.mark.parametrize("name", ["Orders", "../x", "a b"])
def test_the_name_becomes_a_directory_and_a_unit(name):
    with pytest.raises(BadInput):
        plan(RELEASE, name=name)


@pytest.mark.parametrize(
    ("declaration", "seconds"),
    [
        ({}, 10),
        ({"stable_for": "2m"}, 120),
        ({"stable_for": 0}, 0),
        ({"health": [{"tcp": {"port": 1}, "stable_for": "15s"}, {"tcp": {"port": 2}, "stable_for": 3}]}, 15),
    ],
)
def test_how_long_it_is_watched(declaration, seconds):
    assert Service("orders", {**RELEASE, **declaration}, []).stable_for == seconds
