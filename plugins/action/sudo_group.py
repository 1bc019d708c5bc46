# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say on the host which run asks: it stands in the journal, and the guard of another run refuses it."""

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.plugin_utils.run_action import RunAction


class ActionModule(RunAction):
    """The action of the module of this name."""

    MODULE = "groundwork.fleet.sudo_group"
