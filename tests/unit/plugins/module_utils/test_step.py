# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ansible_collections.groundwork.fleet.plugins.module_utils import step


def test_a_step_runs_as_a_module_of_its_own() -> None:
    seen: dict[str, Any] = {}

    def module(**given: Any) -> SimpleNamespace:
        return SimpleNamespace(given=given)

    def run(made: Any) -> None:
        seen.update(made.given)
        made.about_to_change()

    step.standalone(module, SimpleNamespace(ARGUMENTS={"a": {}}, run=run))
    assert seen == {"argument_spec": {"a": {}}, "supports_check_mode": True}
