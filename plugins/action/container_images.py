# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hand the host the archives of images that the controller has, but only those it lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import container_images
from ansible_collections.groundwork.fleet.plugins.plugin_utils.archive_action import ArchiveAction


class ActionModule(ArchiveAction):
    """The action of the module of this name."""

    MODULE = "groundwork.fleet.container_images"
    PARAMETER = "images"
    INSIDE = ".archive"
    ARGUMENTS = ("images", "state", "timeout")

    def wanted(self, given: Mapping[str, Any], state: str) -> Sequence[container_images.Image]:
        """Return the images. Raises BadInput."""
        return container_images.wanted(given, state)
