# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ast
import inspect
from typing import Any

import pytest
from ansible_collections.groundwork.fleet.plugins.modules import converge
from ansible_collections.groundwork.fleet.plugins.plugin_utils import step_code


def test_ansible_sees_no_import_of_a_step() -> None:
    # Else it would send it and all that it needs in every call, and look through it in every run.
    assert not {name for name in step_code.brought_by_ansible() if name.startswith("steps") or name in ("guard", "rollback")}
    source = ast.parse(inspect.getsource(converge))
    assert not [node for node in source.body if isinstance(node, ast.ImportFrom) and "steps" in str(node.module)]


def test_the_parameter_that_carries_the_steps_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}

    def module(**given: Any) -> Any:
        seen.update(given)
        raise InterruptedError

    monkeypatch.setattr(converge, "AnsibleModule", module)
    with pytest.raises(InterruptedError):
        converge.main()
    assert seen["argument_spec"]["steps"]["no_log"] is True and seen["supports_check_mode"]


def test_the_steps_are_unpacked_and_run(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Any] = []
    host = type("Host", (), {"params": {"steps": "packed", "confirm": 0}, "warn": print})()
    monkeypatch.setattr(converge, "AnsibleModule", lambda **given: host)
    monkeypatch.setattr(converge.batch, "unpacked", lambda payload: {"of": payload, "guard": {}})
    monkeypatch.setattr(converge.batch, "run", lambda *given: ran.append(given))
    converge.main()
    [(module, payload, arming)] = ran
    assert (module, payload, arming.armed) == (host, {"of": "packed", "guard": {}}, False)
