# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from tests.unit.declared_orders import unit


def test_the_sandbox_is_on_by_default():
    lines = unit({})
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "SystemCallFilter=@system-service"):
        assert line in lines
    assert "AmbientCapabilities=CAP_NET_BIND_SERVICE" in unit({"ports": [{"port": 443}]})
    assert "SystemCallFilter=@system-service" not in unit({"preset": "relaxed"})
    assert "NoNewPrivileges=yes" not in unit({"preset": "none"})


def test_the_declaration_wins_over_the_sandbox():
    lines = unit({"sandbox": {"MemoryDenyWriteExecute": False, "PrivateTmp": None, "SystemCallFilter": ["@system-service", "~@clock"]}})
    assert "MemoryDenyWriteExecute=no" in lines
    assert not [line for line in lines if line.startswith("PrivateTmp=")]
    assert [line.partition("=")[2] for line in lines if line.startswith("SystemCallFilter=")] == ["@system-service", "~@clock"]


def test_environment_and_limits_reach_the_unit_as_they_are():
    lines = unit({"environment": {"A": 'x "y" 100% \\'}, "limits": {"memory": "256M", "open_files": 1024}})
    assert 'Environment="A=x \\"y\\" 100%% \\\\"' in lines
    assert "MemoryMax=256M" in lines
    assert "LimitNOFILE=1024" in lines


def test_braces_that_are_no_option_stay():
    assert "ExecStart=/bin/x ${A} {b} 7" in unit({"exec": "/bin/x ${A} {b} {c}", "options": {"A": 1, "c": 7}})
