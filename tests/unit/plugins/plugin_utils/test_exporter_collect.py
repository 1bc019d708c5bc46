# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import exporter_collect, exporter_entry

ENTRIES = {
    path.stem: yaml.safe_load(path.read_text())
    for path in (Path(exporter_entry.__file__).resolve().parents[2] / "catalogue" / "exporters").glob("*.yml")
}


def instance(entry: dict[str, Any], **options: Any) -> exporter_entry.Instance:
    (found,) = exporter_entry.instances({"own": {"proof": {"x": None}, **entry}}, {"own": options}, [])
    return found


def test_a_command_is_one_with_its_options_and_has_no_files() -> None:
    one = instance({"collect": {"command": "/bin/tell {{ options.what }}"}}, what="all of it")
    assert exporter_collect.files_of(one, "/d") == {}
    assert exporter_collect.command(one, {}, "/t/own.prom") == ["/bin/tell", "all", "of", "it"]


def test_a_program_gets_its_options_and_what_it_told_last() -> None:
    one = instance({"collect": {"program": "backup"}, "option_spec": {"age": {"type": "int", "default": 7}}}, interval="1h")
    files = exporter_collect.files_of(one, "/d")
    assert files["/d/own.json"]["content"] == '{\n "age": 7\n}\n'
    assert exporter_collect.command(one, files, "/t/own.prom") == [exporter_collect.program_path("own"), "/d/own.json", "/t/own.prom"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "exporters_enabled.backup.backups is not set"),
        ({"backups": {"orders": {"pth": "/x"}}}, "Did you mean 'path'"),
        (
            {"backups": {"orders": {"unit": "orders.timer"}}},
            "exporters_enabled.backup.backups.orders.unit is 'orders.timer'; expected the name of a service",
        ),
        ({"backups": {"orders": {"path": "orders"}}}, "a full path"),
        ({"backup": {}}, "Did you mean 'backups'"),
    ],
)
def test_options_that_the_entry_declares_are_judged(options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        exporter_entry.instances(ENTRIES, {"backup": options}, [])


@pytest.mark.parametrize(
    ("collect", "message"),
    [
        ({"command": "x", "program": "backup"}, "one of command and program"),
        ({"interval": "1m"}, "one of command and program"),
        ({"program": "backups"}, "Did you mean 'backup'"),
    ],
)
def test_a_collector_is_a_command_or_a_program_that_there_is(collect: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        exporter_collect.files_of(instance({"collect": collect}), "/d")
