# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Callable
from typing import Any

Render = Callable[..., Any]
TARGETS = [{"host": "web-1", "exporter": "node", "name": "node", "port": 9100}]


def test_in_a_template(render: Render) -> None:
    expression = "{} | groundwork.fleet.textfile_directory(name, targets)"
    assert render(expression, name="web-1", targets=TARGETS) == "/var/lib/prometheus/node-exporter"
    assert render(expression, name="db-1", targets=TARGETS) == ""
