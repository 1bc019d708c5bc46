# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_rotation
from ansible_collections.groundwork.fleet.plugins.plugin_utils.log_types import Input

WHERE = "fleet_logs.inputs.app.rotate"


def made(rotate: Any, *paths: str) -> Input:
    return Input("app", "files", paths or ("/var/log/app/*.log",), rotation=log_rotation.parsed(WHERE, rotate))


def test_a_program_is_told_to_open_its_files_anew() -> None:
    text = log_rotation.files([made({"reload": "app.service", "size": "1m", "keep": 3, "every": "weekly"}), Input("other", "files")])
    assert text[log_rotation.FILE]["content"].splitlines()[1:] == [
        "# fleet_logs.inputs.app.rotate",
        '"/var/log/app/*.log" {',
        *("    " + line for line in ("weekly", "maxsize 1048576", "rotate 3", "compress", "delaycompress", "missingok", "notifempty")),
        *("    " + line for line in ("sharedscripts", "postrotate", "    systemctl try-reload-or-restart app.service", "endscript")),
        "}",
    ]


def test_the_file_goes_where_nothing_is_rotated() -> None:
    assert log_rotation.files([Input("other", "files")]) == {log_rotation.FILE: {"absent": True}}
    assert log_rotation.validate([Input("other", "files")]) == []


@pytest.mark.parametrize(
    ("rotate", "named"),
    [
        ({}, "rotate is {}; expected either reload or truncate: true"),
        ({"reload": "a.service", "truncate": True}, "expected either reload or truncate"),
        ({"reload": "a b"}, r"rotate\.reload is 'a b'; expected the name of a service of systemd"),
        ({"truncate": "yes"}, r"rotate\.truncate is 'yes'; expected true or false"),
        ({"truncate": True, "keep": -1}, r"rotate\.keep is -1; expected how many old files stay"),
        ({"truncate": True, "keep": True}, r"rotate\.keep is True"),
        ({"truncate": True, "size": "big"}, r"rotate\.size is 'big'; expected a size"),
        ({"truncate": True, "every": "dayly"}, r"rotate\.every.*daily"),
        ({"truncat": True}, r"rotate.*truncat"),
        ("daily", "rotate is 'daily'; expected a mapping"),
    ],
)
def test_bad_input_is_named(rotate: Any, named: str) -> None:
    with pytest.raises(BadInput, match=named):
        log_rotation.parsed(WHERE, rotate)
