#!/usr/bin/python
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Judge the variables of a host before anything is touched
description:
  - Runs on the controller only and connects to no host.
  - Refuses variables that begin like those of this collection and are not declared, and values that do not fit their declaration.
  - Refuses unknown names of services, facets, exporters and entries of the catalogue, templates that cannot be rendered, and
    references to secrets that do not resolve. A secret has to fit where it is used, too. It is never shown.
  - A reference in a variable of your own that does not resolve is a warning. Nothing is generated; what would be is named.
  - Refuses controls that do not exist in C(hardening_controls) and C(fleet_waivers), and waivers that have expired.
    It warns of a waiver that ends within 30 days.
  - Asks for variables that have no safe default by their names.
  - All problems of a host come in one message. Each says what was found, what was expected and how to mend it.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - groundwork.fleet.attributes.controller
  - groundwork.fleet.attributes.no_diff
options:
  roles:
    description: The roles that the host will get. Their required variables have to be set.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    support: full
    description: Never changes anything.
seealso:
  - module: groundwork.fleet.reachable
"""

EXAMPLES = r"""
- name: Stop before the first host is touched
  hosts: all
  gather_facts: false
  any_errors_fatal: true
  tasks:
    - name: Judge the variables
      groundwork.fleet.preflight:
"""

RETURN = r"""
bounds:
  description: What is declared of the disk and only the host can judge, for M(groundwork.fleet.reachable).
  returned: success
  type: list
  elements: dict
checked:
  description: How many values were checked.
  returned: success
  type: int
  sample: 12
references:
  description: Which references to secrets were resolved, without the secrets.
  returned: success
  type: list
  elements: dict
  contains:
    variable:
      description: The place of the reference.
      type: str
    reference:
      description: The reference as it is written.
      type: str
    backend:
      description: The name of its backend.
      type: str
    state:
      description: V(resolves), or V(would be generated) where it is missing and says how to make it.
      type: str
    summary:
      description: All of it in one line.
      type: str
backends:
  description: The names of the backends that references lead to.
  returned: success
  type: list
  elements: str
  sample: [file]
"""
