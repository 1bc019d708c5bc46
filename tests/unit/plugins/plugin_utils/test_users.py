# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
from datetime import date

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import users


def key(kind="ssh-ed25519", comment="ana"):
    blob = len(kind).to_bytes(4, "big") + kind.encode() + (32).to_bytes(4, "big") + bytes(32)
    return f"{kind} {base64.b64encode(blob).decode()} {comment}"


KEY = key()


def test_defaults_are_filled_in():
    assert users.checked({"ana": {"keys": [KEY + "\n"]}}) == {
        "ana": {
            "state": "present",
            "service": False,
            "keys": [KEY],
            "expired": [],
            "expiring": [],
            "exclusive_keys": True,
            "sudo": "none",
            "sudo_rules": [],
            "groups": None,
            "uid": None,
            "shell": None,
            "comment": None,
            "home": None,
        }
    }
    assert users.checked({"ana": {"state": "absent"}}) == {"ana": {"state": "absent", "keep_home": "archive", "service": False}}
    assert users.checked({"ana": {"state": "locked", "keep_home": "delete"}})["ana"]["keep_home"] == "delete"


@pytest.mark.parametrize(
    ("accounts", "message"),
    [
        (["ana"], "users_accounts is"),
        ({"ana": None}, r"\['ana'\]\.keys is \[\]; expected at least one"),
        ({"ana": "all"}, r"\['ana'\] is 'all'; expected a mapping"),
        ({"root": {"keys": [KEY]}}, "other than root"),
        ({"Ana": {"keys": [KEY]}}, "in lower case"),
        ({"a b": {"keys": [KEY]}}, "in lower case"),
        ({"ana": {"keys": [KEY], "sudoo": "all"}}, "Did you mean 'sudo'"),
        ({"ana": {"keys": [KEY], "home": "/x"}}, "expected a known option"),
        ({"ana": {"keys": [KEY], "state": "abset"}}, "Did you mean 'absent'"),
        ({"ana": {"state": "absent", "keep_home": "archiv"}}, r"keep_home is 'archiv'.*Did you mean 'archive'"),
        ({"ana": {"keys": [KEY], "sudo": "operater"}}, r"\['ana'\]\.sudo is 'operater'.*Did you mean 'operator'"),
        ({"ana": {"keys": [KEY], "groups": "adm"}}, "a list of names of groups"),
        ({"ana": {"keys": [KEY], "uid": 0}}, "a number from 1"),
        ({"ana": {"keys": [KEY], "uid": True}}, "a number from 1"),
        ({"ana": {"keys": [KEY], "comment": "a:b"}}, "without a colon"),
        ({"ana": {"keys": [KEY], "shell": "/bin/sh\nroot"}}, "without a colon"),
        ({"ana": {"keys": [KEY], "require_security_key": "yes"}}, "true or false"),
        ({"ana": {"keys": [KEY], "require_security_key": True}}, r"keys\[0\] is 'ssh-ed25519'.*FIDO2"),
    ],
)
def test_what_is_wrong_is_named(accounts, message):
    with pytest.raises(BadInput, match=message):
        users.checked(accounts, {"operator": {"commands": ["/bin/x"]}})


def test_a_service_needs_no_key_and_is_no_person():
    found = users.checked({}, None, {"deploy": None, "sync": {"home": "/var/lib/sync", "keys": [KEY], "shell": "/bin/sh"}})
    assert found["deploy"]["service"] and found["deploy"]["keys"] == [] and found["sync"]["home"] == "/var/lib/sync"
    with pytest.raises(BadInput, match=r"users_service_accounts\['ana'\] is 'ana'; expected a name that is not among users_accounts"):
        users.checked({"ana": {"keys": [KEY]}}, None, {"ana": {}})
    with pytest.raises(BadInput, match=r"users_service_accounts\['x'\]\.home is 'lib'"):
        users.checked({}, None, {"x": {"home": "lib"}})


def test_who_is_left_without_a_key_is_warned_of_not_refused():
    keys = [{"key": KEY, "owner": "laptop", "expires": "2026-01-31"}]
    found = users.checked({"ana": {"keys": keys}, "ben": {"keys": [{"key": KEY, "expires": "2026-02-10"}]}}, today=date(2026, 1, 31))
    assert found["ana"]["keys"] == [] and found["ben"]["keys"] == ['expiry-time="20260210" ' + KEY]
    said = list(users.warnings(found))
    assert len(said) == 3 and "has expired and is not installed" in said[0] and "(laptop) since 2026-01-31" in said[0]
    assert "'ana' has no key left" in said[1] and "'ben' expires soon" in said[2] and "2026-02-10" in said[2]


def test_key_files():
    observed = {"ana": {"home": "/home/ana", "group": "ana", "text": "k\n"}, "ben": {"home": "/home/ben/", "group": "staff", "text": None}}
    assert users.key_files(observed) == {
        "/home/ana/.ssh": {"directory": True, "mode": "0700", "owner": "ana", "group": "ana"},
        "/home/ana/.ssh/authorized_keys": {"content": "k\n", "mode": "0600", "owner": "ana", "group": "ana"},
        "/home/ben/.ssh/authorized_keys": {"absent": True},
    }
    assert list(users.key_files(observed, removing=True)) == ["/home/ben/.ssh", "/home/ben/.ssh/authorized_keys"]
