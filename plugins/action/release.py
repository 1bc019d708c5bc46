# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hand the host the archives of releases that the controller has, but only those it lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import release as releases_util
from ansible_collections.groundwork.fleet.plugins.plugin_utils.archive_action import ArchiveAction


class ActionModule(ArchiveAction):
    """The action of the module of this name."""

    MODULE = "groundwork.fleet.release"
    PARAMETER = "releases"
    ARGUMENTS = ("releases", "base", "state", "phase", "run")

    def wanted(self, given: Mapping[str, Any], state: str) -> Sequence[releases_util.Release]:
        """Return the releases. Raises BadInput."""
        return releases_util.wanted_releases(given, state)
