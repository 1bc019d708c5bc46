# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of the catalogue's services are made of their entries."""

from __future__ import annotations

from typing import Any

from tools import service_catalogue

ENTRY: dict[str, Any] = {
    "description": "A web server",
    "option_spec": {
        "port": {"type": "int", "default": 80, "description": "The port."},
        "how": {"type": "str", "description": "Internal."},
        "roles": {
            "type": "dict",
            "elements": "dict",
            "description": "By name.",
            "options": {"login": {"type": "bool", "description": "Whether."}},
        },
    },
}
PAGE = "before\n%s\nold\n%s\nafter\n" % (service_catalogue.START, service_catalogue.END)


def test_an_entry_becomes_a_table() -> None:
    found = list(service_catalogue.section("web", ENTRY))
    assert found[0] == "### `web`\n\nA web server.\n"
    assert "| `port` | int | `80` | The port. |" in found
    assert "| `roles.NAME.login` | bool |  | Whether. |" in found
    assert not any("how" in row for row in found)


def test_only_what_stands_between_the_marks_is_written() -> None:
    written = service_catalogue.page_with(PAGE, {"web": ENTRY})
    assert written.startswith("before\n") and written.endswith("\nafter\n") and "old" not in written
    assert service_catalogue.page_with(written, {"web": ENTRY}) == written
