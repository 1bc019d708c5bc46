# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_bolt


def test_what_is_written_is_read(tmp_path: Path) -> None:
    values = {b"file_input.knownFiles": b"x" * 10_000, b"a": b""}
    log_bolt.write(str(tmp_path / "f"), values)
    assert log_bolt.read(str(tmp_path / "f")) == values and (tmp_path / "f").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "f").stat().st_size % log_bolt.PAGE == 0


def test_branches_lead_to_leaves(tmp_path: Path) -> None:
    """As bbolt has them when a bucket is larger than a page."""
    log_bolt.write(str(tmp_path / "f"), {b"a": b"1"})
    data = bytearray((tmp_path / "f").read_bytes())
    leaf = bytes(data[4 * log_bolt.PAGE :])
    branch = (
        log_bolt.HEADER.pack(4, log_bolt.BRANCH, 1, 0) + (16).to_bytes(4, "little") + (1).to_bytes(4, "little") + (5).to_bytes(8, "little")
    )
    data[4 * log_bolt.PAGE :] = (branch + b"a").ljust(log_bolt.PAGE, b"\0")
    (tmp_path / "f").write_bytes(bytes(data) + leaf)
    assert log_bolt.read(str(tmp_path / "f")) == {b"a": b"1"}


@pytest.mark.parametrize("content", [b"", b"x" * 9000])
def test_what_is_none_is_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(log_bolt.Damaged):
        log_bolt.read(str(tmp_path / "f"))


def test_a_meta_with_a_wrong_sum_does_not_count(tmp_path: Path) -> None:
    log_bolt.write(str(tmp_path / "f"), {b"a": b"1"})
    data = bytearray((tmp_path / "f").read_bytes())
    data[log_bolt.PAGE + 40] ^= 1
    (tmp_path / "f").write_bytes(bytes(data))
    assert log_bolt.read(str(tmp_path / "f")) == {b"a": b"1"}
    data[40] ^= 1
    (tmp_path / "f").write_bytes(bytes(data))
    with pytest.raises(log_bolt.Damaged, match="where it begins"):
        log_bolt.read(str(tmp_path / "f"))


def test_the_sum_is_fnv() -> None:
    assert log_bolt.checksum(b"") == 0xCBF29CE484222325 and log_bolt.checksum(b"a") == 0xAF63DC4C8601EC8C
