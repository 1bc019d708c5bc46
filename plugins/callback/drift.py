# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps what a run in check mode would change."""

from __future__ import annotations

DOCUMENTATION = r"""
name: drift
author: groundwork.fleet contributors (@groundwork)
version_added: 0.1.0
type: aggregate
short_description: Keep what a run in check mode would change
description:
  - Counts by host and role what the tasks of a run with C(--check) report as changed, for P(groundwork.fleet.drift#lookup) in the same run.
  - Does nothing in other runs, prints nothing and keeps nothing after the run.
requirements:
  - It stands in C(callbacks_enabled) of C(ansible.cfg), or in the variable of the environment E(ANSIBLE_CALLBACKS_ENABLED).
"""

from pathlib import Path
from typing import Any

from ansible import constants, context
from ansible.plugins.callback import CallbackBase
from ansible_collections.groundwork.fleet.plugins.plugin_utils import drift


class CallbackModule(CallbackBase):
    """The callback of this file."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "groundwork.fleet.drift"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Listen in check mode only."""
        super().__init__(*arguments, **options)
        self.record = drift.Record()
        self.listens = bool(context.CLIARGS.get("check"))

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Leave what is known where the play that begins finds it."""
        if self.listens:
            Path(constants.DEFAULT_LOCAL_TMP, drift.FILE).write_text(self.record.text(), encoding="utf-8")

    def v2_runner_on_ok(self, result: Any) -> None:
        """Take in what a task would change."""
        host, task, values = parts(result)
        if self.listens:
            self.record.take(host, task._role.get_name() if task._role else "", task.name or task.action, values)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Take in why a host cannot go on."""
        host, task, values = parts(result)
        if self.listens and not ignore_errors:
            self.record.fail(host, task.name or task.action, values)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Take in that a host cannot be reached."""
        self.v2_runner_on_failed(result)


def parts(result: Any) -> tuple[str, Any, dict[str, Any]]:
    """Return host, task and values of a result; ansible-core 2.19 has made them public."""
    host, task = getattr(result, "host", None) or result._host, getattr(result, "task", None) or result._task
    values = getattr(result, "result", None) or result._result
    return host.get_name(), task, values
