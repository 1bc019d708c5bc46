# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import errors


def test_a_refusal_says_what_it_is_what_was_expected_and_what_to_do() -> None:
    error = errors.bad_input("files['/etc/x'].mode", 420, "a quoted octal string", "Put the mode in quotes.")
    assert isinstance(error, ValueError)
    assert str(error) == "files['/etc/x'].mode is 420; expected a quoted octal string. Put the mode in quotes."


def test_a_secret_value_is_masked() -> None:
    text = str(errors.bad_input("web_password", "hunter2", "a longer one", "Choose another.", secret=True))
    assert text == "web_password is (hidden); expected a longer one. Choose another."


@pytest.mark.parametrize(("length", "cut"), [(118, False), (119, True)])
def test_long_values_are_cut(length: int, cut: bool) -> None:
    text = errors.shown("x" * length)
    assert text.endswith("...") is cut
    assert len(text) == 120


def test_the_nearest_name() -> None:
    assert errors.nearest("tempalte", ["content", "template"]) == "template"
    assert errors.nearest("zebra", ["content", "template"]) is None
    assert errors.nearest("x", []) is None


def test_an_unknown_name_offers_the_nearest_or_all() -> None:
    assert str(errors.unknown_name("facet", "facet", "backups", ["ports", "backup"])) == (
        "facet is 'backups'; expected a known facet. Did you mean 'backup'?"
    )
    assert str(errors.unknown_name("facet", "facet", "zebra", ["ports", "backup"])).endswith("Known: backup, ports.")


def test_an_option_that_nobody_knows_is_refused_with_the_nearest():
    errors.refuse_unknown_options("x", {"mode": 1}, iter(("mode", "owner")))
    with pytest.raises(errors.BadInput, match=r"x is 'moed'; expected a known option\. Did you mean 'mode'\?"):
        errors.refuse_unknown_options("x", {"owner": 1, "moed": 2}, iter(("mode", "owner")))
