# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures and warnings of ssh-audit are told, its information is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.console import LabError
from tools.audit_score import ssh_audit


def document(**parts: Any) -> str:
    return json.dumps({"kex": [], "key": [], "enc": [], "mac": [], "cves": [], **parts})


def test_warnings_and_failures_are_told_with_the_algorithm() -> None:
    text = document(
        kex=[{"algorithm": "curve25519-sha256", "notes": {"warn": ["no post-quantum"], "info": ["since OpenSSH 7.4"]}}],
        mac=[{"algorithm": "hmac-sha1", "notes": {"fail": ["broken SHA-1"], "warn": ["encrypt-and-MAC"]}}],
        enc=[{"algorithm": "aes256-ctr", "notes": {"info": ["since OpenSSH 3.7"]}}],
        cves=[{"name": "CVE-2000-0001", "description": "somebody gets in", "cvssv2": 10.0}],
    )
    assert ssh_audit.warnings(text) == (
        "key exchange curve25519-sha256: no post-quantum",
        "MAC hmac-sha1: broken SHA-1",
        "MAC hmac-sha1: encrypt-and-MAC",
        "CVE-2000-0001: somebody gets in",
    )


def test_a_clean_server_has_none() -> None:
    assert ssh_audit.warnings(document()) == ()


@pytest.mark.parametrize("text", ["", "[exception] cannot connect to 10.0.0.1 port 22\n", "{}", "[]"])
def test_no_report_is_an_error_and_not_a_clean_server(text: str) -> None:
    with pytest.raises(LabError, match="gave no report"):
        ssh_audit.warnings(text)
