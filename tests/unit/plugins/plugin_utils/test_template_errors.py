# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import jinja2
import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import template_errors

UNDEFINED = "a\nport {{ never.declared }}\n"


def failing(source: str) -> BaseException:
    with pytest.raises(Exception) as caught:
        jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(source).render()
    return caught.value


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        (UNDEFINED, 2, "'never' is undefined"),
        ("a\n{% if x %}\nb", 2, "Unexpected end of template"),
        ("a\n\n{{ 1 | nofilter }}", 3, "No filter named 'nofilter'"),
        ("a\n{% for i in [1] %}\n{{ 1 / 0 }}\n{% endfor %}", 3, "division by zero"),
    ],
)
def test_the_line_and_the_reason_are_named(source: str, line: int, reason: str) -> None:
    text = template_errors.explained("files['/x'].template", "x.j2", failing(source), source)
    assert text.startswith(f"files['/x'].template is 'x.j2', line {line}; expected a template that can be rendered: {reason}")


def test_the_innermost_cause_counts() -> None:
    try:
        try:
            raise KeyError("deep")
        except KeyError as error:
            raise ValueError("outer") from error
    except ValueError as error:
        assert template_errors.reason_of(error) == "'deep'"


def test_no_line_is_better_than_a_wrong_one() -> None:
    text = template_errors.explained("x", "x.j2", ValueError("'elsewhere' is undefined"), "nothing of that name\n")
    assert text.startswith("x is 'x.j2'; expected a template that can be rendered: 'elsewhere' is undefined. Define it")


def test_a_template_that_is_nowhere_has_its_own_remedy() -> None:
    text = template_errors.explained("x", "x.j2", ValueError("the template file x.j2 could not be found for the lookup"))
    assert text.endswith("Put it into the role's templates/, or give its path.")
