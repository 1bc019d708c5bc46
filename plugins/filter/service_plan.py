# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn declared services into what the role `services` does."""

from __future__ import annotations

DOCUMENTATION = r"""
name: service_plan
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: What declared services amount to on a host
description:
  - Turns declarations into C(packages), C(releases), C(users), C(files), C(units) and C(checks), each in the form that the module of that
    name takes, C(images), C(deployments), C(restore) (links of packages to put back on removal), C(looks) (what to ask the host before),
    C(validate), C(prune) (the paths of single instances) and C(prune_first) (drop-ins of packages' units).
  - Refuses what cannot be done, with the name of the service and of the key.
positional: _input
options:
  _input:
    description: The services of a host, as P(groundwork.fleet.declared_services#filter) gives them.
    type: dict
    required: true
  platforms:
    description: Names of the host's platform, the most general first.
    type: list
    elements: str
    default: []
  state:
    description: V(present) plans the services to have, V(absent) the removal of those declared absent, V(all) the removal of every one.
    type: str
    choices: [present, absent, all]
    default: present
  catalogues:
    description: The user's catalogues; a template is looked up in their folder C(services/templates), then in that of the collection.
    type: list
    elements: str
  inventory:
    description: Directory of the inventory, where relative catalogues are.
    type: str
  once:
    description: The services of which this host runs the hooks that run once per group; left out, those of all.
    type: list
    elements: str
  encrypted:
    description: Whether the host keeps secrets encrypted, by its TPM or its own key (systemd-creds).
    type: bool
    default: false
  looks:
    description: What M(groundwork.fleet.observe) found of the C(looks) of an earlier plan, the C(commands) of its answer.
    type: dict
"""

EXAMPLES = r"""
- name: Show the units of a service
  ansible.builtin.debug:
    msg: "{{ ({'web': {'package': {'name': 'nginx'}}} | groundwork.fleet.service_plan).units }}"
"""

RETURN = r"""
_value:
  description: The plan.
  type: dict
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.groundwork.fleet.plugins.plugin_utils import catalogue
from ansible_collections.groundwork.fleet.plugins.plugin_utils import service_plan as plan_util
from ansible_collections.groundwork.fleet.plugins.plugin_utils.filter_errors import refusing
from ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_output import MASKS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


def located(roots: Sequence[Path]) -> Callable[[str], str]:
    """Return a function that finds a template in the catalogues, the strongest first; another name stays as it is."""

    def find(name: str) -> str:
        for root in reversed(roots):
            path = root / "services" / "templates" / name
            if path.is_file():
                return str(path)
        return name

    return find


def has_secret(text: str) -> bool:
    """Tell whether a text has a secret of this run in it."""
    return MASKS.holds(text.encode())


@refusing
def service_plan(
    services: Any,
    platforms: Sequence[str] = (),
    state: str = "present",
    catalogues: Sequence[str] | None = None,
    inventory: str | None = None,
    encrypted: bool = False,
    looks: dict[str, Any] | None = None,
    once: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Return what `services` amount to."""
    roots = catalogue.directories(catalogues, inventory)
    return plan_util.service_plan(services, platforms, state, located(roots), encrypted, looks, once, has_secret)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return name to function."""
        return {"service_plan": service_plan}
