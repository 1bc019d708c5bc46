# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_options import filled, mapping, named, words


def test_what_is_right_is_returned() -> None:
    assert mapping("a", {"b": 1}) == {"b": 1} and named("a", "web_1") == "web_1"
    assert words("a", "one") == ("one",) and words("a", ["one", "two"], ("one", "two"), "word") == ("one", "two")


def test_what_is_wrong_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match=r"fleet_logs\.inputs .*expected a mapping"):
        mapping("fleet_logs.inputs", ["a"])
    for name in ("Web", "collect", "", "a-b"):
        with pytest.raises(BadInput, match="a name of small letters"):
            named("fleet_logs.inputs", name)
    for value in (5, [5], [""], {"a": 1}):
        with pytest.raises(BadInput, match="a list of texts"):
            words("a", value)
    with pytest.raises(BadInput, match="Did you mean 'err'"):
        words("a", "eror", ("err", "info"), "severity")


def test_options_stand_in_the_place_of_their_names() -> None:
    known = {"port": 5, "servers": ["a", "b"], "name": None}
    assert filled("{port}", known) == 5 and filled("x{port}", known) == "x5" and filled("{name}", known) is None
    assert filled(["{servers}", "c"], known) == ["a", "b", "c"] and filled(True, known) is True
