# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse a firewall that would lock the connection in use out."""

from __future__ import annotations

import os
import re
from typing import Any, Dict

from ansible_collections.groundwork.fleet.plugins.module_utils import firewall_access
from ansible_collections.groundwork.fleet.plugins.module_utils.step import StepModule

ARGUMENTS: Dict[str, Any] = {"entries": {"type": "list", "elements": "dict", "required": True}}


def environment(pid: int) -> Dict[str, str]:
    """Return the environment with which a process was started; empty where it cannot be read."""
    try:
        with open("/proc/%d/environ" % pid, "rb") as stream:
            words = stream.read().decode(errors="replace").split("\0")
    except OSError:
        return {}
    return {name: value for name, equals, value in (word.partition("=") for word in words) if equals}


def parent(pid: int) -> int:
    """Return the id of the process that started this one, 0 where that is not known."""
    try:
        with open("/proc/%d/status" % pid, encoding="utf-8", errors="replace") as stream:
            match = re.search(r"^PPid:\s*(\d+)$", stream.read(), re.MULTILINE)
    except OSError:
        return 0
    return int(match.group(1)) if match else 0


def run(module: StepModule) -> None:
    """Find the connection, judge it, report."""
    connection = firewall_access.parse(os.environ.get("SSH_CONNECTION", ""))
    connection = connection or firewall_access.connection_of(os.getpid(), environment, parent)
    if connection is None:
        module.exit_json(changed=False, known=False, address="", port=0, accepted_by="")
    why = firewall_access.refusal(module.params["entries"], connection)
    if why:
        module.fail_json(msg=why)
    name = firewall_access.verdict(module.params["entries"], connection)[1]
    module.exit_json(changed=False, known=True, address=connection.client, port=connection.port, accepted_by=name)
