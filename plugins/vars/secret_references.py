# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: secret_references
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
short_description: References to secrets in every task of a run
requirements:
  - It is named in C(vars_plugins_enabled) of ansible.cfg, beside C(host_group_vars).
description:
  - A variable or an argument of a task that is C(secret://backend/path#field) is the secret, in tasks of every collection and in
    C(ansible_password) and its like.
  - It sets no variable. A secret is looked up where a task uses it, and is masked in all output of the run.
  - The playbooks of this collection need none of it. It is for playbooks of your own that do not begin with
    C(groundwork.fleet.preflight).
options: {}
seealso:
  - plugin: groundwork.fleet.secret
    plugin_type: lookup
    description: The same in one place.
"""

EXAMPLES = r"""
# ansible.cfg
#
# [defaults]
# vars_plugins_enabled = host_group_vars, groundwork.fleet.secret_references
"""

from typing import Any

from ansible.plugins.vars import BaseVarsPlugin
from ansible_collections.groundwork.fleet.plugins.plugin_utils import secret_tasks


class VarsModule(BaseVarsPlugin):
    """The plugin of this file. Ansible loads it in the main process, before the first task."""

    is_stateless = True

    def __init__(self) -> None:
        """Have references looked up in every task."""
        super().__init__()
        secret_tasks.install()

    def get_vars(self, loader: Any, path: str, entities: Any, cache: bool = True) -> dict[str, Any]:
        """Return no variables."""
        super().get_vars(loader, path, entities)
        return {}
