# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.groundwork.fleet.plugins.action.container_images import ActionModule
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

IMAGE = "localhost/shop@sha256:" + "a" * 64


@pytest.fixture
def action():
    made = ActionModule.__new__(ActionModule)
    made._loader = SimpleNamespace(path_dwim=str)
    return made


def test_an_archive_that_is_not_there_is_named_where_it_is_declared(action):
    images = {"shop": {"image": IMAGE, "archive": {"url": "/nothing", "sha256": "0" * 64}}}
    assert action.prepare({"images": images}, {}) == {"images": images}
    with pytest.raises(BadInput, match=r"images\['shop'\]\.archive\.url is '/nothing'"):
        action.provide({"needed": ["shop"]}, {})


def test_nothing_is_sent_where_nothing_is_needed(action):
    action.prepare({"images": {"shop": {"image": IMAGE}}}, {})
    assert action.provide({"needed": []}, {}) is None


@pytest.mark.parametrize("arguments", [{"image": {}}, {"images": ["shop"]}, {"images": {"shop": {"image": "shop:1"}}}])
def test_input_is_refused_before_the_host_is_asked(action, arguments):
    with pytest.raises(BadInput):
        action.prepare(arguments, {})
