# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import health
from ansible_collections.groundwork.fleet.plugins.module_utils.checks import certificate
from ansible_collections.groundwork.fleet.plugins.plugin_utils import authority


@pytest.fixture
def pki(tmp_path: Path) -> Path:
    now = datetime.now(UTC)
    for name in ("a", "b"):
        pair = authority.new_authority(name, now)
        (tmp_path / f"{name}-ca.crt").write_bytes(pair.certificate)
        leaf = authority.new_leaf(pair, authority.host_subject("web-1", [], []), 30, now)
        (tmp_path / f"{name}.crt").write_bytes(leaf.certificate)
        (tmp_path / f"{name}.key").write_bytes(leaf.key)
    return tmp_path


@pytest.mark.parametrize(
    ("key", "ca", "name", "serves"),
    [
        ("a.key", "a-ca.crt", "web-1", True),
        ("a.key", "a-ca.crt", "127.0.0.1", True),
        ("a.key", "a-ca.crt", "web-2", False),
        ("b.key", "a-ca.crt", "web-1", False),
        ("a.key", "b-ca.crt", "web-1", False),
        ("gone.key", "a-ca.crt", "web-1", False),
    ],
)
def test_a_certificate_serves_only_with_its_key_its_authority_and_its_names(pki: Path, key: str, ca: str, name: str, serves: bool) -> None:
    options = certificate.Options(certificate=str(pki / "a.crt"), key=str(pki / key), ca=str(pki / ca), name=name)
    seen = certificate.observe(options, health.Deadline(5))
    assert seen.facts["serves"] is serves
    assert seen.facts.get("days") == (29 if serves else None)
