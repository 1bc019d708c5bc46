# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import json

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_protocol
from ansible_collections.groundwork.fleet.plugins.module_utils.log_https import Answer


def test_the_same_is_packed_to_the_same() -> None:
    assert log_protocol.packed(b"text") == log_protocol.packed(b"text") and gzip.decompress(log_protocol.packed(b"text")) == b"text"


def test_json_has_no_more_than_it_needs() -> None:
    text = log_protocol.compact({"a": ["\u00fc", "\ud800"]})
    assert text == '{"a":["\u00fc","?"]}' and json.loads(text)


@pytest.mark.parametrize(
    ("status", "outcome"), [(204, "sent"), (400, "refused"), (403, "wait"), (404, "wait"), (429, "retry"), (502, "retry")]
)
def test_what_an_answer_means(status: int, outcome: str) -> None:
    one = log_protocol.Protocol({"authorization": "a", "api_key": ""}, "h", [])
    assert one.judge(Answer(status, {}, b"no"), []).outcome == outcome
    assert one.secrets() == ["a"] and one.mend() == []
