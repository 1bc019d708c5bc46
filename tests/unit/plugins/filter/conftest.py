# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters as a playbook calls them: by their full name, in a template."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ansible.template
import pytest
from ansible.parsing.dataloader import DataLoader

TRUSTED: Callable[[str], str] = getattr(ansible.template, "trust_as_template", str)


@pytest.fixture
def render() -> Callable[..., Any]:
    """Return what renders an expression: `render("hosts | groundwork.fleet.x", hosts=...)`."""

    def run(expression: str, **variables: Any) -> Any:
        templar = ansible.template.Templar(loader=DataLoader(), variables=variables)
        return templar.template(TRUSTED("{{ %s }}" % expression))

    return run
