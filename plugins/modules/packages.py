#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: packages
short_description: Install and remove packages in one transaction, and give back exactly what was installed
version_added: 0.1.0
author:
  - groundwork.fleet contributors (@groundwork-fleet)
description:
  - Installs, removes, holds and upgrades packages in one call of C(apt-get).
  - Remembers for each O(owner) what the host did not have before. O(state=absent) purges exactly that, as far as no other owner wants it.
  - A service that is newly installed is not started by its package; a unit that ran before may be restarted by its package.
  - An interrupted C(dpkg) is repaired first; a lock that another program holds is waited for.
  - Needs no Python bindings of apt on the host.
  - On a host of rpm it only compares. Where all of O(present) is installed and nothing of O(absent) is, nothing has to change; otherwise
    it fails and says what to run.
extends_documentation_fragment:
  - groundwork.fleet.step.lock
options:
  owner:
    description: Who asks, usually the name of a role. What one owner asks for in several tasks adds up.
    type: str
    required: true
  present:
    description: Packages to have. The value is the version (shell wildcards are allowed); null or V(*) is any version.
    type: dict
    default: {}
  absent:
    description: Packages to purge.
    type: list
    elements: str
    default: []
  held:
    description: Packages that no upgrade may change.
    type: list
    elements: str
    default: []
  others:
    description:
      - Further owners whose packages come in the same transaction. Each has what it wants recorded as its own, so that its own
        O(state=absent) gives back just that.
      - The host asks for what they want where one of them is new to it or something of O(present) is missing. The controller takes it from
        the variable C(__OWNER_packages) of each, a mapping like O(present); so that one is evaluated only where something is installed.
        In check mode the host does not ask; each owner tells its own.
    type: list
    elements: str
    default: []
  others_present:
    description: What O(others) want, owner to a mapping like O(present). Filled by the controller.
    type: dict
  upgrade:
    description:
      - Which installed packages to upgrade.
      - V(security) upgrades those whose new version comes from a suite named C(*-security). V(all) never removes a package.
    type: str
    choices: [none, security, all]
    default: none
  refresh:
    description:
      - How old the package lists may be, in seconds; they are fetched anyway when a repository changed or a wanted package is missing.
    type: int
    default: 86400
  state:
    description: V(absent) gives back what O(owner) caused to be installed, and forgets the owner.
    type: str
    choices: [present, absent]
    default: present
  install_recommends:
    description: Whether recommended packages are installed too.
    type: bool
    default: false
  config_files:
    description:
      - What becomes of a configuration file that was changed on the host where its package brings a new one. V(keep) keeps it, V(replace)
        takes the new one. Nobody is asked; RV(config_files) tells what was decided.
    type: str
    choices: [keep, replace]
    default: keep
attributes:
  check_mode:
    description: Asks apt to simulate. A package that the present lists do not know counts as installed, with a warning.
    support: full
  diff_mode:
    description: Shows name and version of each package that changes.
    support: full
"""

EXAMPLES = r"""
- name: Install what the role needs
  groundwork.fleet.packages:
    owner: log_shipping
    present: {rsyslog: null, rsyslog-gnutls: null}
- name: Pin a package and keep it
  groundwork.fleet.packages:
    owner: web
    present: {nginx: "1.22.*"}
    held: [nginx]
- name: Install what other roles will need too, in one transaction
  groundwork.fleet.packages:
    owner: packages
    present: {ca-certificates: null}
    others: [time_sync, services]
  vars:
    __time_sync_packages: {chrony: null}
    __services_packages: {nginx: null}
- name: Give everything back
  groundwork.fleet.packages:
    owner: log_shipping
    state: absent
"""

RETURN = r"""
installed:
  description: What is new on the host, name to version. In check mode what would be.
  returned: success
  type: dict
  sample: {chrony: "4.6.1-3"}
removed:
  description: What is gone, name to the version it had.
  returned: success
  type: dict
upgraded:
  description: What has another version now, name to the new version.
  returned: success
  type: dict
marked:
  description: Changed marks, such as C(hold nginx).
  returned: success
  type: list
  elements: str
repaired:
  description: Whether an interrupted C(dpkg) had to be (in check mode would have to be) repaired.
  returned: success
  type: bool
config_files:
  description: The configuration files that dpkg would have asked about, path to V(kept) or V(replaced). Nothing in check mode.
  returned: success
  type: dict
  sample: {/etc/ssh/sshd_config: kept}
refreshed:
  description: Whether the package lists were fetched. This alone is no change.
  returned: success
  type: bool
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import packages


def main() -> None:
    standalone(AnsibleModule, packages)


if __name__ == "__main__":
    main()
