# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from importlib import import_module

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines import ENGINES, Rendered, Setting

PACKAGE = "ansible_collections.groundwork.fleet.plugins.plugin_utils.log_engines"


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_renders(name: str) -> None:
    assert callable(import_module(f"{PACKAGE}.{name.replace('-', '_')}").render)


def test_what_is_left_out_is_empty() -> None:
    assert Setting("a", "/s", "/t", "Debian").labels == {}
    assert Rendered({}, (), (), 1, 2).details == {}
