# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import controls, hardening

CONTROL = {
    "title": "t",
    "area": "a",
    "level": "strict",
    "rationale": "r",
    "container": False,
    "references": {"manual": ["sshd_config(5)"]},
    "writes": {"sshd": {"MaxSessions": 4}},
}
FACTS = {"os_family": "Debian", "distribution": "Debian", "distribution_major_version": "12"}
WAIVER = {"controls": ["one"], "hosts": ["web-1"], "reason": "r", "owner": "ana", "expires": "2999-01-01"}


@pytest.fixture
def roots(tmp_path: Path) -> list[Path]:
    (tmp_path / "controls").mkdir()
    (tmp_path / "controls" / "one.yml").write_text(yaml.safe_dump(CONTROL))
    return [tmp_path]


def planned(roots: list[Path], facts: dict[str, Any] | None = None, missing: Any = None, **settings: Any) -> dict[str, Any]:
    given = {"level": "strict", "controls": {}, "platform": {"sshd_unit": "ssh.service"}, "fleet": {}, **settings}
    variables = {
        "ansible_facts": {**FACTS, **(facts or {})},
        "inventory_hostname": "web-1",
        "ansible_user": "deploy",
        "group_names": ["web"],
    }
    return hardening.planned(given, variables, roots, missing)


def test_a_control_is_planned(roots: list[Path]) -> None:
    found = planned(roots)
    assert found["controls"] == [
        {
            "id": "one",
            "title": "t",
            "area": "a",
            "level": "strict",
            "rationale": "r",
            "mend": controls.MEND,
            "references": {"manual": ["sshd_config(5)"]},
            "risk": [],
            "applies": True,
            "why_not": "",
            "written": True,
            "overridden": "",
            "waiver": None,
            "waived_until": "",
        }
    ]
    assert next(step["ssh_access"] for step in found["present"] if "ssh_access" in step)["user"] == "deploy"
    assert found["checks"] == {"one/1": {"sshd": {"option": "MaxSessions", "value": ["4"]}}}


def test_a_waiver_of_this_host_is_in_force(roots: list[Path]) -> None:
    found = planned(roots, fleet={"waivers": {"w": WAIVER}})
    assert found["controls"][0]["waiver"]["owner"] == "ana" and not found["controls"][0]["written"]
    other = planned(roots, fleet={"waivers": {"w": {**WAIVER, "hosts": ["web-2"]}}})
    assert other["controls"][0]["waiver"] is None


def test_a_waiver_that_has_expired_leaves_its_day(roots: list[Path]) -> None:
    [one] = planned(roots, fleet={"waivers": {"w": {**WAIVER, "expires": "2020-01-31"}}})["controls"]
    assert (one["waiver"], one["waived_until"], one["written"]) == (None, "2020-01-31", True)


def test_a_waiver_of_an_unknown_control_is_refused(roots: list[Path]) -> None:
    with pytest.raises(BadInput, match=r"fleet_waivers\.w\.controls is 'onne'; expected a known control\. Did you mean 'one'"):
        planned(roots, fleet={"waivers": {"w": {**WAIVER, "controls": ["onne"]}}})


@pytest.mark.parametrize(
    ("facts", "container"),
    [
        ({"virtualization_role": "guest", "virtualization_type": "docker"}, True),
        ({"virtualization_role": "guest", "virtualization_type": "kvm"}, False),
        ({"virtualization_role": "host", "virtualization_type": "docker"}, False),
        ({}, False),
    ],
)
def test_a_container_is_told_from_a_host_of_containers(roots: list[Path], facts: dict[str, str], container: bool) -> None:
    assert hardening.is_container(facts) is container
    assert planned(roots, facts)["controls"][0]["why_not"] == ("container" if container else "")


def test_a_host_without_sshd_is_not_asked_about_it(roots: list[Path]) -> None:
    found = planned(roots, missing={"programs": ["sshd"], "paths": [], "units": []})
    assert not any("ssh_access" in step for step in found["present"])
    assert next(step["units"] for step in found["present"] if "units" in step) == {"units": {}}
