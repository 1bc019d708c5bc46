# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import log_chain

from .log_server_files import NOW, tls  # noqa: F401  # a fixture


def test_every_entry_holds_the_hash_of_the_one_before(tmp_path: Path) -> None:
    chain = log_chain.Chain(str(tmp_path), "2026-11-26T10:00:00Z")
    assert [chain.append("begun", host="ops-1"), chain.append("removed", file="ä")] == [1, 2]
    first, second = (line for _path, line in log_chain.lines(str(tmp_path)))
    assert log_chain.digest(first).encode() in second and log_chain.end(str(tmp_path)) == (2, log_chain.digest(second))


def test_a_month_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    log_chain.Chain(str(tmp_path), "2026-11-30T23:59:59Z").append("begun")
    assert log_chain.Chain(str(tmp_path), "2026-12-01T00:00:00Z").append("removed", file="x") == 2
    log_chain.Chain(str(tmp_path), "2026-11-01T00:00:00Z").append("removed", file="y")  # the clock was set back
    assert [Path(path).name for path, _line in log_chain.lines(str(tmp_path))] == ["chain-202611.jsonl", *["chain-202612.jsonl"] * 2]


def test_a_chain_whose_end_cannot_be_read_is_not_continued(tmp_path: Path) -> None:
    (tmp_path / "chain-202611.jsonl").write_text("what is this\n")
    with pytest.raises(log_chain.ChainError, match="the last entry cannot be read"):
        log_chain.end(str(tmp_path))


def test_a_signature_fits_one_hash_and_one_certificate(tls: dict[str, str]) -> None:  # noqa: F811
    certificate = Path(tls["certificate"]).read_text()
    signature = log_chain.sign("a" * 64, tls["key"])
    assert log_chain.signed("a" * 64, signature, certificate)
    assert not log_chain.signed("b" * 64, signature, certificate)
    assert not log_chain.signed("a" * 64, "!", certificate) and not log_chain.signed("a" * 64, signature, "no certificate")
    with pytest.raises(log_chain.ChainError, match="openssl could not sign with /nonexistent-key"):
        log_chain.sign("a" * 64, "/nonexistent-key")


def test_a_certificate_has_to_be_of_the_authority_and_of_its_time(tls: dict[str, str], tmp_path: Path) -> None:  # noqa: F811
    certificate = Path(tls["certificate"]).read_text()
    assert log_chain.trusted(certificate, tls["ca"], NOW) == ""
    assert log_chain.trusted(certificate, tls["ca"], NOW + 99 * 86400) and log_chain.trusted("x", tls["ca"], NOW)


def test_ends_are_found_in_lines_of_logs() -> None:
    text = "2026-11-26 ops-1 groundwork-log-chain: closed=1 removed=0 n=7 head=%s\nn=8 head=short\nx=1\n" % ("a" * 64)
    assert log_chain.heads(text) == [(7, "a" * 64)]
    assert log_chain.heads(log_chain.told(log_chain.Link(7, "a" * 64))) == [(7, "a" * 64)]
