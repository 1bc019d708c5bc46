# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from tests.unit.declared_orders import RELEASE, UNIT, plan, unit


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


STARTED = {"state": "started", "enabled": True}
WATCHED = {"stable_for": 10, "about": "Service orders, release 2.4.1"}
TIMER = "/etc/systemd/system/orders.timer"
SOCKET = "/etc/systemd/system/orders.socket"
TEMPLATE = "/etc/systemd/system/orders@.service"


def test_a_schedule_makes_a_job_with_a_timer():
    schedule = {"on_calendar": ["Mon 03:00", "Thu 03:00"], "persistent": False, "randomized_delay": "5m"}
    found = plan({**RELEASE, "schedule": schedule})
    timer = found["files"][TIMER]["content"].splitlines()
    assert {"OnCalendar=Mon 03:00", "OnCalendar=Thu 03:00", "Persistent=no", "RandomizedDelaySec=300", "WantedBy=timers.target"} <= set(
        timer
    )
    job = found["files"][UNIT]["content"].splitlines()
    assert "Type=oneshot" in job and "[Install]" not in job and not [line for line in job if line.startswith("Restart=")]
    # What runs is not interrupted by a new release: the timer is watched, the job is not.
    assert found["units"] == {"orders.timer": {**STARTED, "restart_on": [TIMER], **WATCHED}}
    assert found["checks"]["orders-1"]["systemd_unit"] == {"name": "orders.timer"}
    gone = plan({**RELEASE, "schedule": "daily"}, state="all")
    assert set(gone["units"]) == {"orders.timer", "orders.service"} and {TIMER, UNIT} <= set(gone["files"])


def test_a_missed_time_is_made_up_for():
    assert "Persistent=yes" in plan({**RELEASE, "schedule": "daily"})["files"][TIMER]["content"]


def test_a_socket_listens_and_its_service_follows():
    ports = [{"port": 443}, {"port": 514, "protocol": "udp"}]
    found = plan({**RELEASE, "preset": "socket_activated", "ports": ports})
    assert {"ListenStream=443", "ListenDatagram=514"} <= set(found["files"][SOCKET]["content"].splitlines())
    lines = found["files"][UNIT]["content"].splitlines()
    # systemd binds the port, so the service needs no capability for it.
    assert "Requires=orders.socket" in lines and "CapabilityBoundingSet=" in lines and "[Install]" not in lines
    assert found["units"]["orders.socket"] == {**STARTED, "restart_on": [SOCKET], **WATCHED}
    assert "state" not in found["units"]["orders.service"]
    assert found["units"]["orders.service"]["restart_on"] == [UNIT, "/opt/orders/current"]


def test_a_worker_is_started_whenever_it_ends():
    assert "Restart=always" in unit({"preset": "worker"})
    assert "Restart=on-failure" in unit({})


def test_each_instance_is_a_unit():
    declaration = {
        **RELEASE,
        "exec": "bin/orders --port 808{instance}",
        "instances": [1, "blue"],
        "environment": {"NAME": "{instance} of 100%"},
        "files": {"/etc/orders/{instance}.yml": {"content": "name: {instance}\n"}, "/etc/orders/all.yml": {"content": ""}},
    }
    found = plan(declaration)
    lines = found["files"][TEMPLATE]["content"].splitlines()
    assert "ExecStart=/opt/orders/current/bin/orders --port 808%i" in lines
    assert 'Environment="NAME=%i of 100%%"' in lines
    assert UNIT not in found["files"]
    gone = {"state": "stopped", "enabled": False}
    assert set(found["units"]) == {"orders@1.service", "orders@blue.service", "orders@*.service"}
    assert found["units"]["orders@*.service"] == plan(declaration, state="all")["units"]["orders@*.service"] == gone
    assert found["files"]["/etc/orders/blue.yml"]["content"] == "name: blue\n"
    watched = found["units"]["orders@1.service"]["restart_on"]
    assert "/etc/orders/1.yml" in watched and "/etc/orders/all.yml" in watched and "/etc/orders/blue.yml" not in watched
    assert [check["systemd_unit"]["name"] for check in found["checks"].values()] == ["orders@1.service", "orders@blue.service"]
