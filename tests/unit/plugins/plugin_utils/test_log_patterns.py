# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import log_patterns

LOST = {
    "secrets": [
        ("login password=hunter2 ok", "hunter2"),
        ('{"password": "hunter2", "a": 1}', "hunter2"),
        ("Authorization: Bearer abcdefgh12345678", "abcdefgh12345678"),
        ("postgres://ana:hunter2@db/x", "hunter2"),
        ("key AKIAIOSFODNN7EXAMPLE used", "AKIAIOSFODNN7EXAMPLE"),
        ("api_key: s3cr3t-value", "s3cr3t"),
    ],
    "mail": [("from ana.m+x@mail.example.org to", "ana.m+x@mail.example.org")],
    "card_numbers": [
        ("card 4111 1111 1111 1111 paid", "4111 1111 1111 1111"),
        ("5555555555554444", "5555"),
        ("3782 822463 10005", "822463"),
    ],
}
KEPT = [
    "GET /index.html 200 1234",
    "took 1795690035329 ms",
    "user ana logged in from 192.0.2.1",
    "tokens: none left over",
    *log_patterns.TIMES,
]


@pytest.mark.parametrize(("name", "text", "gone"), [(name, *case) for name, cases in LOST.items() for case in cases])
def test_what_must_not_stand_in_a_log_is_gone(name: str, text: str, gone: str) -> None:
    found = log_patterns.redacted(text, log_patterns.REDACTIONS[name])
    assert gone not in found and "[redacted]" in found


@pytest.mark.parametrize("text", KEPT)
@pytest.mark.parametrize("name", ["mail", "card_numbers"])
def test_the_rest_stays(name: str, text: str) -> None:
    assert log_patterns.redacted(text, log_patterns.REDACTIONS[name]) == text


def test_no_redaction_of_ours_eats_a_time() -> None:
    assert all(
        log_patterns.redacted(text, patterns) == text for patterns in log_patterns.REDACTIONS.values() for text in log_patterns.TIMES
    )
    assert all(log_patterns.checked("x", one) for patterns in log_patterns.REDACTIONS.values() for one in patterns)


@pytest.mark.parametrize("pattern", [r"\d", "(?:a)", "a+?", r"a\Z", "(", "", None, "a\nb"])
def test_what_an_engine_cannot_run_is_refused(pattern: str) -> None:
    with pytest.raises(BadInput, match="where"):
        log_patterns.checked("where", pattern)


def test_classes_of_posix_are_known() -> None:
    assert log_patterns.redacted("a 12 b", [log_patterns.checked("x", "[[:digit:]]+")]) == "a [redacted] b"
