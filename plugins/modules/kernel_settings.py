#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kernel_settings
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Bring settings of the running kernel to their values
description:
  - Compares C(/proc/sys) with O(settings) and writes only what differs. The files that the next boot reads are not its concern.
  - What the kernel does not know is reported in RV(unknown), what it does not let anyone write, as in a container, in RV(read_only).
  - Values that were changed are remembered under C(/var/lib/groundwork/kernel); O(state=absent) puts them back, and so does leaving a
    setting out.
options:
  owner:
    description: Who asks, usually the role.
    type: str
    required: true
  settings:
    description: Name to value, as in sysctl.d(5). A value that is null is left alone.
    type: dict
    default: {}
  state:
    description: V(absent) puts every value of this owner back.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode:
    description: Predicts the change exactly.
    support: full
  diff_mode:
    description: Shows the values before and after.
    support: full
"""

EXAMPLES = r"""
- name: Hide kernel addresses
  groundwork.fleet.kernel_settings:
    owner: hardening
    settings:
      kernel.kptr_restrict: 2
"""

RETURN = r"""
written:
  description: Name to value of what was written.
  type: dict
  returned: always
read_only:
  description: Names of settings that have another value and cannot be written.
  type: list
  elements: str
  returned: always
unknown:
  description: Names of settings that this kernel does not have.
  type: list
  elements: str
  returned: always
"""

import json
import os
from typing import Dict, Mapping

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils import kernel
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

MEMORY = "/var/lib/groundwork/kernel"


def observe(name: str) -> kernel.Observed:
    """Return a setting as the kernel has it."""
    path = kernel.path_of(name)
    try:
        with open(path, encoding="utf-8") as stream:
            return kernel.Observed(kernel.normalised(stream.read()), os.access(path, os.W_OK))
    except (FileNotFoundError, NotADirectoryError):
        return kernel.Observed(None, False)
    except OSError:
        return kernel.Observed("", False)


def recall(path: str) -> Dict[str, str]:
    """Return the remembered values."""
    try:
        with open(path, encoding="utf-8") as stream:
            values: Dict[str, str] = json.load(stream)
            return values
    except FileNotFoundError:
        return {}


def remember(path: str, values: Mapping[str, str]) -> None:
    """Write the values to remember; where there are none, take the record away."""
    if values:
        os.makedirs(MEMORY, mode=0o700, exist_ok=True)
        with open(path + ".new", "w", encoding="utf-8") as stream:
            json.dump(dict(values), stream, indent=1, sort_keys=True)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(path + ".new", path)
        return
    if os.path.exists(path):
        os.unlink(path)
    if os.path.isdir(MEMORY) and not os.listdir(MEMORY):
        os.rmdir(MEMORY)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "owner": {"type": "str", "required": True},
            "settings": {"type": "dict", "default": {}},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    record = os.path.join(MEMORY, module.params["owner"] + ".json")
    originals = recall(record)
    present = module.params["state"] == "present"
    settings = {name: value for name, value in module.params["settings"].items() if value is not None} if present else {}
    returned = {name: value for name, value in originals.items() if name not in settings}
    try:
        wanted = {**returned, **settings}
        observed = {name: observe(name) for name in wanted}
        plan = kernel.plan(wanted, observed)
    except BadInput as error:
        module.fail_json(msg=str(error))
    before = {name: observed[name].value or "" for name in plan.write}
    if not module.check_mode:
        remembered = {name: originals.get(name, before.get(name, "")) for name in settings if name in originals or name in plan.write}
        # Remembered first: a run that is cut off here has forgotten nothing.
        remember(record, {**originals, **remembered})
        for name, value in plan.write.items():
            try:
                with open(kernel.path_of(name), "w", encoding="utf-8") as stream:
                    stream.write(value + "\n")
            except OSError as error:
                if name not in returned:  # a one-way setting stays until the next boot
                    module.fail_json(msg="The kernel refuses %s = %s: %s. Take it out of the settings." % (name, value, error.strerror))
        remember(record, remembered)
    module.exit_json(
        changed=bool(plan.write),
        written=plan.write,
        read_only=[name for name in plan.read_only if name in settings],
        unknown=[name for name in plan.unknown if name in settings],
        diff={
            "before": "".join("%s = %s\n" % (name, value) for name, value in sorted(before.items())),
            "after": "".join("%s = %s\n" % (name, value) for name, value in sorted(plan.write.items())),
        },
    )


if __name__ == "__main__":
    main()
