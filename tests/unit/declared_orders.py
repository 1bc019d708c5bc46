# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One service from a release, for the tests to vary."""

from __future__ import annotations

from ansible_collections.groundwork.fleet.plugins.plugin_utils.service_plan import service_plan

RELEASE = {
    "release": {"url": "https://example.org/orders-{version}.tar", "sha256": "a" * 64, "version": "2.4.1"},
    "exec": "bin/orders --port 8080",
}
UNIT = "/etc/systemd/system/orders.service"


def plan(declaration, name="orders", **options):
    """Return the plan of one service on Debian 12."""
    return service_plan({name: declaration}, ["Debian", "Debian-12"], **options)


def unit(declaration):
    """Return the lines of the unit of RELEASE with further keys."""
    return plan({**RELEASE, **declaration})["files"][UNIT]["content"].splitlines()
