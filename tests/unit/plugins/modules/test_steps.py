# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module that is a step adds nothing to it but its documentation: held against each other, for every step there is."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from ansible.plugins import loader
from ansible.utils import plugin_docs
from ansible_collections.groundwork.fleet.plugins.module_utils import step, steps

PLUGINS = "ansible_collections.groundwork.fleet.plugins."
KINDS = sorted(path.stem for path in Path(str(steps.__file__)).parent.glob("*.py") if path.stem != "__init__")
INTERNAL = {
    "blue_green": {"sources"},
    "container_images": {"transferred"},
    "health_check": {"sources"},
    "release": {"transferred"},
}  # filled by the action plugin


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_is_a_module_too(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module(PLUGINS + "modules." + kind)
    ran: list[Any] = []
    monkeypatch.setattr(module, "standalone", lambda *given: ran.append(given))
    module.main()
    assert ran == [(module.AnsibleModule, importlib.import_module(PLUGINS + "module_utils.steps." + kind))]
    assert module.standalone is not step.standalone


@pytest.mark.parametrize("kind", KINDS)
def test_it_documents_the_options_that_the_step_takes(kind: str) -> None:
    path = importlib.import_module(PLUGINS + "modules." + kind).__file__
    documented = plugin_docs.get_docstring(path, loader.fragment_loader, collection_name="groundwork.fleet", is_module=True)[0]["options"]
    taken = importlib.import_module(PLUGINS + "module_utils.steps." + kind).ARGUMENTS
    assert set(documented) >= set(taken) - INTERNAL.get(kind, set())
    for name, option in documented.items():
        spec = taken.get(name, {"type": option["type"]})
        for key in ("type", "default", "choices", "elements"):
            assert option.get(key) == spec.get(key, "str" if key == "type" else None), "%s: %s.%s" % (kind, name, key)
        assert bool(option.get("required")) == bool(spec.get("required")), "%s: %s.required" % (kind, name)
