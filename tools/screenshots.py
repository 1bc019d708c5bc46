#!/usr/bin/env python3
# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take the screenshots of the documentation: the pages of tests/example_reports.py as Chromium shows them. `./run screenshots` calls it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEALTH = ROOT / "docs" / "health.png"
SIZE = (1000, 1120)


def main() -> int:
    """Write them."""
    sys.path.insert(0, str(ROOT / "collections"))
    from ansible_collections.groundwork.fleet.plugins.plugin_utils.reports.formats import page

    from lab import browser
    from tests import example_reports

    with tempfile.TemporaryDirectory() as folder, browser.page() as tab:
        path = Path(folder) / "health.html"
        path.write_text(page.render(example_reports.health()), encoding="utf-8")
        tab.window(*SIZE)
        tab.open(path)
        HEALTH.write_bytes(tab.screenshot())
    sys.stdout.write(f"{HEALTH.relative_to(ROOT)}: {HEALTH.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
