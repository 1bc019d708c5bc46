# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import catalogue, controls

ENTRY: dict[str, Any] = {
    "title": "sshd refuses root",
    "area": "sshd",
    "level": "baseline",
    "rationale": "A name\nstays behind.",
    "writes": {"sshd": {"PermitRootLogin": False}},
}


def test_what_is_left_out_has_its_default() -> None:
    found = controls.control("a", ENTRY)
    assert (found.mend, found.container, found.risk, found.platforms, found.observes) == (controls.MEND, True, (), (), ())
    assert found.rationale == "A name stays behind."


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"title": ""}, "control a: title is ''"),
        ({"level": "stricter"}, "control a: level is 'stricter'; expected a known level. Did you mean 'strict'?"),
        ({"levels": "strict"}, "control a is 'levels'; expected a known key of a control. Did you mean 'level'?"),
        ({"risk": ["lockout"]}, "control a: risk is 'lockout'; expected a known risk. Did you mean 'lock_out'?"),
        ({"risk": "reboot"}, "control a: risk is 'reboot'; expected a list of words"),
        ({"references": {"cis": ["1"]}}, "control a: references is 'cis'; expected a known standard"),
        ({"references": {"scap": [1]}}, "control a: references.scap is [1]"),
        ({"requires": {"programs": "sshd"}}, "control a: requires.programs is 'sshd'"),
        ({"requires": {"program": ["sshd"]}}, "Did you mean 'programs'?"),
        ({"container": "no"}, "control a: container is 'no'; expected true or false"),
        ({"writes": {"ssh": {"A": 1}}}, "control a: writes is 'ssh'; expected a known facet. Did you mean 'sshd'?"),
        ({"writes": {"sshd": {}}}, "control a: writes.sshd is {}"),
        ({"writes": {}}, "expected `writes` or `observes`"),
        ({"writes": {"sandbox": {"a.service": {"NoNewPrivileges": True}}}}, "control a: observes is None"),
        ({"observes": {"sshd": {}}}, "control a: observes is {'sshd': {}}; expected a list"),
        ({"observes": [{"tcp": {}, "file": {}}]}, "control a: observes[0] is "),
        ({"observes": [{"tpc": {}}]}, "control a: observes[0] is 'tpc'; expected a known check type. Did you mean 'tcp'?"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput) as refused:
        controls.control("a", {**ENTRY, **change})
    assert message in str(refused.value)


def test_an_override_is_laid_over_its_entry() -> None:
    found = controls.controls({"a": ENTRY, "b": ENTRY}, {"a": {"level": "strict", "writes": {"sshd": {"MaxSessions": 2}}}, "b": True})
    assert found["a"].level == "strict" and found["a"].writes == {"sshd": {"PermitRootLogin": False, "MaxSessions": 2}}
    assert found["b"].level == "baseline"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"sshd_rot": True}, "hardening_controls is 'sshd_rot'; expected a known control. Did you mean 'sshd_root'?"),
        ({"sshd_root": "no"}, "hardening_controls['sshd_root'] is 'no'; expected true, false or a mapping"),
        ({"sshd_root": {"level": "x"}}, "control sshd_root: level is 'x'"),
    ],
)
def test_a_wrong_override_is_named(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput) as refused:
        controls.controls({"sshd_root": ENTRY}, overrides)
    assert message in str(refused.value)


def test_a_users_catalogue_is_laid_over_that_of_the_collection(tmp_path: Path) -> None:
    for name, entry in (("one", ENTRY), ("two", {"level": "high"})):
        (tmp_path / name / "controls").mkdir(parents=True)
        (tmp_path / name / "controls" / "a.yml").write_text(yaml.safe_dump(entry))
    assert controls.entries([tmp_path / "one", tmp_path / "two"]) == {"a": {**ENTRY, "level": "high"}}


def test_every_control_of_the_collection_is_in_order() -> None:
    found = controls.controls(controls.entries([catalogue.SHIPPED]), {})
    assert len(found) >= 100
    assert len({one.title for one in found.values()}) == len(found), "a title tells one control from another"
    lock_out = {identifier for identifier, one in found.items() if "lock_out" in one.risk}
    assert lock_out, "some controls can lock somebody out, and say so"
    for one in found.values():
        assert one.references, f"{one.id}: where does it come from?"
        assert len(one.rationale) > 40, f"{one.id}: the rationale is for people"


def test_a_file_that_is_no_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "controls").mkdir()
    (tmp_path / "controls" / "a.yml").write_text("title: a\nwrites: {a: [b}\n")
    with pytest.raises(BadInput, match=r"catalogue file .*/controls/a\.yml is 'line 2'; expected YAML"):
        controls.entries([tmp_path])
