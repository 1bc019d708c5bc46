# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An action as Ansible makes it for a task."""

from __future__ import annotations

from typing import Any
from unittest import mock

from ansible.parsing.dataloader import DataLoader
from ansible.plugins.action import ActionBase
from ansible.template import Templar


def made(kind: type[ActionBase], arguments: dict[str, Any], variables: dict[str, Any] | None = None, check_mode: bool = False) -> Any:
    """Return the action of a task with these arguments. Its connection notes every call."""
    loader = DataLoader()
    name = "groundwork.fleet." + kind.__module__.rpartition(".")[2]
    task = mock.MagicMock(args=arguments, async_val=0, action=name, check_mode=check_mode, delegate_to=None)
    task.get_validated_args = None
    return kind(
        task=task,
        connection=mock.MagicMock(),
        play_context=mock.MagicMock(),
        loader=loader,
        templar=Templar(loader=loader, variables=variables or {}),
        shared_loader_obj=None,
    )
