# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health checks as probes of Kubernetes."""

from __future__ import annotations

DOCUMENTATION = r"""
name: to_kubernetes_probes
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: Health checks as probes of Kubernetes
description:
  - Turns checks of the types C(http), C(tcp), C(grpc_health) and C(command) into probes that see the same of their own pod.
  - C(retries), C(passes), C(delay) and C(timeout) become the thresholds and the rhythm of the probe.
  - A check of which a probe could see only half is left out, with the reason. What only warns is passed over.
  - A probe takes every status from 200 to 399 for good, so a check with other statuses is left out.
    One that names no status is taken, with a note.
  - What M(groundwork.fleet.health_check) would refuse is refused here, too.
options:
  _input:
    description: The checks by name, as the option C(checks) of M(groundwork.fleet.health_check) takes them.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the probe
  ansible.builtin.debug:
    msg: "{{ {'readinessProbe': (checks | groundwork.fleet.to_kubernetes_probes).probes.shop} | to_nice_yaml }}"
  vars:
    checks: {shop: {http: {url: "http://127.0.0.1:8080/healthz"}, retries: 2, timeout: 3s}}
"""

RETURN = r"""
_value:
  description: The probes and what is left out.
  type: dict
  contains:
    probes:
      description: Check name to what stands under C(livenessProbe), C(readinessProbe) or C(startupProbe) of a container.
      type: dict
    left_out:
      description: Check name to why there is no probe for it.
      type: dict
    notes:
      description: Check name to what of the check its probe cannot see.
      type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import kubernetes_probes
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing


@refusing
def to_kubernetes_probes(checks: Any) -> dict[str, Any]:
    """Return probes and what is left out."""
    return kubernetes_probes.kubernetes(checks)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"to_kubernetes_probes": to_kubernetes_probes}
