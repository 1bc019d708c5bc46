# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The repository keeps its own rules."""

from __future__ import annotations

import pytest
import rules
import rules_code  # noqa: F401  registers its rules


@pytest.mark.parametrize("name", sorted(rules.RULES))
def test_the_repository_keeps(name: str, repository: dict[str, str]) -> None:
    rule = rules.RULES[name]
    violations = rule(repository)
    reason = " ".join((rule.__doc__ or "").split())
    assert not violations, "%s\n\n  %s" % (reason, "\n  ".join(violations))
