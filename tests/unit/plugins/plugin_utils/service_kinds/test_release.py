# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from tests.unit.declared_orders import RELEASE, UNIT, plan


def test_a_release_has_user_unit_and_release():
    found = plan(RELEASE)
    assert found["releases"]["orders"] == {
        "url": "https://example.org/orders-2.4.1.tar",
        "sha256": "a" * 64,
        "version": "2.4.1",
        "place": "fleet_services.orders.release",
    }
    assert found["users"] == {"orders": {"group": "orders", "comment": "groundwork.fleet service orders"}}
    assert found["units"]["orders.service"]["restart_on"] == [UNIT, "/opt/orders/current"]
    lines = found["files"][UNIT]["content"].splitlines()
    assert "ExecStart=/opt/orders/current/bin/orders --port 8080" in lines
    assert "User=orders" in lines


def test_a_release_without_a_version_is_known_by_its_checksum():
    found = plan({"release": {"url": "https://x/a", "sha256": "b" * 64}, "exec": "a"})
    assert found["releases"]["orders"]["version"] == "b" * 12
