# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import ModuleType

import pytest

from tools import secret_backends

PAGE = "# Title\n<!-- options:one:start -->\nold\n<!-- options:one:end -->\nrest\n"


def backend(**parts: dict[str, str]) -> ModuleType:
    made = ModuleType("one")
    for name, value in parts.items():
        setattr(made, name, value)
    return made


def test_the_tables_follow_the_file() -> None:
    one = backend(OPTIONS={"a": "what | it is"}, REFERENCE_OPTIONS={"version": "a number"})
    written = secret_backends.page_with(PAGE, {"one": one})
    assert "| `a` | what \\| it is |\n| reference: `?version=` | a number |\n<!-- options:one:end -->" in written
    assert "old" not in written
    assert written.startswith("# Title\n")
    assert written.endswith("\nrest\n")
    assert secret_backends.page_with(written, {"one": one}) == written


def test_a_backend_without_a_section_is_named() -> None:
    with pytest.raises(ValueError, match="no section for two"):
        secret_backends.page_with(PAGE, {"one": backend(OPTIONS={}), "two": backend(OPTIONS={})})
