# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import control_plan
from ansible_collections.groundwork.fleet.plugins.plugin_utils.controls import Control

DEBIAN = control_plan.Host(("Debian", "Debian-12"))


def control(identifier: str, level: str = "baseline", **more: Any) -> Control:
    return Control(identifier, identifier, "area", level, "because", **{"writes": {"sshd": {"MaxSessions": 4}}, **more})


def plan(*known: Control, level: str = "strict", choices: Any = None, overrides: Any = None, host: Any = DEBIAN) -> control_plan.Plan:
    return control_plan.plan({one.id: one for one in known}, level, choices or {}, overrides or {}, host)


def ids(found: control_plan.Plan) -> list[str]:
    return [one.id for one in found.selected]


def test_a_level_contains_those_below_it() -> None:
    known = [control("a"), control("b", "strict"), control("c", "high")]
    assert ids(plan(*known, level="baseline")) == ["a"]
    assert ids(plan(*known)) == ["a", "b"]
    assert ids(plan(*known, level="high")) == ["a", "b", "c"]
    assert ids(plan(*known, choices={"a": False, "c": {"title": "mine"}})) == ["b", "c"]
    with pytest.raises(BadInput, match=r"hardening_level is 'stritc'; .*Did you mean 'strict'"):
        plan(*known, level="stritc")


@pytest.mark.parametrize(
    ("more", "host", "reason"),
    [
        ({"platforms": ("RedHat",)}, DEBIAN, "only for RedHat"),
        ({"platforms": ("Debian-12",)}, DEBIAN, ""),
        ({"container": False}, control_plan.Host((), container=True), "container"),
        ({"container": False}, DEBIAN, ""),
        ({"requires": {"programs": ["sshd"]}}, control_plan.Host((), missing={"programs": ["sshd"]}), "sshd is not installed"),
        ({"requires": {"paths": ["/x"]}}, control_plan.Host((), missing={"paths": ["/x"]}), "there is no /x"),
        ({"requires": {"units": ["a.service"]}}, control_plan.Host((), missing={"units": []}), ""),
        ({"requires": {"units": ["a.service"]}}, DEBIAN, ""),
    ],
)
def test_what_does_not_apply_says_why(more: dict[str, Any], host: control_plan.Host, reason: str) -> None:
    found = plan(control("a", **more), host=host)
    assert found.reasons == ({"a": reason} if reason else {})
    assert bool(found.checks) == bool(found.facets) == bool(found.written) == (not reason)


def test_a_waived_control_is_observed_and_not_written() -> None:
    found = plan(control("a"), host=control_plan.Host((), waivers={"a": {"name": "w"}}))
    assert (list(found.checks), found.facets, found.written) == (["a/1"], {}, [])


def test_facets_of_all_controls_are_one_and_the_inventory_has_the_last_word() -> None:
    one, two = control("a"), control("b", writes={"sshd": {"X11Forwarding": False}, "sysctl": {"kernel.sysrq": 0}})
    found = plan(one, two, overrides={"sshd": {"X11Forwarding": True, "MaxSessions": None, "Banner": "/x"}})
    assert found.facets == {"sshd": {"X11Forwarding": True, "Banner": "/x"}, "sysctl": {"kernel.sysrq": 0}}
    assert found.overridden == {"a": "hardening_sshd", "b": "hardening_sshd"}
    assert found.checks["hardening_sshd/2"] == {"sshd": {"option": "Banner", "value": ["/x"]}}
    assert ids(found) == ["a", "b", "hardening_sshd"] and "hardening_sshd" in found.written


def test_an_override_that_says_the_same_is_none() -> None:
    assert plan(control("a"), overrides={"sshd": {"MaxSessions": 4}}).overridden == {}


def test_what_the_inventory_wants_of_a_program_that_is_missing_does_not_apply() -> None:
    found = plan(overrides={"sshd": {"MaxSessions": 4}}, host=control_plan.Host((), missing={"programs": ["sshd"]}))
    assert found.reasons == {"hardening_sshd": "sshd is not installed"} and found.checks == {}


@pytest.mark.parametrize(
    ("writes", "checks"),
    [
        ({"sshd": {"Ciphers": ["a", "b"]}}, [{"sshd": {"option": "Ciphers", "value": ["a,b"]}}]),
        ({"sshd": {"Port": [22, 2222]}}, [{"sshd": {"option": "Port", "includes": ["22", "2222"]}}]),
        ({"sysctl": {"kernel.sysrq": False}}, [{"sysctl": {"name": "kernel.sysrq", "value": "0"}}]),
        ({"modules_blocked": {"sctp": True}}, [{"kernel_module": {"name": "sctp", "blocked": True}}]),
        ({"login_defs": {"UMASK": "027"}}, [{"setting": {"path": "/etc/login.defs", "name": "UMASK", "value": "027"}}]),
        (
            {"settings": {"/etc/x": {"separator": " = ", "values": {"a": True}}}},
            [{"setting": {"path": "/etc/x", "name": "a", "value": "yes", "separator": " = "}}],
        ),
        ({"packages": {"aide": None}}, [{"package": {"name": "aide"}}]),
        ({"files": {"/etc/x": {"content": ""}}}, [{"file": {"path": "/etc/x", "exists": True}}]),
        ({"files": {"/etc/x": {"absent": True}}}, [{"file": {"path": "/etc/x", "exists": False}}]),
        ({"permissions": {"/etc/x": {"mode": "0600"}}}, [{"permissions": {"path": "/etc/x", "mode": "0600"}}]),
        ({"mounts": {"/x": {"options": ["nodev"]}}}, [{"mount": {"path": "/x", "options": ["nodev"]}}]),
        ({"units_off": {"a.service": True, "b.service": False}}, [
            {"systemd_unit": {"name": "a.service", "state": ["inactive", "failed"], "enabled": False}}
        ]),
    ],
)  # fmt: skip
def test_checks_follow_from_what_is_written(writes: dict[str, Any], checks: list[Any]) -> None:
    assert list(control_plan.derived(writes)) == checks


def test_what_a_control_observes_itself_goes_before() -> None:
    assert plan(control("a", observes=({"tcp": {"port": 22}},))).checks == {"a/1": {"tcp": {"port": 22}}}


def test_a_control_that_only_observes_writes_nothing() -> None:
    found = plan(control("a", writes={}, observes=({"tcp": {"port": 22}},)))
    assert (found.facets, found.written, list(found.checks)) == ({}, [], ["a/1"])


def test_the_host_is_asked_for_what_controls_and_inventory_need() -> None:
    one = control("a", requires={"units": ["a.service"], "paths": ["/y"]})
    found = plan(one, overrides={"sysctl": {"kernel.panic": 60, "kernel.sysrq": None}})
    assert found.asks == {"paths": ["/proc/sys/kernel/panic", "/y"], "programs": ["modprobe", "sshd"], "units": ["a.service"]}


def test_a_setting_that_the_kernel_lacks_is_refused_with_the_nearest() -> None:
    host = control_plan.Host((), missing={"paths": ["/proc/sys/kernel/sysrg"]})
    with pytest.raises(BadInput, match=r"hardening_sysctl\['kernel.sysrg'\] is 0; .* Did you mean 'kernel.sysrq'"):
        plan(control("a", writes={"sysctl": {"kernel.sysrq": 0}}), overrides={"sysctl": {"kernel.sysrg": 0}}, host=host)


def test_a_package_without_a_version_is_any_version_of_it() -> None:
    known = [control("a", writes={"packages": {"auditd": None}}), control("b", writes={"packages": {"acct": "6.6"}})]
    assert plan(*known).facets["packages"] == {"auditd": "*", "acct": "6.6"}


def test_a_unit_that_has_to_run_is_observed() -> None:
    found = plan(control("a", writes={"units_on": {"auditd.service": ["/etc/x"]}}))
    assert found.checks["a/1"] == {"systemd_unit": {"name": "auditd.service", "state": ["active", "activating"], "enabled": True}}


@pytest.mark.parametrize(("more", "written"), [({}, True), ({"platforms": ("RedHat",)}, False), ({"container": False}, False)])
def test_a_unit_that_comes_later_comes_sandboxed(more: dict[str, Any], written: bool) -> None:
    writes = {"sandbox": {"x.service": {"NoNewPrivileges": True}}}
    one = control("a", writes=writes, observes=({"tcp": {"port": 22}},), requires={"units": ["x.service"]}, **more)
    found = plan(one, host=control_plan.Host(("Debian",), container=True, missing={"units": ["x.service"]}))
    assert found.facets == (writes if written else {})
    assert found.checks == {} and found.written == [] and "a" in found.reasons


def test_names_that_the_inventory_got_wrong_are_refused() -> None:
    with pytest.raises(BadInput, match="Did you mean 'PASS_MAX_DAYS'"):
        plan(control("a"), overrides={"login_defs": {"PASS_MAX_DAY": 1}})
    with pytest.raises(BadInput, match=r"hardening_modules_blocked is '\.\./x'"):
        plan(control("a"), overrides={"modules_blocked": {"../x": True}})
    assert plan(control("a", writes={"login_defs": {"OWN": 1}}), overrides={"login_defs": {"OWN": 2}}).facets == {"login_defs": {"OWN": 2}}
