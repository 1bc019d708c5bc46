# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-test prints becomes one case for each of its tests."""

from __future__ import annotations

from xml.etree import ElementTree

from tools import sanity

OUTPUT = """WARNING: Using locale "C.UTF-8"
Running sanity test "import" on Python 3.9
Running sanity test "import" on Python 3.12
ERROR: Found 1 import issue(s) on python 3.12 which need to be resolved:
ERROR: plugins/x.py:15:0: No module named '<x>'
See documentation for help: https://example.com/import.html
WARNING: Skipping sanity test "import" on Python 3.14 because it could not be found.
Running sanity test "yamllint"
FATAL: The 1 sanity test(s) listed below (out of 3) failed. See error output above for details.
import --python 3.12
"""


def cases(code: int, output: str) -> dict[str | None, ElementTree.Element]:
    root = junit_root(code, output)
    return {case.get("name"): case for case in root}


def junit_root(code: int, output: str) -> ElementTree.Element:
    text = ElementTree.tostring(sanity.junit(code, output).getroot())
    return ElementTree.fromstring(text)


def test_a_failure_is_told_with_its_test_and_python() -> None:
    found = cases(1, OUTPUT)
    failed = {name: case.findtext("failure") for name, case in found.items() if case.find("failure") is not None}
    assert list(failed) == ["import 3.12"]
    assert "plugins/x.py:15:0: No module named '<x>'" in str(failed["import 3.12"])
    assert [name for name, case in found.items() if case.find("skipped") is not None] == ["import 3.14"]
    assert {"import 3.9", "yamllint"} <= set(found)


def test_the_counts_are_those_of_the_cases() -> None:
    root = junit_root(1, OUTPUT)
    assert [root.get(name) for name in ("tests", "failures", "skipped")] == ["5", "1", "1"]


def test_a_crash_between_the_tests_is_a_failure_too() -> None:
    found = cases(1, 'Running sanity test "yamllint"\nFATAL: no space left\n')
    assert found["ansible-test"].findtext("failure") == "FATAL: no space left"
    assert cases(0, 'Running sanity test "yamllint"\n')["ansible-test"].find("failure") is None
