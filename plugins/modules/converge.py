#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: converge
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Take all the steps of a role in one round trip
description:
  - Runs a list of steps, each of which is a module of this collection, in one process on the host.
    The controller prepares all of them first.
  - The first step that fails ends the list. What the steps before it did stays and is reported, and the next run goes on from there;
    with O(confirm) it is taken back.
  - The steps travel as one text that Ansible shows nowhere, so no secret in them is seen at any verbosity.
options:
  steps:
    description:
      - A list of mappings. Each has the name of one module as a key, with the options of that module as its value. The modules are
        M(groundwork.fleet.packages), M(groundwork.fleet.files), M(groundwork.fleet.units), M(groundwork.fleet.health_check),
        M(groundwork.fleet.observe), M(groundwork.fleet.release), M(groundwork.fleet.accounts), M(groundwork.fleet.system_users),
        M(groundwork.fleet.settings_file), M(groundwork.fleet.kernel_settings), M(groundwork.fleet.presence),
        M(groundwork.fleet.logins), M(groundwork.fleet.ssh_access), M(groundwork.fleet.permissions), M(groundwork.fleet.mounts),
        M(groundwork.fleet.pam), M(groundwork.fleet.patch_status), M(groundwork.fleet.patch_run),
        M(groundwork.fleet.password_ages), M(groundwork.fleet.firewall_access), M(groundwork.fleet.sudo_group),
        M(groundwork.fleet.key_owners), M(groundwork.fleet.postgresql_cluster), M(groundwork.fleet.postgresql_objects),
        M(groundwork.fleet.postgresql_promotion), M(groundwork.fleet.python_environment), M(groundwork.fleet.postgresql_logins),
        M(groundwork.fleet.units_off), M(groundwork.fleet.container_images), M(groundwork.fleet.blue_green),
        M(groundwork.fleet.log_arrivals) and M(groundwork.fleet.deploy_hooks).
      - C(id) beside it is the name under which its result stands in RV(results), by default that of the module; each may stand there once.
      - C(skip_in_check) beside it, V(true), leaves the step out in check mode, as a proof of what is not there yet has to be.
      - C(last_proof) beside it, V(true), says that with O(rollback) this step is the last that decides. Where it ends well, what was
        changed so far stays, though a step after it fails.
      - C(changed_files) of a M(groundwork.fleet.units) or M(groundwork.fleet.blue_green) step is completed by what the steps before it
        changed.
      - A name stands for the variable of that name, which is evaluated on the controller when O(looks) has its answer.
    type: raw
    required: true
  looks:
    description:
      - What the host is asked before the steps are known, a mapping of C(commands), as M(groundwork.fleet.observe) takes them, and
        C(register), the name of the variable that takes what they say. Give O(steps) by a name then.
      - It costs a call; without commands there is none, and the variable is not set.
    type: dict
  confirm:
    description:
      - Seconds in which a new connection has to confirm what these steps change, from 15 to 3600; V(0) asks for no confirmation.
      - A guard is armed on the host before the first modification, so an unchanged host costs nothing. After the last step the controller
        connects anew; where that fails, or a step fails, the host takes back what the steps changed and the task fails.
        See M(groundwork.fleet.confirm) and C(docs/confirm.md).
      - M(groundwork.fleet.packages) does not arm it, since packages are not taken back and may take long to come. Let it stand first.
    type: int
    default: 0
  rollback:
    description:
      - Whether the steps are one deployment. Where one of them fails, the host takes back what they changed (files, links, releases,
        units) by its journal (M(groundwork.fleet.undo)), in the same call; the task fails and tells so.
      - What a run that was killed in the midst had changed is of the next deployment of the same name (O(deployment)), which completes it
        or takes it back as well.
      - An old secret is held in memory for that, so it comes back where the same call had replaced it, and not after a run that was killed.
      - With a guard that is armed (O(confirm)) it is the guard that takes back. Packages are not taken back.
    type: bool
    default: false
  deployment:
    description:
      - The name of the deployment that O(rollback) makes of the steps, small letters and C(_). Without it, it is that of the services.
    type: str
    default: ""
attributes:
  check_mode:
    support: full
    description: That of the steps.
  diff_mode:
    support: full
    description: The diffs of the steps, in their order.
"""

EXAMPLES = r"""
- name: Bring log shipping to its state
  groundwork.fleet.converge:
    steps:
      - packages: {owner: log_shipping, present: {rsyslog: null, rsyslog-gnutls: null}}
      - files:
          files:
            /etc/rsyslog.d/10-groundwork.conf: {template: shipping.conf.j2}
          validate: ["rsyslogd -N1 -f {/etc/rsyslog.d/10-groundwork.conf}"]
      - units:
          units:
            rsyslog.service: {state: started, enabled: true, restart_on: [/etc/rsyslog.d/10-groundwork.conf]}
      - health_check:
          checks:
            rsyslog: {systemd_unit: {name: rsyslog.service}}
        skip_in_check: true
  register: run

- name: Say which packages came
  ansible.builtin.debug:
    var: run.results.packages.installed
"""

RETURN = r"""
results:
  description: What each step answered, by its C(id), without its diff. One that was left out has C(skipped).
  type: dict
  returned: always
changed_files:
  description: The paths that the steps changed.
  type: list
  elements: str
  returned: always
change:
  description: The id of the last change in the journal, empty where nothing was recorded.
  type: str
  returned: always
confirmed:
  description: What became of the guard, the answer of M(groundwork.fleet.confirm).
  type: dict
  returned: where one was armed
rolled_back:
  description: That what the steps had changed was taken back.
  type: bool
  returned: failure, where O(rollback) is set and something was changed
step:
  description: The C(id) of the step that failed.
  type: str
  returned: failure
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils import batch, sent_code, session_sandbox


def brought() -> object:
    """Never called: an import that stands somewhere is what makes Ansible send a file of its own along. Ours come with the steps."""
    from ansible.module_utils import urls

    return urls


def main() -> None:
    session_sandbox.leave()
    module = AnsibleModule(
        argument_spec={
            # The action plugin packs the list into one text: secrets stand in no parameter that Ansible shows.
            "steps": {"type": "raw", "required": True, "no_log": True},
            "looks": {"type": "dict"},
            "confirm": {"type": "int", "default": 0},
            "rollback": {"type": "bool", "default": False},
            "deployment": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    payload = batch.unpacked(module.params["steps"])
    sent_code.install(payload.get("code") or {})
    batch.run(module, payload, batch.Arming(payload, module.warn))


if __name__ == "__main__":
    main()
