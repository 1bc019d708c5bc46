# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import csv
import json
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import login_report

KEY = {"fingerprint": "SHA256:x", "owner": "=Ana", "expires": "2027-01-31", "last_used": "2026-11-25T22:39:03Z"}
ANA: dict[str, Any] = {
    "name": "ana", "kind": "person", "ways": ["key SHA256:x (AuthenticationMethods a,b)", "password at the console"], "keys": [KEY],
    "barred": "", "expires": "", "sudo": ["(ALL) ALL"], "last_login": "2026-11-25T22:39:03Z",
}  # fmt: skip
BIN = {**ANA, "name": "bin", "kind": "system", "ways": [], "keys": [], "barred": "its shell is /usr/sbin/nologin", "sudo": []}
HOSTS = {"web-2": [ANA], "web-1": [BIN]}


def test_each_way_in_is_a_row() -> None:
    rows = login_report.rows(HOSTS)
    assert [(row["host"], row["account"], row["way"]) for row in rows] == [
        ("web-1", "bin", "none: its shell is /usr/sbin/nologin"),
        ("web-2", "ana", "key SHA256:x (AuthenticationMethods a,b)"),
        ("web-2", "ana", "password at the console"),
    ]
    assert [row["expires"] for row in rows] == ["", "2027-01-31", ""] and rows[1]["owner"] == "=Ana"


def test_a_table_says_what_repeats_once() -> None:
    lines = login_report.report(HOSTS).splitlines()
    assert lines[0].split()[:4] == ["host", "account", "kind", "way"] and len(lines) == 4
    assert lines[2].startswith("web-2  ana      person  key SHA256:x") and lines[3].strip() == "password at the console"
    assert login_report.report({}).splitlines()[0].startswith("host  account")


def test_csv_is_read_as_text_by_a_spreadsheet() -> None:
    rows = list(csv.DictReader(login_report.report(HOSTS, "csv").splitlines()))
    assert rows[1]["owner"] == "'=Ana" and rows[1]["way"] == "key SHA256:x (AuthenticationMethods a,b)" and len(rows) == 3


def test_json_has_everything() -> None:
    assert json.loads(login_report.report(HOSTS, "json")) == HOSTS


def test_an_unknown_form_is_named() -> None:
    with pytest.raises(BadInput, match="Did you mean 'table'"):
        login_report.report(HOSTS, "tabel")
