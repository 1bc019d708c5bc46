# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.plugin_utils import unit_text


@pytest.mark.parametrize(
    ("word", "text"),
    [("a", "a"), ("", '""'), ("a b", '"a b"')]
    + [("50%", '"50%%"'), ('say "x"', '"say \\"x\\""'), ("a\\b", '"a\\\\b"'), ("$HOME", '"$$HOME"'), ("a\nb", '"a\\nb"')],
)
def test_systemd_reads_a_word_as_it_is(word: str, text: str) -> None:
    assert unit_text.quoted(word, command=True) == text


def test_a_service_is_sandboxed_unless_it_says_otherwise() -> None:
    own = unit_text.service("x", ["run", "it"], service={"ProtectHome": "read-only", "ProtectClock": None})["Service"]
    assert own["ExecStart"] == "run it" and own["DynamicUser"] == "yes" and own["NoNewPrivileges"] == "yes"
    assert own["ProtectHome"] == "read-only" and "ProtectClock" not in own


def test_it_is_laid_out() -> None:
    text = unit_text.lay_out(unit_text.service("x", ["run"], user="u", credentials={"a": "/a"}, environment={"K": "v w"}, oneshot=True))
    for line in ("LoadCredential=a:/a", 'Environment="K=v w"', "User=u", "Type=oneshot", "[Install]", "CapabilityBoundingSet="):
        assert line in text.splitlines()


def test_a_setting_may_have_several_lines() -> None:
    text = unit_text.lay_out({"Service": {"SystemCallFilter": "@system-service\n~@privileged"}})
    assert text.splitlines()[1:] == ["[Service]", "SystemCallFilter=@system-service", "SystemCallFilter=~@privileged"]
