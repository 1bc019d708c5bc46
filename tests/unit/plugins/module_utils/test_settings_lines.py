# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import settings_lines
from hypothesis import given
from hypothesis import strategies as st

TEXT = "# UMASK 077\nUMASK\t\t022\nPASS_MAX_DAYS   99999\nUMASKED 1\n"


def test_a_value_is_replaced_in_place_and_its_line_remembered():
    after, originals = settings_lines.desired(TEXT, {"UMASK": "027"}, {}, "\t")
    assert after == "# UMASK 077\nUMASK\t027\nPASS_MAX_DAYS   99999\nUMASKED 1\n"
    assert originals == {"UMASK": ["UMASK\t\t022\n"]}
    assert settings_lines.desired(after, {}, originals, "\t") == (TEXT, {})


def test_a_new_setting_goes_to_the_end_and_away_again():
    after, originals = settings_lines.desired(TEXT, {"HOME_MODE": "0700"}, {}, "\t")
    assert after == TEXT + "HOME_MODE\t0700\n" and originals == {"HOME_MODE": []}
    assert settings_lines.desired(after, {}, originals, "\t") == (TEXT, {})


def test_what_is_right_is_left_alone():
    assert settings_lines.desired(TEXT, {"PASS_MAX_DAYS": "99999"}, {}, "\t") == (TEXT, {})


def test_the_first_memory_stays_when_the_value_changes_again():
    once, originals = settings_lines.desired(TEXT, {"UMASK": "027"}, {}, "\t")
    twice, still = settings_lines.desired(once, {"UMASK": "077"}, originals, "\t")
    assert settings_lines.value_in(twice, "UMASK", "\t") == "077" and still == originals


def test_several_lines_become_one_and_come_back():
    text = "A 1\nB 2\nA 3\n"
    after, originals = settings_lines.desired(text, {"A": "4"}, {}, " ")
    assert after == "A 4\nB 2\n" and originals == {"A": ["A 1\n", "A 3\n"]}


@pytest.mark.parametrize(
    ("line", "value"), [("A=1", "1"), ("A = 1", "1"), (" A=x y ", "x y"), ("A=", ""), ("#A=1", None), ("AB=1", None), ("", None)]
)
def test_other_separators(line, value):
    assert settings_lines.value_in(line, "A", "=") == value


NAMES = st.sampled_from(["UMASK", "PASS_MAX_DAYS", "HOME_MODE", "X"])
WORDS = st.text(st.characters(categories=["L", "N"], max_codepoint=127), min_size=1, max_size=5)
FILES = st.dictionaries(NAMES, WORDS).map(lambda values: "# head\n" + "".join(f"{name} {value}\n" for name, value in values.items()))


@given(FILES, st.dictionaries(NAMES, WORDS), st.dictionaries(NAMES, WORDS))
def test_whatever_was_set_the_way_back_leads_to_the_file_as_it_was(text, first, second):
    once, originals = settings_lines.desired(text, first, {}, "\t")
    assert all(settings_lines.value_in(once, name, "\t") == value for name, value in first.items())
    assert settings_lines.desired(once, first, originals, "\t") == (once, originals)
    twice, originals = settings_lines.desired(once, second, originals, "\t")
    assert all(settings_lines.value_in(twice, name, "\t") == value for name, value in second.items())
    back, nothing = settings_lines.desired(twice, {}, originals, "\t")
    assert (back, nothing) == (text, {})


@pytest.mark.parametrize(
    ("text", "after", "remembered"),
    [
        ("root ALL\n", "root PASSWD: ALL\n", {"root": ["root ALL\n"]}),
        ("root NOPASSWD: ALL\n", "root NOPASSWD: ALL\n", {}),
        ("x\n", "x\n", {}),
    ],
)
def test_only_the_value_that_is_named_is_replaced(text: str, after: str, remembered: dict[str, list[str]]) -> None:
    assert settings_lines.desired(text, {"root": "PASSWD: ALL"}, {}, " ", "ALL") == (after, remembered)
    assert settings_lines.desired(after, {"root": "PASSWD: ALL"}, remembered, " ", "ALL") == (after, remembered)
    assert settings_lines.desired(after, {}, remembered, " ")[0] == text
