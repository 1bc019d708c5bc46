#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: undo
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Take a change of this host back
description:
  - Every change that the engine of this collection makes is recorded on the host below C(/var/lib/groundwork/changes), with what the
    files were, which state units were in, and how accounts and kernel settings were changed. This module takes such a change back.
  - Taking files back is a change itself, which can be taken back in its turn. What is taken back of accounts, kernel settings and the
    enablement of units is not recorded again.
  - Old contents of secrets are not kept. A change of one is refused; with O(force=true) the rest is taken back and the secret stays.
  - Packages, releases and system users stay as they are.
options:
  change:
    description:
      - Which change, by its id; V(last) is the newest one, V(last_run) all changes of the run that made the newest one;
        V(run:MARK) all changes of the run whose name ends with C((run MARK)), which on a host that this run left alone are none.
      - Without it nothing is taken back, and RV(known) lists the changes there are.
    type: str
    default: ""
  force:
    description:
      - Also where somebody else changed a path since then, whose content is then lost, and where an old content is not kept,
        which then stays as it is.
    type: bool
    default: false
  run:
    description: Filled in by the action plugin, the name of this run.
    type: str
    default: ""
attributes:
  check_mode:
    support: full
    description: Tells what would be taken back, and refuses what would be refused.
  diff_mode:
    support: full
    description: Shows the files; secret content is only named.
"""

EXAMPLES = r"""
- name: See what there is to take back
  groundwork.fleet.undo:
  register: journal

- name: Take back what the last run did
  groundwork.fleet.undo:
    change: last_run
"""

RETURN = r"""
known:
  description:
    - The changes of this host, newest first (after a failure the ten newest), each with C(id), C(started) (UTC), C(run), C(undoes),
      C(paths), C(units) and C(other).
  type: list
  elements: dict
  returned: always
paths:
  description: The paths that were (in check mode would be) brought back.
  type: list
  elements: str
  returned: success
units:
  description: The units that were brought back to their state.
  type: list
  elements: str
  returned: success
commands:
  description: The commands that took back what is no file and no unit.
  type: list
  elements: str
  returned: success
lost:
  description: What could not be taken back, and why.
  type: list
  elements: str
  returned: success
changes:
  description: The ids under which this is in the journal itself.
  type: list
  elements: str
  returned: success
"""

import os
import time
from typing import Any, Dict, List

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, session_sandbox, undo
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

JOURNAL = change_journal.JOURNAL


def known(journal: str) -> List[Dict[str, Any]]:
    """Return the changes of the journal as people read them, newest first."""
    found = []
    for change_id in change_journal.newer_than("", journal):
        try:
            manifest = change_journal.read(change_id, journal)
        except BadInput:  # cut off before it was written: nothing had been changed yet
            continue
        started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(manifest["started"]))
        paths = [record["path"] for record in manifest["paths"] if not record["internal"]]
        units = sorted({effect["unit"] for effect in manifest["effects"] if "unit" in effect})
        other = [effect["what"] for effect in manifest["effects"] if "what" in effect]
        told = {"id": change_id, "started": started, "run": manifest["run"], "undoes": manifest["undoes"]}
        found.append({**told, "paths": paths, "units": units, "other": other})
    return found


def main() -> None:
    session_sandbox.leave()
    module = AnsibleModule(
        argument_spec={
            "change": {"type": "str", "default": ""},
            "force": {"type": "bool", "default": False},
            "run": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    if os.geteuid() != 0:
        module.fail_json(msg="undo runs as uid %d; expected root. Give the task become: true." % os.geteuid())
    which, force, there = module.params["change"], module.params["force"], known(JOURNAL)
    if not which:
        module.exit_json(changed=False, known=there)
    try:
        ids = undo.chosen(which, JOURNAL)
        run = module.params["run"]
        done = undo.foreseen(ids, force, JOURNAL) if module.check_mode else undo.undo(ids, run, force, JOURNAL)
    except BadInput as error:
        module.fail_json(msg=str(error), known=there[:10])
    except OSError as error:
        module.fail_json(msg="%s: %s. This change was not taken back." % (error.filename or "undo", error.strerror), known=there[:10])
    answer = {"known": there, "changed": done.changed, "paths": done.paths, "units": done.units, "commands": done.commands}
    answer.update(lost=done.lost, changes=done.changes, diff=done.diff)
    if done.errors:
        module.fail_json(msg="The files are back, but not everything else: %s" % "; ".join(done.errors), **answer)
    module.exit_json(**answer)


if __name__ == "__main__":
    main()
