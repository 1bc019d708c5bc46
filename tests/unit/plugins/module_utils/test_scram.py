# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import scram

# RFC 7677, section 3: the exchange of the user "user" with the password "pencil"
RFC_SALT = b"[m\x99h\x9d\x125\x8e\xec\xa0K\x14\x126\xfa\x81"  # "W22ZaJ0SNY7soEsUEjb6gQ=="


def test_it_is_the_verifier_of_the_rfc() -> None:
    # StoredKey and ServerKey follow from the example's proof and server signature (v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=)
    expected = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
    expected += "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    assert scram.verifier("pencil", RFC_SALT) == expected


@pytest.mark.parametrize("password", ["pencil", "a b$c:d'e\\f", "pässword", "I\u00adX", "\u0627\u0628", "\u06271"])
def test_a_password_fits_its_own_verifier_only(password: str) -> None:
    kept = scram.verifier(password)
    assert scram.fits(password, kept)
    assert not scram.fits(password + "x", kept)
    assert password not in kept


def test_each_verifier_has_a_salt_of_its_own() -> None:
    assert scram.verifier("pencil") != scram.verifier("pencil")


@pytest.mark.parametrize(
    "kept", ["", "md5c4ca4238a0b923820dcc509a6f75849b", "pencil", "SCRAM-SHA-256$4096:x", "SCRAM-SHA-256$1:AA==$AA==:AA=="]
)
def test_what_is_no_verifier_of_it_does_not_fit(kept: str) -> None:
    assert not scram.fits("pencil", kept)


@pytest.mark.parametrize(
    ("given", "prepared"),
    [
        ("user", "user"),
        ("I\u00adX", "IX"),  # RFC 4013, section 3: a soft hyphen is nothing
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("\u00a0x", " x"),
        ("\u0007é", "\u0007é"),  # prohibited: as it is
        ("\u06271", "\u06271"),  # not well formed by the rules of two directions: as it is
    ],
)
def test_sasl_prepares_as_the_rfc_says(given: str, prepared: str) -> None:
    assert scram.prepared(given) == prepared
