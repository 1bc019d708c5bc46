#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: confirm
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Take a change back unless a new connection confirms it
description:
  - V(armed) before a change that can cut the connection, V(confirmed) after it. Without the second, the host itself restores what was
    changed in between, whether the controller lives or not. A reboot without a confirmation restores at once, before sshd starts.
  - V(confirmed) connects anew, with a new TCP connection, a new authentication and the privileges of the task, however long it takes until
    the time is over. Where the host has restored itself, the task fails and names what was restored.
  - Restored is what the journal knows, which is every change of files, units, accounts and kernel settings by this collection's modules.
    See C(docs/confirm.md).
extends_documentation_fragment:
  - groundwork.fleet.attributes.no_diff
options:
  state:
    description:
      - V(armed) arms, or gives more time where this run has armed already.
      - V(confirmed) keeps the change. Only the run that armed can confirm.
      - V(disarmed) keeps the change without a proof.
      - V(restored) takes the change back now.
    type: str
    choices: [armed, confirmed, disarmed, restored]
    required: true
  timeout:
    description: Seconds in which the change has to be made and confirmed, from 15 to 3600.
    type: int
    default: 60
  force:
    description: With V(disarmed) and V(restored), also where another run has armed.
    type: bool
    default: false
  run:
    description: Given by the action, who this run is.
    type: str
    default: ""
  token:
    description: Given by the action, what only this run knows.
    type: str
    default: ""
attributes:
  check_mode:
    description: Arms nothing.
    support: full
"""

EXAMPLES = r"""
- name: Take back what follows unless a new connection confirms it
  groundwork.fleet.confirm:
    state: armed

- name: Change how one gets in
  groundwork.fleet.files:
    files:
      /etc/ssh/sshd_config.d/20-own.conf: {content: "AllowGroups admins\n"}
    validate: ["sshd -t -f {/etc/ssh/sshd_config.d/20-own.conf}"]

# Without this the new connection would prove what the running sshd has in memory, not what was written.
- name: Let sshd read it
  groundwork.fleet.units:
    units:
      ssh.service: {state: started, reload_on: [/etc/ssh/sshd_config.d/20-own.conf]}

- name: Confirm over a new connection
  groundwork.fleet.confirm:
    state: confirmed
"""

RETURN = r"""
state:
  description: V(armed), V(confirmed), V(disarmed), V(restored), V(restoring) or V(refused).
  type: str
  returned: always
holder:
  description: Which run holds the host, empty where none does.
  type: str
  returned: always
since:
  description: When it armed.
  type: str
  returned: always
deadline:
  description: Until when it has to confirm, by the clock of the host.
  type: str
  returned: always
left:
  description: The same in seconds from now.
  type: int
  returned: always
last:
  description: How the last guard that took something back ended, with its RV(ignore:reason), RV(ignore:paths) and RV(ignore:errors).
  type: dict
  returned: always
fresh:
  description: Whether the connection of V(confirmed) was a new one. A connection plugin that does not connect (local, docker) has none.
  type: bool
  returned: with O(state=confirmed)
"""

import os
from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils import guard
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

ASKED = "a run asked for it"


def refuse_other(run: str, force: bool) -> None:
    """Raise BadInput where another run has armed and nobody said that this does not matter."""
    found = guard.status()
    if found["holder"] and found["holder"] != run and not force:
        text = "%s armed this host at %s and has %d s left. Wait, or give force: true."
        raise BadInput(text % (found["holder"], found["since"], found["left"]))


def carried_out(params: Dict[str, Any]) -> Dict[str, Any]:
    """Do what is asked for. Raises BadInput where that is refused."""
    run, token = params["run"], params["token"]
    if params["state"] == "armed":
        guard.arm(run, params["timeout"], token)
        return {"changed": False}
    if params["state"] == "confirmed":
        return {"changed": False, "state": "confirmed" if guard.confirm(token, run) else "disarmed"}
    refuse_other(run, params["force"])
    if params["state"] == "disarmed":
        return {"changed": guard.disarm(), "state": "disarmed"}
    outcome = guard.restore(ASKED, reported=True)
    return {"changed": bool(outcome), "state": "restored"}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["armed", "confirmed", "disarmed", "restored"], "required": True},
            "timeout": {"type": "int", "default": guard.DEFAULT},
            "force": {"type": "bool", "default": False},
            "run": {"type": "str", "default": ""},
            "token": {"type": "str", "default": "", "no_log": True},
        },
        supports_check_mode=True,
    )
    try:
        guard.check_timeout(module.params["timeout"])
        if os.geteuid() != 0:
            raise BadInput("confirm runs as uid %d; expected root. Give the task become: true." % os.geteuid())
        done = {"changed": False} if module.check_mode else carried_out(module.params)
    except guard.BeingTakenBack as error:
        module.fail_json(**{**guard.status(), "state": "restoring", "msg": str(error)})
    except guard.TakenBack as error:
        module.fail_json(**{**guard.status(), "state": "restored", "msg": str(error)})
    except BadInput as error:
        module.fail_json(**{**guard.status(), "state": "refused", "msg": str(error)})
    except OSError as error:
        module.fail_json(msg="%s: %s" % (error.filename or "confirm", error.strerror))
    module.exit_json(**{**guard.status(), **done})


if __name__ == "__main__":
    main()
