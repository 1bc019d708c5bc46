# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import ssh_access
from ansible_collections.groundwork.fleet.plugins.module_utils.ssh_access import Person

BASE = "permitrootlogin no\npubkeyauthentication yes\npasswordauthentication no\nkbdinteractiveauthentication no\n"
ANA = Person("ana", 1000, ["ana", "operators"], address="192.0.2.7")
ROOT = Person("root", 0, ["root"])


@pytest.mark.parametrize(
    ("person", "config"),
    [
        (ANA, ""),
        (ANA, "allowusers ben\nallowusers ana\n"),
        (ANA, "allowusers a?a@192.0.2.*\n"),
        (ANA, "allowusers ana@192.0.2.0/24\n"),
        (Person("ana", 1000), "allowusers ana@192.0.2.0/24\n"),
        (ANA, "allowgroups oper*\n"),
        (ANA, "denyusers ben\ndenygroups adm\n"),
        (Person("ana", 1000, has_key=False), "authorizedkeyscommand /usr/bin/keys\n"),
        (Person("ana", 1000, has_key=False), "trustedusercakeys /etc/ssh/ca.pub\n"),
    ],
)
def test_who_gets_in(person, config):
    assert ssh_access.reasons(BASE + config, person) == []


@pytest.mark.parametrize("value", ["yes", "prohibit-password", "without-password"])
def test_root_gets_in_with_a_key_where_that_is_permitted(value):
    assert ssh_access.reasons(BASE.replace("permitrootlogin no", "permitrootlogin " + value), ROOT) == []


@pytest.mark.parametrize(
    ("person", "config", "reason"),
    [
        (ROOT, "", "PermitRootLogin is 'no'"),
        (ANA, "allowusers ben\n", "AllowUsers is 'ben'"),
        (ANA, "allowusers ana@198.51.100.*\n", "AllowUsers"),
        (ANA, "allowusers ana@198.51.100.0/24\n", "AllowUsers"),
        (ANA, "allowusers * !ana\n", "AllowUsers"),
        (ANA, "denyusers a*\n", "DenyUsers"),
        (ANA, "allowgroups sudo\n", "AllowGroups is 'sudo' and the user's groups are 'ana operators'"),
        (ANA, "denygroups operators\n", "DenyGroups"),
        (Person("ana", 1000, has_key=False), "authorizedkeyscommand none\n", "no authorized key"),
    ],
)
def test_who_does_not_get_in_and_why(person, config, reason):
    (found,) = ssh_access.reasons(BASE + config, person)
    assert reason in found


def test_passwords_let_users_in_but_not_a_root_that_needs_a_key():
    config = BASE.replace("passwordauthentication no", "passwordauthentication yes").replace(
        "permitrootlogin no", "permitrootlogin prohibit-password"
    )
    assert ssh_access.reasons(config, Person("ana", 1000, has_key=False)) == []
    assert len(ssh_access.reasons(config, Person("root", 0, has_key=False))) == 1


def test_without_keys_and_passwords_nobody_gets_in():
    (found,) = ssh_access.reasons(BASE.replace("pubkeyauthentication yes", "pubkeyauthentication no"), ANA)
    assert "neither keys nor passwords" in found


@pytest.mark.parametrize(("after", "port"), [("port 22\nport 2222\n", 22), ("port 2222\n", 2022)])
def test_a_port_that_stays_or_that_is_forwarded(after, port):
    assert ssh_access.port_reasons("port 22\n", after, port) == []


def test_a_port_that_sshd_gives_up_under_the_connection():
    assert ssh_access.port_reasons("port 22\n", "port 2222\nport 2223\n", 22) == ["Port is '2222 2223' and the connection uses 22"]


def test_key_files():
    report = "authorizedkeysfile .ssh/authorized_keys /etc/keys/%u %h/k/%U/100%% none\n"
    assert ssh_access.key_files(report, "ana", "/home/ana", 1000) == [
        "/home/ana/.ssh/authorized_keys",
        "/etc/keys/ana",
        "/home/ana/k/1000/100%",
    ]


@pytest.mark.parametrize(("text", "expected"), [("", False), ("# x\n\n", False), ("ssh-ed25519 A\n", True)])
def test_holds_key(text, expected):
    assert ssh_access.holds_key(text) is expected


def test_the_staged_file_takes_its_place_among_the_included():
    pattern = "/etc/ssh/sshd_config.d/*.conf"
    found = [pattern.replace("*", name) for name in ("50-cloud", "05-first", "10-groundwork")]
    text = ssh_access.with_staged(
        f"Include {pattern}\nUsePAM yes\n", pattern.replace("*", "10-groundwork"), "/tmp/staged", {pattern: found}
    )
    assert text.splitlines() == [
        "Include /etc/ssh/sshd_config.d/05-first.conf",
        "Include /tmp/staged",
        "Include /etc/ssh/sshd_config.d/50-cloud.conf",
        "UsePAM yes",
    ]


def test_a_drop_in_that_is_not_included_is_refused():
    with pytest.raises(ValueError, match="no Include line"):
        ssh_access.with_staged("UsePAM yes\n", "/etc/ssh/sshd_config.d/10-groundwork.conf", "/tmp/staged", {})


@pytest.mark.parametrize(
    ("config", "person", "suffices"),
    [
        ("", ANA, False),
        ("kbdinteractiveauthentication yes\n", ANA, True),
        ("kbdinteractiveauthentication yes\nauthenticationmethods any\n", ANA, True),
        ("kbdinteractiveauthentication yes\nauthenticationmethods publickey,keyboard-interactive\n", ANA, False),
        ("kbdinteractiveauthentication yes\nauthenticationmethods publickey keyboard-interactive\n", ANA, True),
        ("kbdinteractiveauthentication yes\n", ROOT, False),
        ("kbdinteractiveauthentication yes\npermitrootlogin yes\n", ROOT, True),
    ],
)
def test_whether_a_password_alone_is_enough(config, person, suffices):
    base = "".join(line + "\n" for line in BASE.splitlines() if line.split()[0] not in config)
    assert ssh_access.password_suffices(base + config, person) is suffices


def test_all_lines_that_sshd_refuses_are_told_with_their_options():
    content = "# head\nMaxAuthTrys 3\nUsePrivilegeSeparation yes\nFoo a b\n"
    errors = (
        "/t/x: line 2: Bad configuration option: MaxAuthTrys\r\n/t/x line 3: Deprecated option UsePrivilegeSeparation\r\n"
        "/t/x: line 4: Bad configuration option: Foo\r\n/etc/ssh/other line 2: Bad yes/no argument\r\n/t/x line 99: what\r\n"
        "/t/x: terminating, 2 bad configuration options\r\n"
    )
    assert ssh_access.refused_lines(errors, "/t/x", content, "hardening_sshd", ["maxauthtries", "port"]) == [
        "hardening_sshd['MaxAuthTrys'] is '3'; sshd of this host refuses it: Bad configuration option: MaxAuthTrys."
        " Did you mean 'maxauthtries'?",
        "hardening_sshd['Foo'] is 'a b'; sshd of this host refuses it: Bad configuration option: Foo.",
    ]
    assert ssh_access.refused_lines("/etc/ssh/other line 2: x", "/t/x", content, "hardening_sshd") == []


def test_how_to_move_to_another_port():
    assert "Port: [22, 2222] in hardening_sshd, with firewall_ssh_ports: [22, 2222]. Then set ansible_port: 2222" in ssh_access.port_remedy(
        "port 2222\n", 22, "hardening_sshd"
    )
