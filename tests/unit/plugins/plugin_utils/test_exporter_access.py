# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import exporter_access as access

USERS = {"prometheus": "correct horse"}


@pytest.mark.parametrize(
    ("way", "certificate", "password"), [("certificates", True, False), ("both", True, True), ("password", False, True)]
)
def test_the_web_configuration_asks_for_what_was_chosen(way: str, certificate: bool, password: bool) -> None:
    document = yaml.safe_load(access.web_config("/run/c", way, {"prometheus": "hash"} if password else {}))
    assert ("client_auth_type" in document["tls_server_config"]) is certificate
    assert ("basic_auth_users" in document) is password
    assert document["tls_server_config"]["min_version"] == "TLS12"


def test_the_host_scrapes_as_the_first_user() -> None:
    assert access.authorization({"b": "2", "a": "1"}) == "Authorization: Basic YTox\n"


@pytest.mark.parametrize(
    ("way", "users", "message"),
    [
        ("both", {}, "a user where exporters_authentication is both"),
        ("certificates", USERS, "nothing where exporters_authentication is certificates"),
        ("pasword", USERS, "Did you mean 'password'"),
        ("both", {"a:b": "c"}, "of a user without a colon"),
        ("both", {"a": 7}, r"exporters_basic_auth\.a is \(hidden\)"),
    ],
)
def test_what_cannot_be_is_refused(way: str, users: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        access.checked_users(way, users)


def test_nobody_scrapes_with_a_password_by_default() -> None:
    assert access.checked_users("certificates", {}) == {}


def test_a_login_that_is_rotated_lets_both_users_in() -> None:
    assert access.checked_users("both", "scrape_b:new\nscrape_a:old:er\n") == {"scrape_a": "old:er", "scrape_b": "new"}
    with pytest.raises(BadInput) as caught:
        access.checked_users("both", "plain words")
    assert "plain" not in str(caught.value)
    with pytest.raises(BadInput, match="exporters_basic_auth") as caught:
        access.checked_users("both", ["plain"])
    assert "plain" not in str(caught.value)
