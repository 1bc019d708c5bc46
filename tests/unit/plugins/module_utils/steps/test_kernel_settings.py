# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import kernel
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
