# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
from datetime import date, datetime
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import users_keys

TODAY = date(2027, 1, 1)


def key(kind: str = "ssh-ed25519", comment: str = "ana") -> str:
    blob = len(kind).to_bytes(4, "big") + kind.encode() + (32).to_bytes(4, "big") + bytes(32)
    return f"{kind} {base64.b64encode(blob).decode()} {comment}"


KEY = key()


@pytest.mark.parametrize(
    "line", [key("sk-ssh-ed25519@openssh.com"), key("ecdsa-sha2-nistp256"), 'from="192.0.2.0/24",no-pty ' + KEY, KEY.rsplit(" ", 1)[0]]
)
def test_keys_with_options_and_of_other_types(line: str) -> None:
    assert users_keys.checked_key("k", line).line == line


def test_a_secret_in_rotation_is_two_keys() -> None:
    other = key("ecdsa-sha2-nistp256")
    assert [one.line for one in users_keys.declared_keys("k", KEY + "\n" + other)] == [KEY, other]
    named = users_keys.declared_keys("k", {"key": KEY + "\n" + other + "\n", "owner": "backup"})
    assert [one.line.rpartition(" ")[2] for one in named] == ["backup", "backup"]
    assert users_keys.declared_keys("k", KEY + "\n") == [users_keys.declared_key("k", KEY)]
    with pytest.raises(BadInput, match=r"one whole line of a .pub file"):
        users_keys.declared_keys("k", KEY + "\nana")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ana",
        "ssh-ed25519",
        "ssh-ed25519 AAAA",
        KEY.replace("ssh-ed25519", "ssh-rsa"),
        KEY + "\n" + KEY,
        KEY[:40],
        None,
        7,
        "ssh-dss " + KEY.split()[1],
    ],
)
def test_a_key_that_is_none_is_refused(line: Any) -> None:
    with pytest.raises(BadInput, match=r"keys\[0\] is .*one whole line of a \.pub file"):
        users_keys.declared_key("keys[0]", line)


def test_a_private_key_is_not_shown() -> None:
    with pytest.raises(BadInput, match="hidden") as error:
        users_keys.declared_key("k", {"key": "-----BEGIN OPENSSH PRIVATE KEY-----\nabcdef"})
    assert "abcdef" not in str(error.value)


@pytest.mark.parametrize("expires", ["2027-01-31", date(2027, 1, 31)])
def test_owner_and_expiry_stand_in_the_line(expires: Any) -> None:
    found = users_keys.declared_key("k", {"key": "no-pty " + KEY, "owner": "Ana's laptop", "expires": expires})
    assert found.line == 'expiry-time="20270131",no-pty ' + KEY.rsplit(" ", 1)[0] + " Ana's laptop"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"key": KEY, "expires": "31.01.2027"}, r"k\.expires is '31\.01\.2027'; expected a day of the calendar"),
        ({"key": KEY, "expires": "2027-02-30"}, r"k\.expires is '2027-02-30'"),
        ({"key": KEY, "expires": "20270131"}, r"k\.expires is"),
        ({"key": KEY, "expires": 20270131}, r"k\.expires is 20270131"),
        ({"key": KEY, "expires": datetime(2027, 1, 31)}, r"k\.expires is"),
        ({"key": 'expiry-time="20270101" ' + KEY, "expires": "2027-01-31"}, "expected one expiry"),
        ({"key": KEY, "owner": "a\nb"}, "a name in one line"),
        ({"key": KEY, "expire": "2027-01-31"}, "Did you mean 'expires'"),
        ({"owner": "ana"}, r"k\.key is None"),
    ],
)
def test_what_is_wrong_is_named(given: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        users_keys.declared_key("k", given)


def test_only_keys_of_a_token() -> None:
    found = users_keys.only_security_key("k", users_keys.checked_key("k", key("sk-ssh-ed25519@openssh.com")))
    assert found.line.startswith("verify-required sk-ssh-ed25519@openssh.com ")
    with pytest.raises(BadInput, match="FIDO2"):
        users_keys.only_security_key("k", users_keys.checked_key("k", KEY))
    with pytest.raises(BadInput, match="has to be touched"):
        users_keys.only_security_key("k", users_keys.checked_key("k", "no-touch-required " + key("sk-ssh-ed25519@openssh.com")))


@pytest.mark.parametrize(
    ("expires", "state"),
    [
        ("", "keys"),
        ("2027-01-01", "expired"),
        ("2026-12-31", "expired"),
        ("2027-01-02", "expiring"),
        ("2027-01-31", "expiring"),
        ("2027-02-01", "keys"),
    ],
)
def test_what_has_expired_and_what_soon_will(expires: str, state: str) -> None:
    declared = users_keys.declared_key("k", {"key": KEY, "expires": expires or None})
    found = users_keys.sorted_out([declared], TODAY, 30)
    assert bool(found["keys"]) == (state != "expired")
    assert [bool(found[name]) for name in ("expired", "expiring")] == [state == "expired", state == "expiring"]
