# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import pytest
from ansible_collections.groundwork.fleet.plugins.action.release import ActionModule
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.release import Release


@pytest.fixture
def action():
    made = ActionModule.__new__(ActionModule)
    made._loader = SimpleNamespace(path_dwim=str)
    return made


def test_an_archive_is_verified_before_it_is_sent(action, tmp_path):
    path = tmp_path / "a.tar"
    path.write_bytes(b"x")
    digest = hashlib.sha256(b"x").hexdigest()
    assert action._verified(Release("a", "1", "file://%s" % path, digest)) == path
    with pytest.raises(BadInput, match=digest):
        action._verified(Release("a", "1", str(path), "0" * 64))


def test_an_archive_that_is_not_there_is_named(action):
    with pytest.raises(BadInput, match=r"releases\['a'\]\.url is '/nothing'"):
        action._verified(Release("a", "1", "/nothing", "0" * 64))


@pytest.mark.parametrize("arguments", [{"release": {}}, {"releases": ["a"]}, {"releases": {"a": {"url": "x"}}}])
def test_input_is_refused_before_the_host_is_asked(action, arguments):
    with pytest.raises(BadInput):
        action.prepare(arguments, {})
