# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health checks as modules of the blackbox exporter."""

from __future__ import annotations

DOCUMENTATION = r"""
name: to_blackbox_modules
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Health checks as modules of Prometheus' blackbox exporter
description:
  - Turns checks of the types C(http), C(tcp), C(grpc_health) and C(dns) into modules and targets that see the same.
  - A check of which the exporter could see only half is left out, with the reason. What only warns is passed over.
  - What M(groundwork.fleet.health_check) would refuse is refused here, too.
  - Whoever asks the exporter says where it runs; a target on the loopback is that host itself.
options:
  _input:
    description: The checks by name, as the option C(checks) of M(groundwork.fleet.health_check) takes them.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Write what the blackbox exporter reads
  groundwork.fleet.files:
    files:
      /etc/prometheus/blackbox.yml:
        content: "{{ {'modules': (checks | groundwork.fleet.to_blackbox_modules).modules} | to_nice_yaml }}"
  vars:
    checks: {shop: {http: {url: "https://shop.example/", status: [200], contains: welcome}}}
"""

RETURN = r"""
_value:
  description: The modules and what goes with them.
  type: dict
  contains:
    modules:
      description: Modules by name, the mapping of that name in the exporter's configuration.
      type: dict
    targets:
      description: Check name to C(module) and C(target), the parameters of the exporter's page C(/probe).
      type: dict
    left_out:
      description: Check name to why the exporter cannot make it.
      type: dict
    notes:
      description: Check name to what of the check the exporter cannot see.
      type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import blackbox
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def to_blackbox_modules(checks: Any) -> dict[str, Any]:
    """Return modules, targets and what is left out."""
    return blackbox.blackbox(checks)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"to_blackbox_modules": to_blackbox_modules}
