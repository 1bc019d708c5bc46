# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service from a container image: not yet."""

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.module_utils.errors import bad_input
from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_declared import Service

KEYS = ()
OWN_USER = False


def check(service: Service) -> None:
    """Refuse it by name."""
    remedy = "Containers come with a later version; use a package or a release until then."
    raise bad_input("%s.container" % service.where, service.given["container"], "package or release", remedy)
