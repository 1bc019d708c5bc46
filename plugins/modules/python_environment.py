#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: python_environment
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: The virtual environment of a release, from the wheels that it brings
description:
  - Makes C(venv) in the directory of a release and installs all of its wheels there. Nothing is fetched from anywhere.
  - It belongs to its version, so going back to an earlier release is going back to its environment.
  - It is made anew where the wheels or the version of the interpreter are others.
options:
  release:
    description: The directory of the release, or a link to it.
    type: path
    required: true
  wheels:
    description: The folder of the release with the wheels.
    type: str
    default: wheels
  python:
    description: The interpreter. It needs the module venv with pip, on Debian the package C(python3-venv).
    type: path
    default: /usr/bin/python3
attributes:
  check_mode:
    description: Predicts the change.
    support: full
  diff_mode:
    description: Says which environment would be made.
    support: full
"""

EXAMPLES = r"""
- name: Give the shop its environment
  groundwork.fleet.python_environment:
    release: /opt/shop/current
"""

RETURN = r"""
environment:
  description: Where the environment is.
  type: str
  returned: success
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.groundwork.fleet.plugins.module_utils.step import standalone
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import python_environment


def main() -> None:
    standalone(AnsibleModule, python_environment)


if __name__ == "__main__":
    main()
