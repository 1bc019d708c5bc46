# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import authority, own_certificate

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ROOT = authority.new_authority("their root", NOW)
ABOVE = authority.new_authority("their intermediate", NOW, 1825, 0, ROOT)
LEAF = authority.new_leaf(ABOVE, authority.host_subject("shop.example.org", ["*.example.net"], []), 90, NOW)
PARTS = {"certificate": LEAF.certificate, "key": LEAF.key, "chain": ABOVE.certificate + ROOT.certificate}


def test_what_holds_is_put_together_without_the_root() -> None:
    own = own_certificate.checked("web", PARTS, ["shop.example.org", "a.example.net"], NOW)
    assert own.certificate == LEAF.certificate + ABOVE.certificate and own.issuers == ABOVE.certificate and own.key == LEAF.key
    assert "PRIVATE" not in repr(own)
    together = {"certificate": LEAF.certificate + ABOVE.certificate, "key": LEAF.key}
    assert own_certificate.checked("web", together, [], NOW) == own


@pytest.mark.parametrize(
    ("parts", "names", "later", "expected"),
    [
        ({"key": ABOVE.key}, [], 0, "its key belongs to another certificate"),
        ({"key": b"junk"}, [], 0, "its key is no private key in PEM"),
        ({"certificate": b"junk"}, [], 0, "its certificate is no certificate in PEM"),
        ({"chain": b"junk"}, [], 0, "its chain is no certificate in PEM"),
        ({"chain": ROOT.certificate}, [], 0, "its chain does not hold: CN=shop.example.org is not signed by CN=their root"),
        ({}, ["b.a.example.net"], 0, r"it is not for b.a.example.net, but for \*.example.net"),
        ({}, [], 91, "it expired on 2027-02-21"),
        ({}, [], 1900, "the issuer CN=their intermediate expired"),
        ({}, [], -1, "it is valid only from 2026-11-23"),
    ],
)
def test_what_does_not_hold_is_refused(parts: dict[str, bytes], names: list[str], later: int, expected: str) -> None:
    with pytest.raises(BadInput, match=expected) as told:
        own_certificate.checked("web", {**PARTS, **parts}, names, NOW + timedelta(days=later))
    assert str(told.value).startswith("The certificate 'web' cannot be used") and "PRIVATE" not in str(told.value)


def test_all_is_told_at_once() -> None:
    with pytest.raises(BadInput) as told:
        own_certificate.checked("web", {**PARTS, "key": ROOT.key}, ["x.org"], NOW + timedelta(days=91))
    for text in ("another certificate", "not for x.org", "expired on"):
        assert text in str(told.value)


def test_text_stands_for_itself_and_all_else_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "web.crt").write_bytes(LEAF.certificate)
    parts = {"certificate": str(tmp_path / "web.crt"), "key": LEAF.key.decode()}
    found = own_certificate.loaded("web", parts, lambda path: Path(path).read_bytes())
    assert found == {"certificate": LEAF.certificate, "key": LEAF.key}
    with pytest.raises(BadInput, match=r"chain '/gone' cannot be read"):
        own_certificate.loaded("web", {"chain": "/gone"}, lambda path: Path(path).read_bytes())
