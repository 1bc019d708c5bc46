# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]

TEXT = """# minlen = 99
minlen = 8
minlen = 15   # the last one counts
dcredit=-1
UMASK\t027
UMASKED 000
quiet
name = "with blanks"
[Other]
minclass = 1
[Login]
minclass = 4
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "settings").write_text(TEXT)
    return tmp_path / "settings"


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"name": "minlen", "value": "15"}, "ok"),
        ({"name": "minlen", "value": "8"}, "failed"),
        ({"name": "minlen", "value": ["14", "15"]}, "ok"),
        ({"name": "minlen", "at_least": 15}, "ok"),
        ({"name": "minlen", "at_least": 16}, "failed"),
        ({"name": "dcredit", "at_most": -1}, "ok"),
        ({"name": "dcredit", "at_most": -2}, "failed"),
        ({"name": "UMASK", "mask": "022"}, "ok"),
        ({"name": "UMASK", "mask": "027"}, "ok"),
        ({"name": "UMASK", "mask": "077"}, "failed"),
        ({"name": "quiet", "exists": True}, "ok"),
        ({"name": "loud", "exists": False}, "ok"),
        ({"name": "loud", "value": "1"}, "failed"),
        ({"name": "loud", "value": "1", "if_set": True}, "not_applicable"),
        ({"name": "minlen", "value": "8", "if_set": True}, "failed"),
        ({"name": "name", "value": "with blanks"}, "ok"),
        ({"name": "name", "at_least": 1}, "failed"),
        ({"name": "minclass", "section": "Login", "at_least": 4}, "ok"),
        ({"name": "minclass", "section": "Other", "at_least": 4}, "failed"),
        ({"name": "UMASK", "value": "027", "separator": "\t"}, "ok"),
        ({"name": "dcredit", "value": "-1", "separator": "\t"}, "failed"),
        ({"name": "dcredit", "value": "-1", "separator": " = "}, "ok"),
    ],
)
def test_setting(run: Run, path: Path, options: dict[str, Any], status: str) -> None:
    assert run("setting", path=str(path), **options)["status"] == status


def test_the_last_file_wins(run: Run, path: Path, tmp_path: Path) -> None:
    (tmp_path / "later").write_text("minlen = 20\n")
    paths = [str(path), str(tmp_path / "later"), str(tmp_path / "none")]
    assert run("setting", path=paths, name="minlen", value="20")["status"] == "ok"
    assert run("setting", path=paths, name="dcredit", value="-1")["status"] == "ok", "what the last file does not set stays"


def test_a_file_that_is_not_there(run: Run, tmp_path: Path) -> None:
    answer = run("setting", path=str(tmp_path / "none"), name="minlen", value="15")
    assert answer["status"] == "failed" and "there is no %s/none" % tmp_path in answer["message"]
