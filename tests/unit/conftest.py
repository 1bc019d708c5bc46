# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make `ansible_collections.groundwork.fleet` importable from this clone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible import constants
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder
from hypothesis import HealthCheck, settings

COLLECTIONS = Path(__file__).resolve().parents[2] / "collections"

# Ansible's own finder, the way the command line tools install it; here, since a conftest further down imports before any hook is called.
_AnsibleCollectionFinder(paths=[str(COLLECTIONS)])._install()


def pytest_configure() -> None:
    """Settle how examples are made."""
    # How fast a shared machine makes examples says nothing about the code.
    settings.register_profile("shared", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("shared")


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    """Give each test the usual umask: what is tested sets its own, for a process that ends with it."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(autouse=True)
def _run_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let each test be a run of its own: the process that keeps the secrets of a run ends with it."""
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path_factory.mktemp("run")))
    yield
    values = sys.modules.get("ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_values")
    if values is not None:
        values.CLIENT.stop()
    journal = sys.modules.get("ansible_collections.groundwork.fleet.plugins.module_utils.change_journal")
    if journal is not None:
        journal.hold_secrets(False)  # a module ends with its process
    output = sys.modules.get("ansible_collections.groundwork.fleet.plugins.plugin_utils.secret_output")
    if output is not None:
        output.MASKS.forget()
