# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_digest


@pytest.mark.parametrize(
    ("length", "digest"), [(0, "310e0edd47db6f72"), (1, "fd67dc93c539f874"), (8, "6224939a79f5f593"), (15, "e545be4961ca29a1")]
)
def test_the_digest_is_siphash(length: int, digest: str) -> None:
    """Of the bytes 00 01 …, as the authors of SipHash give them for this key (https://github.com/veorq/SipHash, vectors.h)."""
    assert log_digest.siphash(bytes(range(length))) == digest


def test_a_note_is_of_the_file_that_begins_so() -> None:
    head = b"line\n" * 200
    note = "/s/imfile-state:12:" + log_digest.siphash(head[:512])
    assert log_digest.is_of(note, head) and log_digest.is_of("/s/imfile-state:12", b"short")
    assert not log_digest.is_of(note, b"other" + head) and not log_digest.is_of(note, head[:511])
