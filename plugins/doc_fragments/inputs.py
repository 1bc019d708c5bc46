# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several filters take."""

from __future__ import annotations


class ModuleDocFragment:
    """The fragments of this file."""

    HEALTH = r"""
options:
  _input:
    description: A registered answer of M(groundwork.fleet.health_check), or a mapping of host names to such answers.
    type: dict
    required: true
"""

    HOSTVARS = r"""
options:
  _input:
    description: Host to variables, that is C(hostvars).
    type: dict
    required: true
"""

    SETTINGS = r"""
options:
  _input:
    description: The settings of the role.
    type: dict
    required: true
"""

    EXPORTERS = r"""
options:
  exporters:
    description: The exporters of the catalogue.
    type: dict
    required: true
"""

    SERVICES = r"""
options:
  services:
    description: The services of the catalogue.
    type: dict
    required: true
"""

    GROUPS = r"""
options:
  groups:
    description: The groups of the inventory (C(groups)).
    type: dict
    required: true
"""
