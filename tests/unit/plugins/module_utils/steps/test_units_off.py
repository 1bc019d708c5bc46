# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, systemd
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import units_off


class FakeHost:
    """A systemd that does what it is told;  has load, active state and unit file of each unit."""

    timeout, systemctl = 1, "/bin/systemctl"
    units, told = {}, []

    def __init__(self, module, timeout):
        pass

    def observe(self, names):
        found = {name: self.units.get(name, ("not-found", "inactive", "")) for name in names}
        return {name: systemd.Observed(name=name, load=load, active=active, unit_file=file) for name, (load, active, file) in found.items()}

    def wait(self, names, running):
        return self.observe(names)

    def act(self, verb, names):
        self.told.append((verb, *names))
        for name in names:
            load, active, file = self.units[name]
            if verb in ("mask", "unmask"):
                load, file = ("masked", "masked") if verb == "mask" else ("loaded", "enabled")
            self.units[name] = (load, {"stop": "inactive", "start": "active"}.get(verb, active), file)
        return ""


@pytest.fixture(autouse=True)
def host(tmp_path, monkeypatch):
    monkeypatch.setattr(units_off, "MEMORY", str(tmp_path / "memory"))
    monkeypatch.setattr(units_off, "JOURNAL", str(tmp_path / "journal"))
    monkeypatch.setattr(units_off.units_step, "Host", FakeHost)
    monkeypatch.setattr(units_off.units_step, "SETTLE", 0)
    FakeHost.units = {
        "cups.service": ("loaded", "active", "enabled"),
        "rpcbind.socket": ("loaded", "inactive", "disabled"),
        "nis.service": ("masked", "inactive", "masked"),
    }
    FakeHost.told = []
    return FakeHost


NAMES = dict.fromkeys(["cups.service", "rpcbind.socket", "nis.service", "avahi-daemon.service"], True)


def test_off_again_and_back(run_step, host):
    foreseen = run_step(units_off, check_mode=True, owner="hardening", units_off=NAMES)
    assert foreseen["changed"] and host.told == [] and not os.path.exists(units_off.MEMORY)
    done = run_step(units_off, owner="hardening", units_off=NAMES)
    assert done["off"] == list(NAMES)[:3] and done["diff"] == foreseen["diff"]
    assert host.told == [("mask", "cups.service", "rpcbind.socket"), ("daemon-reload",), ("stop", "cups.service")]
    assert [one["did"] for one in change_journal.read(done["change"], units_off.JOURNAL)["effects"]] == [["mask", "stop"], ["mask"]]
    assert not run_step(units_off, owner="hardening", units_off=NAMES)["changed"]
    host.told.clear()
    back = run_step(units_off, owner="hardening", state="absent")
    assert back["restored"] == ["cups.service", "rpcbind.socket"] and host.units["cups.service"] == ("loaded", "active", "enabled")
    assert ("start", "rpcbind.socket") not in host.told and host.units["nis.service"][0] == "masked"
    assert not os.path.exists(units_off.MEMORY)
    assert not run_step(units_off, owner="hardening", state="absent")["changed"]


def test_what_is_left_out_comes_back(run_step, host):
    run_step(units_off, owner="hardening", units_off=NAMES)
    assert run_step(units_off, owner="hardening", units_off={"rpcbind.socket": True})["restored"] == ["cups.service"]
    assert host.units["cups.service"][1] == "active" and host.units["rpcbind.socket"][0] == "masked"


def test_what_somebody_else_unmasked_is_left_to_him(run_step, host):
    run_step(units_off, owner="hardening", units_off={"cups.service": True})
    host.units["cups.service"] = ("loaded", "inactive", "disabled")
    assert not run_step(units_off, owner="hardening", state="absent")["changed"] and not os.path.exists(units_off.MEMORY)


def test_a_unit_whose_package_is_gone_is_unmasked_and_not_started(run_step, host, monkeypatch):
    run_step(units_off, owner="hardening", units_off={"cups.service": True})
    monkeypatch.setattr(host, "act", lambda self, verb, names: self.told.append((verb, *names)) or self.units.clear() or "")
    host.told.clear()
    assert run_step(units_off, owner="hardening", state="absent")["changed"]
    assert [verb for verb, *_names in host.told] == ["unmask", "daemon-reload"]


def test_a_name_without_its_type_is_refused(run_step):
    assert "a unit name with its type" in run_step(units_off, owner="x", units_off={"cups": True})["msg"]
