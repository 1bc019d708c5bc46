# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

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
            "keys": [KEY],
            "exclusive_keys": True,
            "sudo": "none",
            "groups": None,
            "uid": None,
            "shell": None,
            "comment": None,
        }
    }
    assert users.checked({"ana": {"state": "absent"}}) == {"ana": {"state": "absent"}}


@pytest.mark.parametrize(
    "line", [key("sk-ssh-ed25519@openssh.com"), key("ecdsa-sha2-nistp256"), 'from="192.0.2.0/24",no-pty ' + KEY, KEY.rsplit(" ", 1)[0]]
)
def test_keys_with_options_and_of_other_types(line):
    assert users.checked_key("k", line) == line


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
def test_a_key_that_is_none_is_refused(line):
    with pytest.raises(BadInput, match=r"users_accounts\['ana'\]\.keys\[0\] is .*one whole line of a \.pub file"):
        users.checked({"ana": {"keys": [line]}})


def test_a_private_key_is_not_shown():
    with pytest.raises(BadInput, match="hidden") as error:
        users.checked({"ana": {"keys": ["-----BEGIN OPENSSH PRIVATE KEY-----\nabcdef"]}})
    assert "abcdef" not in str(error.value)


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
        ({"ana": {"keys": [KEY], "state": "abset"}}, "Did you mean 'absent'"),
        ({"ana": {"keys": [KEY], "sudo": "yes"}}, "all, none or a list of commands"),
        ({"ana": {"keys": [KEY], "sudo": []}}, "all, none or a list of commands"),
        ({"ana": {"keys": [KEY], "sudo": ["reboot"]}}, "a command by its absolute path"),
        ({"ana": {"keys": [KEY], "sudo": ["/bin/a\nana ALL=(ALL) ALL"]}}, "a command by its absolute path"),
        ({"ana": {"keys": [KEY], "groups": "adm"}}, "a list of names of groups"),
        ({"ana": {"keys": [KEY], "uid": 0}}, "a number from 1"),
        ({"ana": {"keys": [KEY], "uid": True}}, "a number from 1"),
        ({"ana": {"keys": [KEY], "comment": "a:b"}}, "without a colon"),
        ({"ana": {"keys": [KEY], "shell": "/bin/sh\nroot"}}, "without a colon"),
    ],
)
def test_what_is_wrong_is_named(accounts, message):
    with pytest.raises(BadInput, match=message):
        users.checked(accounts)


def test_sudo_drop_ins():
    accounts = users.checked(
        {
            "ana": {"keys": [KEY], "sudo": "all"},
            "b.c": {"keys": [KEY], "sudo": ["/bin/mount -o a=b,c /x", "/bin/x"]},
            "dan": {"keys": [KEY]},
            "eve": {"state": "absent"},
        }
    )
    files = users.sudo_files(accounts, ["former"])
    assert files["/etc/sudoers.d/groundwork-ana"]["content"].splitlines()[1] == "ana ALL=(ALL:ALL) NOPASSWD: ALL"
    assert (
        files["/etc/sudoers.d/groundwork-b%2Ec"]["content"].splitlines()[1] == r"b.c ALL=(root) NOPASSWD: /bin/mount -o a\=b\,c /x, /bin/x"
    )
    assert files["/etc/sudoers.d/groundwork-ana"]["mode"] == "0440"
    for name in ("dan", "eve", "former"):
        assert files[f"/etc/sudoers.d/groundwork-{name}"] == {"absent": True}


def test_key_files():
    observed = {"ana": {"home": "/home/ana", "group": "ana", "text": "k\n"}, "ben": {"home": "/home/ben/", "group": "staff", "text": None}}
    assert users.key_files(observed) == {
        "/home/ana/.ssh": {"directory": True, "mode": "0700", "owner": "ana", "group": "ana"},
        "/home/ana/.ssh/authorized_keys": {"content": "k\n", "mode": "0600", "owner": "ana", "group": "ana"},
        "/home/ben/.ssh/authorized_keys": {"absent": True},
    }
    assert list(users.key_files(observed, removing=True)) == ["/home/ben/.ssh", "/home/ben/.ssh/authorized_keys"]
