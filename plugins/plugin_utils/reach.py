# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages about a host that cannot be managed, or has not the room for what is declared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import disk_bounds
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input

_REMEDIES = (
    ("could not resolve", "The name is not known here: mend ansible_host, or add the name to DNS."),
    ("permission denied", "Give a user and key that the host knows (ansible_user, ansible_ssh_private_key_file)."),
    ("host key verification failed", "Verify the host's key and put it into known_hosts."),
    ("connection refused", "The host is there, but nothing listens: start sshd, or mend ansible_port."),
    ("timed out", "Start the host, or mend ansible_host, a route or a firewall on the way."),
    ("no route to host", "Start the host, or mend ansible_host or the route to it."),
    ("sudo", "Give the user the right to become root, or the password (--ask-become-pass)."),
    ("python", "Install Python on the host (ansible HOST -m ansible.builtin.raw -a 'apt-get install -y python3')."),
)


def address_of(variables: Mapping[str, Any], render: Callable[[Any], Any]) -> tuple[str, str]:
    """Return which variable gives the address of the host, and the address."""
    for name in ("ansible_ssh_host", "ansible_host"):
        if variables.get(name):
            return name, str(render(variables[name]))
    return "inventory_hostname", str(variables.get("inventory_hostname"))


def has_facts(variables: Mapping[str, Any]) -> bool:
    """Return whether facts of the network are known of the host, as playbooks/facts.yml asks for them."""
    return bool((variables.get("ansible_facts") or {}).get("default_ipv4") is not None)


def unreachable(variable: str, address: str, port: object, reason: str) -> str:
    """Return the message about a host that does not answer."""
    expected = "the address of a host that answers%s" % (" on port %s" % port if port else "")
    return _message(variable, address, expected, reason)


def not_managed(variable: str, address: str, reason: str) -> str:
    """Return the message about a host that answers, but where Python or root is missing."""
    return _message(variable, address, "the address of a host where Python runs with the play's privileges", reason)


def message(host: str, problems: list[str]) -> str:
    """Return the one message about all problems of a host."""
    count = "1 problem" if len(problems) == 1 else "%d problems" % len(problems)
    lines = ["%s in the variables of %s; nothing was touched." % (count, host)]
    return "\n".join(lines + ["  %d. %s" % (number, text) for number, text in enumerate(problems, start=1)])


def question(wants_facts: bool, bounds: Iterable[Mapping[str, Any]]) -> tuple[str, dict[str, Any]]:
    """Return the module that the host is asked by, and its options. bounds: as M(groundwork.fleet.preflight) returns them."""
    folders = sorted({folder for one in bounds for folder in one["folders"].values()})
    if not wants_facts and not folders:
        return "ansible.legacy.ping", {}
    # What a folder is called depends on the distribution.
    subset = ["min", "network", "virtual"] if wants_facts else ["!all", "!min", "distribution"]
    return "groundwork.fleet.facts", {"gather_subset": subset, **({"file_systems": folders} if folders else {})}


def refused_bounds(bounds: Iterable[Mapping[str, Any]], answer: Mapping[str, Any]) -> list[str]:
    """Return what does not fit on the file systems of a host.

    bounds: as M(groundwork.fleet.preflight) returns them. answer: of the module M(groundwork.fleet.facts).
    """
    family = answer["ansible_facts"].get("ansible_os_family")
    found = []
    for one in bounds:
        folder = one["folders"].get(family, "")
        problem = disk_bounds.refusal(
            one["variable"], one["value"], one["bytes"], folder, answer["file_systems"].get(folder, one["bytes"] + 1)
        )
        found += [problem] if problem else []
    return found


def _message(variable: str, address: str, expected: str, reason: str) -> str:
    told = " ".join(reason.split())
    lowered = told.lower()
    remedy = next((text for sign, text in _REMEDIES if sign in lowered), "Mend the connection and run again.")
    where = "%s (ansible_host is not set)" % variable if variable == "inventory_hostname" else variable
    return str(bad_input(where, address, expected, "%s Ansible says: %s" % (remedy, told[:300])))
