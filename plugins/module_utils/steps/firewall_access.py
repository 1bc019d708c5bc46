# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse a firewall that would lock the connection in use out."""

from __future__ import annotations

from typing import Any, Dict

from ansible_collections.groundwork.fleet.plugins.module_utils import firewall_access, session_sandbox
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {"entries": {"type": "list", "elements": "dict", "required": True}}


def run(module: StepModule) -> None:
    """Find the connection, judge it, report."""
    connection = firewall_access.parse(session_sandbox.ssh_connection())
    if connection is None:
        module.exit_json(changed=False, known=False, address="", port=0, accepted_by="")
    why = firewall_access.refusal(module.params["entries"], connection)
    if why:
        module.fail_json(msg=why)
    name = firewall_access.verdict(module.params["entries"], connection)[1]
    module.exit_json(changed=False, known=True, address=connection.client, port=connection.port, accepted_by=name)
