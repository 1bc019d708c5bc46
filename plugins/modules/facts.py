#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: facts
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The facts that the roles of this collection use, in one call
description:
  - Gathers subsets of M(ansible.builtin.setup) and adds two facts that cost nothing but are in none of its cheap subsets. Without them the
    role C(services) asks the host in a call of its own.
options:
  gather_subset:
    description: As that of M(ansible.builtin.setup).
    type: list
    elements: str
    default: [min, network, virtual]
  file_systems:
    description: Folders, there already or not, of whose file systems the size is wanted.
    type: list
    elements: path
    default: []
attributes:
  check_mode:
    support: full
    description: Does the same.
  diff_mode:
    support: none
    description: It changes nothing.
  facts:
    support: full
    description: Returns facts.
"""

EXAMPLES = r"""
- name: Gather the facts
  groundwork.fleet.facts:
"""

RETURN = r"""
ansible_facts:
  description: The facts of the subsets, and these.
  returned: always
  type: dict
  contains:
    memtotal_mb:
      description: The memory of the host in MiB, as the subset C(hardware) has it (C(MemTotal) of proc(5)).
      type: int
      returned: where the host tells
    systemd_creds:
      description: Whether the host has systemd-creds(1), by which services keep their secrets encrypted.
      type: bool
      returned: always
file_systems:
  description: Folder to the size of its file system in bytes (statvfs(3)).
  returned: always
  type: dict
  sample: {/var/spool: 42104365056}
unit_files:
  description:
    - The paths of the systemd units of this collection on the host. No fact, for a fact may come from a cache that is older than the run.
  returned: always
  type: list
  elements: str
  sample: [/etc/systemd/system/groundwork-exporter-node.service]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.facts import ansible_collector, default_collectors
from ansible.module_utils.facts.namespace import PrefixFactNamespace
from ansible_collections.groundwork.fleet.plugins.module_utils import disk_bounds, host_facts

#: What the subset `min` of ansible.builtin.setup is.
MINIMUM = frozenset(
    ("apparmor", "caps", "cmdline", "date_time", "distribution", "dns", "env", "fips", "local")
    + ("lsb", "pkg_mgr", "platform", "python", "selinux", "service_mgr", "ssh_pub_keys", "user")
)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "gather_subset": {"type": "list", "elements": "str", "default": ["min", "network", "virtual"]},
            "file_systems": {"type": "list", "elements": "path", "default": []},
        },
        supports_check_mode=True,
    )
    subset = [*module.params["gather_subset"], *host_facts.SUBSETS]
    module.params.update(gather_subset=subset, gather_timeout=10, filter=[], fact_path="/etc/ansible/facts.d")  # collectors read them
    try:
        collector = ansible_collector.get_ansible_collector(
            all_collector_classes=[*default_collectors.collectors, *host_facts.COLLECTORS],
            namespace=PrefixFactNamespace(namespace_name="ansible", prefix="ansible_"),
            filter_spec=[],
            gather_subset=subset,
            gather_timeout=10,
            minimal_gather_subset=MINIMUM,
        )
    except (TypeError, ValueError, KeyError) as error:
        module.fail_json(msg="gather_subset: %s; expected subsets of ansible.builtin.setup." % error)
    try:
        sizes = {folder: disk_bounds.size(folder) for folder in module.params["file_systems"]}
    except OSError as error:
        module.fail_json(msg="file_systems: the size of one cannot be told: %s" % error)
    module.exit_json(ansible_facts=collector.collect(module=module), unit_files=host_facts.unit_files(), file_systems=sizes)


if __name__ == "__main__":
    main()
