# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ansible.modules.setup
import pytest
from ansible_collections.groundwork.fleet.plugins.modules import facts


class Module:
    """What the module uses of AnsibleModule."""

    def __init__(self, gather_subset: list[str]) -> None:
        self.params: dict[str, Any] = {"gather_subset": gather_subset, "file_systems": ["/"]}
        self.answer: dict[str, Any] = {}

    def exit_json(self, **answer: Any) -> None:
        self.answer = answer

    def fail_json(self, **answer: Any) -> None:
        raise SystemExit(json.dumps(answer))

    def run_command(self, *_words: Any, **_options: Any) -> tuple[int, str, str]:
        return 127, "", ""

    def get_bin_path(self, *_words: Any, **_options: Any) -> None:
        return None

    def warn(self, *_words: Any, **_options: Any) -> None:
        return None


def run(monkeypatch: pytest.MonkeyPatch, *subset: str) -> dict[str, Any]:
    module = Module(list(subset))
    monkeypatch.setattr(facts.host_facts, "unit_files", lambda: ["/etc/systemd/system/groundwork-x.timer"])
    monkeypatch.setattr(facts, "AnsibleModule", lambda **_given: module)
    facts.main()
    assert module.answer["file_systems"]["/"] > 1 << 20
    assert module.answer["unit_files"] == ["/etc/systemd/system/groundwork-x.timer"]
    return dict(module.answer["ansible_facts"])


def test_the_facts_of_the_subset_and_ours_come_by_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    found = run(monkeypatch, "!all", "!min", "distribution")
    assert {"ansible_distribution", "ansible_memtotal_mb", "ansible_systemd_creds"} <= set(found)
    assert "ansible_date_time" not in found and found["module_setup"] is True


def test_a_subset_that_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match=r"gather_subset: .*no_such.*expected subsets"):
        run(monkeypatch, "no_such")


def test_the_smallest_subset_is_that_of_setup() -> None:
    text = Path(str(ansible.modules.setup.__file__)).read_text(encoding="utf-8")
    there = text.split("minimal_gather_subset = frozenset([")[1].split("])")[0]
    assert {word.strip(" '\n") for word in there.split(",")} == set(facts.MINIMUM)


def test_a_file_system_that_cannot_be_looked_at_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_folder: str) -> int:
        raise PermissionError(13, "Permission denied", "/secret")

    monkeypatch.setattr(facts.disk_bounds, "size", refuse)
    with pytest.raises(SystemExit, match=r"file_systems: .*/secret"):
        run(monkeypatch, "!all", "!min")
