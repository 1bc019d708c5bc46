# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import reach


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"inventory_hostname": "web-1"}, ("inventory_hostname", "web-1")),
        ({"inventory_hostname": "web-1", "ansible_host": "10.0.0.1"}, ("ansible_host", "10.0.0.1")),
        ({"ansible_host": "10.0.0.1", "ansible_ssh_host": "10.0.0.2"}, ("ansible_ssh_host", "10.0.0.2")),
    ],
)
def test_which_variable_gives_the_address(variables: dict[str, str], expected: tuple[str, str]) -> None:
    assert reach.address_of(variables, lambda value: value) == expected


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        ("ssh: Could not resolve hostname x", "mend ansible_host, or add the name to DNS"),
        ("x@y: Permission denied (publickey).", "Give a user and key"),
        ("Host key verification failed.", "put it into known_hosts"),
        ("connect to host x port 1: Connection refused", "start sshd, or mend ansible_port"),
        ("Connection timed out", "Start the host"),
        ("No route to host", "Start the host"),
        ("Missing sudo password", "--ask-become-pass"),
        ("/bin/sh: python3: not found", "Install Python"),
        ("something else", "Mend the connection and run again."),
    ],
)
def test_each_reason_has_a_remedy(reason: str, remedy: str) -> None:
    told = reach.unreachable("ansible_host", "10.0.0.1", 22, "Failed:\n  %s" % reason)
    assert told.startswith("ansible_host is '10.0.0.1'; expected the address of a host that answers on port 22.")
    assert remedy in told
    assert "\n" not in told


def test_without_a_port_none_is_named() -> None:
    assert "answers." in reach.unreachable("ansible_host", "x", None, "y")


def test_a_host_without_an_address_of_its_own() -> None:
    told = reach.not_managed("inventory_hostname", "web-1", "python3: not found")
    assert told.startswith("inventory_hostname (ansible_host is not set) is 'web-1'; expected the address of a host where Python runs")


def test_what_a_host_is_asked_is_one_call() -> None:
    bound = {"folders": {"Debian": "/d", "RedHat": "/r"}}
    assert reach.question(False, []) == ("ansible.legacy.ping", {})
    assert reach.question(True, []) == ("groundwork.fleet.facts", {"gather_subset": ["min", "network", "virtual"]})
    module, options = reach.question(False, [bound])
    assert module == "groundwork.fleet.facts" and options == {
        "gather_subset": ["!all", "!min", "distribution"],
        "file_systems": ["/d", "/r"],
    }
