# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import change_journal, kernel, originals
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.module_utils.steps import kernel_settings


@pytest.fixture
def proc(tmp_path, monkeypatch):
    root = tmp_path / "sys" / "kernel"
    root.mkdir(parents=True)
    (root / "a").write_text("0\n")
    (root / "b").write_text("4\t5\n")
    real = kernel.path_of
    monkeypatch.setattr(kernel, "path_of", lambda name: real(name, str(tmp_path / "sys")))
    monkeypatch.setattr(kernel_settings, "MEMORY", str(tmp_path / "memory"))
    monkeypatch.setattr(kernel_settings, "JOURNAL", str(tmp_path / "journal"))
    return root


def test_write_again_and_back(run_step, proc):
    settings = {"kernel.a": 1, "kernel.b": "4 5", "kernel.none": 1, "kernel.left": None}
    foreseen = run_step(kernel_settings, check_mode=True, owner="hardening", settings=settings)
    assert foreseen["written"] == {"kernel.a": "1"} and (proc / "a").read_text() == "0\n"
    done = run_step(kernel_settings, owner="hardening", settings=settings)
    assert done["changed"] and done["unknown"] == ["kernel.none"] and (proc / "a").read_text() == "1\n"
    assert not run_step(kernel_settings, owner="hardening", settings=settings)["changed"]
    run_step(kernel_settings, owner="hardening", state="absent")
    assert (proc / "a").read_text() == "0\n" and not os.path.exists(kernel_settings.MEMORY)


def test_what_cannot_be_written_is_reported(run_step, proc, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    answer = run_step(kernel_settings, owner="hardening", settings={"kernel.a": 1})
    assert answer["read_only"] == ["kernel.a"] and not answer["changed"] and (proc / "a").read_text() == "0\n"


def test_a_name_that_leads_out_is_refused(run_step, proc):
    assert "name of a kernel setting" in run_step(kernel_settings, owner="x", settings={"../../etc/x": 1})["msg"]


def test_the_way_back_is_recorded_before_the_kernel_is_written(run_step, proc, monkeypatch):
    recorded = []
    real = change_journal.add_effects

    def add(*given):
        recorded.append((proc / "b").read_text())
        return real(*given)

    monkeypatch.setattr(change_journal, "add_effects", add)
    answer = run_step(kernel_settings, owner="hardening", settings={"kernel.b": "6 7"}, run="night")
    manifest = change_journal.read(answer["change"], kernel_settings.JOURNAL)
    assert manifest["run"] == "night" and recorded == ["4\t5\n"] and (proc / "b").read_text() == "6 7\n"
    assert manifest["effects"] == [{"undo": ["sysctl", "-q", "-w", "kernel.b=4 5"], "what": "the kernel's kernel.b was '4 5'"}]
    more = run_step(kernel_settings, owner="hardening", settings={"kernel.a": 1, "kernel.b": "6 7"}, change=answer["change"])
    assert more["change"] == answer["change"] and len(change_journal.read(more["change"], kernel_settings.JOURNAL)["effects"]) == 2


def test_where_nothing_differs_nothing_is_recorded_or_written(run_step, proc, tmp_path, monkeypatch):
    run_step(kernel_settings, owner="hardening", settings={"kernel.a": 1})
    monkeypatch.setattr(originals, "remember", None)
    answer = run_step(kernel_settings, owner="hardening", settings={"kernel.a": 1})
    assert answer["change"] == "" and len(change_journal.names(kernel_settings.JOURNAL)) == 1


def test_what_cannot_be_recorded_is_not_written(run_step, proc, monkeypatch):
    def refuse(*_given):
        raise BadInput("another run changes files")

    monkeypatch.setattr(change_journal, "add_effects", refuse)
    answer = run_step(kernel_settings, owner="hardening", settings={"kernel.a": 1})
    assert answer["msg"] == "another run changes files" and (proc / "a").read_text() == "0\n"
