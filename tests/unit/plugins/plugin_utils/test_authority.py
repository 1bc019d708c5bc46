# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import authority, secret_recipe
from cryptography import x509

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
AUTHORITY = authority.new_authority("test authority", NOW)
SUBJECT = authority.host_subject("web-1", ["web-1.example.org"], ["192.0.2.7"])
LEAF = authority.new_leaf(AUTHORITY, SUBJECT, 90, NOW)


def reason(leaf: authority.Pair | None = LEAF, subject: authority.Subject = SUBJECT, days: int = 90, later: int = 0) -> str | None:
    return authority.reason_to_issue(leaf, AUTHORITY.certificate, subject, days, NOW + timedelta(days=later))


def test_a_host_is_named_by_its_names_its_addresses_and_the_loopback() -> None:
    subject = authority.host_subject("Web-1", ["web-1.example.org.", "192.0.2.9"], ["192.0.2.7", "fe80::1", "2001:db8::1"])
    assert subject.names == {"web-1", "web-1.example.org", "localhost"}
    assert {str(address) for address in subject.addresses} == {"127.0.0.1", "::1", "192.0.2.7", "192.0.2.9", "2001:db8::1"}


def test_an_inventory_name_that_is_an_address_becomes_one() -> None:
    assert authority.host_subject("192.0.2.1", [], []).names == {"localhost"}


@pytest.mark.parametrize("name", ["", "a b", "a..b", "bücher.example", "x" * 64, "a/b", "a*b.example", "-a", "*.x", "a.*.example", "a!b"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="expected a DNS name"):
        authority.host_subject("web-1", [name], [])


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(BadInput, match="'web-2'; expected an IPv4 or IPv6 address"):
        authority.host_subject("web-1", [], ["web-2"])


def constraints(pair: authority.Pair) -> x509.BasicConstraints:
    found = x509.load_pem_x509_certificate(pair.certificate).extensions.get_extension_for_class(x509.BasicConstraints)
    assert found.critical and found.value.ca
    return found.value


def test_a_root_signs_itself_and_stands_above_one_more() -> None:
    certificate = x509.load_pem_x509_certificate(AUTHORITY.certificate)
    assert constraints(AUTHORITY).path_length == 1
    assert (certificate.not_valid_after_utc - NOW).days == 7300
    certificate.verify_directly_issued_by(certificate)


def test_an_intermediate_is_signed_by_the_root_and_ends_with_it() -> None:
    below = authority.new_authority("below", NOW, 1825, 0, AUTHORITY)
    assert constraints(below).path_length == 0 and authority.issued_by_pem(below.certificate, AUTHORITY.certificate)
    late = authority.new_authority("below", NOW + timedelta(days=7000), 1825, 0, AUTHORITY)
    assert x509.load_pem_x509_certificate(late.certificate).not_valid_after_utc == NOW + timedelta(days=7300)


@pytest.mark.parametrize("algorithm", ["ecdsa", "ed25519", "rsa"])
def test_an_authority_takes_the_key_it_is_given(algorithm: str) -> None:
    key = secret_recipe.make(secret_recipe.Recipe("tls_key", algorithm=algorithm))
    own = authority.new_authority("own", NOW, key=key)
    leaf = authority.new_leaf(own, SUBJECT, 90, NOW)
    assert authority.authority_problem(own, NOW) is None and authority.issued_by_pem(leaf.certificate, own.certificate)


def test_a_leaf_serves_both_sides_and_is_no_authority() -> None:
    certificate = x509.load_pem_x509_certificate(LEAF.certificate)
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert {item._name for item in usage} == {"serverAuth", "clientAuth"}
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(AUTHORITY.certificate))


def test_a_leaf_never_outlives_the_authority() -> None:
    leaf = authority.new_leaf(AUTHORITY, SUBJECT, 90, NOW + timedelta(days=7290))
    assert x509.load_pem_x509_certificate(leaf.certificate).not_valid_after_utc == NOW + timedelta(days=7300)


def test_a_long_inventory_name_fits_the_common_name() -> None:
    subject = authority.host_subject("h" * 60 + "." + "example", [], [])
    assert authority.metadata(authority.new_leaf(AUTHORITY, subject, 90, NOW).certificate)["names"]


@pytest.mark.parametrize(("later", "renewed"), [(0, False), (59, False), (61, True), (91, True)])
def test_a_leaf_is_renewed_when_a_third_of_its_life_remains(later: int, renewed: bool) -> None:
    assert bool(reason(later=later)) == renewed


@pytest.mark.parametrize(
    ("leaf", "text"),
    [
        (None, "none yet"),
        (authority.Pair(b"junk", LEAF.key), "cannot be read"),
        (authority.Pair(LEAF.certificate, b"junk"), "cannot be read"),
        (authority.Pair(LEAF.certificate, AUTHORITY.key), "do not belong together"),
        (authority.new_leaf(authority.new_authority("other", NOW), SUBJECT, 90, NOW), "another authority"),
    ],
)
def test_a_leaf_that_does_not_serve_is_replaced(leaf: authority.Pair | None, text: str) -> None:
    assert text in str(reason(leaf))


def test_a_revoked_leaf_is_replaced() -> None:
    serial = x509.load_pem_x509_certificate(LEAF.certificate).serial_number
    assert authority.reason_to_issue(LEAF, AUTHORITY.certificate, SUBJECT, 90, NOW, revoked={serial}) == "it is revoked"


def test_a_wildcard_is_a_name() -> None:
    assert "*.example.org" in authority.host_subject("web-1", ["*.example.org"], []).names


def test_changed_names_and_a_shorter_lifetime_replace_a_leaf() -> None:
    assert "names or addresses" in str(reason(subject=authority.host_subject("web-1", [], ["192.0.2.8"])))
    assert "web-1.example.net" in str(reason(subject=authority.host_subject("web-1", ["web-1.example.net"], ["192.0.2.7"])))
    assert "shortened" in str(reason(days=30))
    assert reason(days=400) is None


def test_a_leaf_that_names_more_than_is_wanted_serves() -> None:
    assert reason(subject=authority.host_subject("web-1", [], [])) is None


def test_an_unusable_authority_is_told() -> None:
    assert authority.authority_problem(AUTHORITY, NOW) is None
    assert "expired" in str(authority.authority_problem(AUTHORITY, NOW + timedelta(days=7400)))
    assert "together" in str(authority.authority_problem(authority.Pair(AUTHORITY.certificate, LEAF.key), NOW))
    assert "read" in str(authority.authority_problem(authority.Pair(b"", b""), NOW))


def test_metadata_hold_no_key_and_a_pair_does_not_show_its_key() -> None:
    told = authority.metadata(LEAF.certificate)
    assert told["not_after"] == (NOW + timedelta(days=90)).isoformat()
    assert len(told["fingerprint"]) == 32 * 3 - 1
    assert "PRIVATE" not in repr(LEAF)
    assert told["issuer"] == "test authority" and int(told["serial"], 16)
    assert authority.body_line(AUTHORITY.certificate) in AUTHORITY.certificate.decode()
    assert authority.body_line(AUTHORITY.certificate + LEAF.certificate) in AUTHORITY.certificate.decode()


def test_what_was_issued_before_a_moment_is_replaced_once() -> None:
    def because(leaf: authority.Pair, since: datetime) -> str | None:
        return authority.reason_to_issue(leaf, AUTHORITY.certificate, SUBJECT, 90, NOW + timedelta(days=1), since)

    assert because(LEAF, NOW + timedelta(seconds=1)) == "it was issued before 2026-11-23T12:00:01+00:00"
    assert because(LEAF, NOW) is None
    assert because(authority.new_leaf(AUTHORITY, SUBJECT, 90, NOW + timedelta(hours=1)), NOW + timedelta(seconds=1, microseconds=5)) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None),
        ("2026-11-23", NOW.replace(hour=0)),
        ("2026-11-23T12:00:00", NOW),
        ("2026-11-23T13:00:00+01:00", NOW),
        ("2026-11-23T12:00:00Z", NOW),
    ],
)
def test_the_moment_before_which_certificates_are_replaced(text: str, found: datetime | None) -> None:
    assert authority.moment_since(text, "x", NOW) == found


@pytest.mark.parametrize("text", ["yesterday", "2026-11-24", "90d"])
def test_a_moment_that_is_none_or_in_the_future_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="x is '%s'; expected a moment in the past" % text):
        authority.moment_since(text, "x", NOW)
