# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import authority, pki, pki_store, revocation
from cryptography import x509

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def wanted(host: str = "web-1") -> pki_store.Wanted:
    return pki_store.Wanted(host, (pki_store.Leaf("host", authority.host_subject(host, [], []), 90),), "test")


def listed(outcome: pki_store.Outcome) -> list[set[int]]:
    texts = outcome.revoked.read_bytes().split(b"-----END X509 CRL-----\n")[:-1]
    return [{entry.serial_number for entry in x509.load_pem_x509_crl(text + b"-----END X509 CRL-----\n")} for text in texts]


def serial(outcome: pki_store.Outcome) -> int:
    return x509.load_pem_x509_certificate(outcome.leaves["host"].certificate.read_bytes()).serial_number


def test_what_is_revoked_is_listed_and_replaced(tmp_path: Path) -> None:
    first = pki.issue(tmp_path, wanted(), NOW)
    number = serial(first)
    assert listed(first) == [set(), set()]
    with pki_store.opened(tmp_path) as place:
        gone = revocation.revoke(place, "web-1", "", "stolen", NOW)
        assert [entry["serial"] for entry in gone] == [f"{number:x}"]
        assert revocation.revoke(place, "web-1", "", "stolen", NOW) == []
    again = pki.issue(tmp_path, wanted(), NOW)
    assert again.leaves["host"].reason == "it is revoked" and serial(again) != number
    assert listed(again) == [{number}, set()]
    second = serial(again)
    with pki_store.opened(tmp_path) as place:
        text = f"{second:x}"[:2] + ":" + f"{second:x}"[2:]
        assert revocation.revoke(place, "", text.upper(), "lost", NOW)[0]["host"] == "web-1"
    assert listed(pki.issue(tmp_path, wanted(), NOW)) == [{number, second}, set()]
    assert listed(pki.issue(tmp_path, wanted(), NOW + timedelta(days=91))) == [set(), set()], "what has ended needs no revocation"


@pytest.mark.parametrize(
    ("host", "number", "expected"),
    [
        ("web-11", "", "Did you mean 'web-1'"),
        ("", "zz", "a hexadecimal number"),
        ("", "abc", "the serial number of a valid certificate"),
        ("", "", "either a host or a serial number"),
        ("web-1", "1", "either a host or a serial number"),
    ],
)
def test_what_cannot_be_revoked_is_told(tmp_path: Path, host: str, number: str, expected: str) -> None:
    pki.issue(tmp_path, wanted(), NOW)
    with pki_store.opened(tmp_path) as place, pytest.raises(BadInput, match=expected):
        revocation.revoke(place, host, number, "lost", NOW)


def test_a_list_is_renewed_before_it_ends(tmp_path: Path) -> None:
    first = pki.issue(tmp_path, wanted(), NOW).revoked.read_bytes()
    assert pki.issue(tmp_path, wanted(), NOW + timedelta(days=20)).revoked.read_bytes() == first
    assert pki.issue(tmp_path, wanted(), NOW + timedelta(days=40)).revoked.read_bytes() != first


def test_a_host_that_left_is_revoked_where_that_is_asked_for(tmp_path: Path) -> None:
    gone = pki.issue(tmp_path, wanted("web-2"), NOW)
    members = frozenset({"web-1"})
    assert listed(pki.issue(tmp_path, replace(wanted(), members=members), NOW)) == [set(), set()]
    asked = replace(wanted(), members=members, revoke_removed=True)
    outcome = pki.issue(tmp_path, asked, NOW)
    assert listed(outcome) == [{serial(gone)}, set()] and "web-2" in outcome.done[0]
    assert not pki.issue(tmp_path, asked, NOW).done


def test_a_former_authority_has_its_own_list(tmp_path: Path) -> None:
    directory = tmp_path / "pki"
    old, place = authority.new_authority("old", NOW, 3650, 0), pki_store.Place(directory)
    place.write_pair("ca", old)
    place.write_pair("hosts/web-1/host", authority.new_leaf(old, wanted().leaves[0].subject, 90, NOW))
    number = x509.load_pem_x509_certificate((directory / "hosts/web-1/host.crt").read_bytes()).serial_number
    with pki_store.opened(directory) as place:
        revocation.revoke(place, "web-1", "", "lost", NOW)
    assert listed(pki.issue(directory, wanted(), NOW)) == [set(), set(), {number}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [(None, "none yet"), (b"junk", "cannot be read"), ("other", "another authority"), ("more", "other certificates are revoked")],
)
def test_a_list_that_does_not_serve_is_made_anew(text: bytes | str | None, expected: str) -> None:
    own, other = (authority.new_authority(name, NOW) for name in ("own", "other"))
    lists = {
        "other": revocation.new_revocation_list(other, {}, NOW + timedelta(days=9), NOW),
        "more": revocation.new_revocation_list(own, {7: NOW}, NOW + timedelta(days=9), NOW),
    }
    assert expected in str(revocation.reason_to_list(lists[text] if isinstance(text, str) else text, own, [], NOW))
    assert revocation.reason_to_list(lists["more"], own, [7], NOW) is None
