# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive with a wheel is the same everywhere, and pip takes the wheel."""

from __future__ import annotations

import re
import tarfile
import zipfile
from pathlib import Path

from lab import wheels

ROOT = Path(__file__).resolve().parents[3]


def test_the_archive_is_the_one_that_the_scenario_names(tmp_path: Path) -> None:
    declared = (ROOT / "molecule" / "catalogue" / "group_vars" / "all.yml").read_text(encoding="utf-8")
    found = re.search(r"sha256: ([0-9a-f]{64})", declared)
    assert found
    assert wheels.build("greeting", tmp_path / "greeting.tar") == found[1]


def test_the_wheel_records_each_of_its_files(tmp_path: Path) -> None:
    wheels.build("greeting", tmp_path / "greeting.tar")
    with tarfile.open(tmp_path / "greeting.tar") as archive:
        archive.extractall(tmp_path, filter="data")
    with zipfile.ZipFile(tmp_path / "wheels" / "greeting-1.0.0-py3-none-any.whl") as wheel:
        recorded = wheel.read("greeting-1.0.0.dist-info/RECORD").decode().splitlines()
        assert [line.split(",")[0] for line in recorded] == wheel.namelist()
        assert b"greeting = greeting:main" in wheel.read("greeting-1.0.0.dist-info/entry_points.txt")
