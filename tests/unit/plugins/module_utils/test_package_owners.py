# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import apt, package_owners
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

WISHES: dict[str, dict[str, str | None]] = {"base": {"web": "1.*", "tree": None}, "shop": {"web": "2.*", "tree": "1"}}


def test_where_two_name_a_version_the_first_one_counts() -> None:
    assert package_owners.together(WISHES) == {"web": "1.*", "tree": "1"}
    assert package_owners.wanted_by(WISHES, "tree") == ["base", "shop"]


def test_what_is_told_is_checked() -> None:
    assert package_owners.checked({"shop": {"web:amd64": "*"}}, "amd64") == {"shop": {"web": None}}
    for told in ([], {"shop": ["web"]}, {"shop": {"Web!": None}}):
        with pytest.raises(BadInput):
            package_owners.checked(told, "amd64")


def test_a_contradiction_is_refused_with_both() -> None:
    with pytest.raises(BadInput, match=re.escape("change what 'shop' asks for")):
        package_owners.contradictions({"shop": {"web": None}}, ["web"])
    package_owners.contradictions({"shop": {"web": None}}, ["tree"])


@pytest.mark.parametrize(
    ("others", "told", "joined", "incomplete", "asked"),
    [
        (["shop"], None, ["shop"], False, []),
        (["shop"], None, ["shop"], True, ["shop"]),
        (["shop", "clock"], None, ["shop"], False, ["shop", "clock"]),
        (["shop"], {}, [], True, []),
        ([], None, [], True, []),
    ],
)
def test_when_the_host_asks(others: list[str], told: Any, joined: list[str], incomplete: bool, asked: list[str]) -> None:
    assert package_owners.asked({"others": others, "others_present": told}, {"joined": joined}, incomplete) == asked


def test_what_no_share_explains_counts_for_all_that_had_something_missing() -> None:
    records: dict[str, Any] = apt.load_records("")
    shares = {"base": package_owners.Share({"web", "ssl"}, set()), "clock": package_owners.Share({"ntp"}, {"timesyncd"})}
    wishes = {"base": {"web": None}, "clock": {"ntp": None}, "idle": {"tree": None}}
    package_owners.record(records, wishes, ["web", "ssl", "ntp", "odd"], ["timesyncd"], shares)
    owners = records["owners"]
    assert owners["base"]["dependencies"] == ["odd", "ssl"] and owners["clock"]["dependencies"] == ["odd"]
    assert owners["base"]["displaced"] == [] and owners["clock"]["displaced"] == ["timesyncd"]
    assert owners["idle"]["wants"] == ["tree"] and owners["idle"]["explicit"] == owners["idle"]["dependencies"] == []
