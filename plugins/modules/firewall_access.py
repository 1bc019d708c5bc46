#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: firewall_access
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Refuse a firewall that would lock the connecting user out
description:
  - Judges what rules that are not loaded yet would do to a new connection like the SSH connection of this run, from the same
    address to the same port, and fails with the rule that would refuse it. Nothing is changed.
  - The connection is what C(SSH_CONNECTION) of sshd says, in the environment of the module or of a process that it descends from.
    Where no process knows it (a container's console, a local run), nothing is judged.
extends_documentation_fragment:
  - groundwork.fleet.attributes.reads
options:
  entries:
    description:
      - What the rules say of new connections by TCP, in their order. Each has C(name), C(action) (V(accept), V(drop) or V(reject)),
        C(ports) (a number or a range such as V(9100-9200)) and C(addresses) (addresses and CIDR blocks; null for all).
      - What no entry decides is dropped. Loopback is always accepted.
    type: list
    elements: dict
    required: true
seealso:
  - plugin: groundwork.fleet.firewall_ruleset
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Refuse to lock ourselves out
  groundwork.fleet.firewall_access:
    entries:
      - {name: ssh 22 from office, action: accept, ports: "22", addresses: [192.0.2.0/24, "2001:db8::/32"]}
"""

RETURN = r"""
known:
  description: Whether the connection is known.
  type: bool
  returned: always
address:
  description: From where this run is connected; empty where that is not known.
  type: str
  returned: always
port:
  description: The port of the host to which it is connected; 0 where that is not known.
  type: int
  returned: always
accepted_by:
  description: The name of the entry that accepts it.
  type: str
  returned: always
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import firewall_access


def main() -> None:
    standalone(AnsibleModule, firewall_access)


if __name__ == "__main__":
    main()
