#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring many systemd units into their wanted state in one call."""

from __future__ import annotations

DOCUMENTATION = r"""
module: units
short_description: Bring many systemd units into their wanted state at once
version_added: 0.1.0
author: groundwork.fleet contributors (@groundwork)
description:
  - Masks, enables, stops, starts, restarts and reloads any number of units in one call.
  - Reloads systemd where a file in a unit directory changed or systemd asks for it. That alone is not reported as a change.
  - A unit restarts when one of O(changed_files) is covered by its C(restart_on), and also when a file of C(restart_on)
    is newer than the start of the unit, which is what an interrupted run leaves behind.
  - A unit that has to run is watched until it is active; otherwise the module fails with the last lines of its journal.
extends_documentation_fragment:
  - groundwork.fleet.step
options:
  units:
    description:
      - Unit name, with its type, to a mapping of C(state) (V(started), V(stopped), V(restarted), V(reloaded)), C(enabled), C(masked),
        C(restart_on), C(reload_on), C(stable_for) and C(about).
      - C(stable_for) is for how many seconds a unit that was started, restarted or reloaded is watched (default 0). Where it ends, or
        systemd has to start it anew, the module fails with the last lines of its journal; nothing is watched where nothing was done.
      - C(about) says what the unit is of, for the error, such as V(Service shop, release 2.4.1).
      - What is left out is left alone. C(restart_on) and C(reload_on) are lists of absolute paths; a directory covers what is in it.
      - With C(state=stopped) a unit that does not exist is fine.
      - V(orders@*.service) with C(state=stopped) and C(enabled=false) stands for every enabled instance of the template that no other
        name is.
    type: dict
    default: {}
  changed_files:
    description: Paths that were changed before, usually RV(groundwork.fleet.files#module:changed_files).
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds to wait for units to become active or to stop.
    type: int
    default: 30
  change:
    description:
      - The change of the journal to which what is done to units belongs, usually RV(groundwork.fleet.files#module:change), so that
        M(groundwork.fleet.undo) takes both back. Without it this is a change of its own.
    type: str
    default: ""
attributes:
  check_mode:
    description: Predicts the changes; a unit that does not exist yet counts as changed.
    support: full
  diff_mode:
    description: Shows state and enablement of the units before and after.
    support: full
"""

EXAMPLES = r"""
- name: Run the service
  groundwork.fleet.units:
    units:
      rsyslog.service:
        state: started
        enabled: true
        restart_on: [/etc/rsyslog.d/10-groundwork.conf]
    changed_files: "{{ __log_shipping_written.changed_files }}"
"""

RETURN = r"""
started:
  description: Units that were started.
  type: list
  elements: str
  returned: always
restarted:
  description: Units that were restarted.
  type: list
  elements: str
  returned: always
reloaded:
  description: Units that were reloaded.
  type: list
  elements: str
  returned: always
stopped:
  description: Units that were stopped.
  type: list
  elements: str
  returned: always
enabled:
  description: Units that were enabled.
  type: list
  elements: str
  returned: always
disabled:
  description: Units that were disabled.
  type: list
  elements: str
  returned: always
masked:
  description: Units that were masked.
  type: list
  elements: str
  returned: always
unmasked:
  description: Units that were unmasked.
  type: list
  elements: str
  returned: always
change:
  description: The id of the change in the journal under which this can be undone, empty where no unit was touched.
  type: str
  returned: always
daemon_reloaded:
  description: Whether systemd read its unit files again.
  type: bool
  returned: always
unit:
  description: The unit that is not as wanted.
  type: str
  returned: failure
result:
  description: What systemd calls the result of that unit.
  type: str
  returned: failure
exit_status:
  description: The exit status of its main process.
  type: str
  returned: failure
journal:
  description: The last lines of its journal.
  type: list
  elements: str
  returned: failure
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import units


def main() -> None:
    standalone(AnsibleModule, units)


if __name__ == "__main__":
    main()
