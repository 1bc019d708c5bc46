# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import contextlib

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import openpgp
from hypothesis import given
from hypothesis import strategies as st

# Public keys made for this test by gpg; their private keys were thrown away.
KEY = """-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawRM1xYJKwYBBAHaRw8BAQdApIgbp9cfcx4MCnGzBLVX98dRtVfJH0W5/AEf
B6eV1Ci0DWFAZXhhbXBsZS5vcmeIkAQTFgoAOBYhBK0HB4ANRtbyBQyUqISRNhFm
zHQnBQJrBEzXAhsDBQsJCAcCBhUKCQgLAgQWAgMBAh4BAheAAAoJEISRNhFmzHQn
SikA/1fIXxOB+WrvOYrVZ29fBr9mDPXjM0E5zB1yXCrw2WM/AQDn1Eb8masbqfTQ
chzTcxsHUFaCfJCchkrmxr9s25WBCA==
=x1SD
-----END PGP PUBLIC KEY BLOCK-----
"""
KEY_FINGERPRINT = "AD0707800D46D6F2050C94A88491361166CC7427"
RSA = """-----BEGIN PGP PUBLIC KEY BLOCK-----
Comment: an old format header

mQENBGsETNcBCACzRS1ClIqF3YIoniM+CaV41LA5OrOvaHdzRySVlQnTZ9wacyD+
EO2QeUuzV2khLA5+62eoeXGCsYB25RerPqiTx1l6oMsXlRn3/J1bSWVOgJ342sMb
PbgtjezuXXY/4vWuuj5VqICVAV0aLiXDHGwB9KmDhrke+oX7GqcxNpbDrhMMgLKu
tI8Jb5JUOdjBG1sgpulo6JwS6Nm/Zy98tj6B+7OsaOIq28bZ7wxCw7SIiYMrqDEv
LGqHUbiBSX5iDHsWstewIuNMMwk/1Jd2/s0HM/wk1PpbFRw7DCGvhcIjYdly4c0W
vXLcyGmerNh8N3PFf6dj+Aj7lyaN7WDbbN5HABEBAAG0DWJAZXhhbXBsZS5vcmeJ
AU4EEwEKADgWIQTnxvCy1Cbb+tMZPWRk9PEdeVALBgUCawRM1wIbAwULCQgHAgYV
CgkICwIEFgIDAQIeAQIXgAAKCRBk9PEdeVALBmLEB/97rRCIoeHbTwC2rK/MeWWh
43sAWh3dyjXiNK6QesEvbhITfppdPGpeEr51ZKlmEDF+3QaaQ8B8xFomhguGh6S6
4lajFLfa5IAGanIXMbpKdSrwmQy7B7IOHcYqX1mrSoPbDqT6c2mq3k9Px1jHMNEb
MgkFY/Msn7Jtqgy/xust+6I7DJWU93eclRK7FzRAHsdwp/vGYUcG6y7jFPVsob68
vi5i7iWdn0W9YUQtDZseK3akcyH9TBO6xuqWfIx1Mh75HpLNmi33eZtRA379axH3
195GozHXI8eQO8c1404BRlIEptDif97pqcL0amAtQR1OE1U7XPIphLWAi/z+atdo
=plzz
-----END PGP PUBLIC KEY BLOCK-----
"""
RSA_FINGERPRINT = "E7C6F0B2D426DBFAD3193D6464F4F11D79500B06"


def armored(data: bytes) -> str:
    return "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n%s\n-----END PGP PUBLIC KEY BLOCK-----\n" % base64.b64encode(data).decode()


def test_fingerprints_are_those_that_gpg_shows():
    assert openpgp.fingerprints(KEY) == [KEY_FINGERPRINT]
    assert openpgp.fingerprints(RSA) == [RSA_FINGERPRINT]


def test_every_key_of_several_blocks_is_found():
    assert openpgp.fingerprints(KEY + "text between\n" + RSA) == [KEY_FINGERPRINT, RSA_FINGERPRINT]


def test_windows_line_ends():
    assert openpgp.fingerprints(KEY.replace("\n", "\r\n")) == [KEY_FINGERPRINT]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no line"),
        (KEY.replace("PUBLIC", "PRIVATE"), "private key"),
        (KEY.replace("mDME", "mDMF"), "checksum"),
        (KEY.replace("mDME", "m*ME"), "base64"),
        (armored(b"\x01\x02"), "does not consist"),
        (armored(b"\x98\x33\x04"), "ends in the middle"),
        (armored(b"\xc6\xe1\x04"), "unknown length"),
        (armored(b"\x98\x02\x03\x00"), "version 3"),
        (armored(b"\x98\x00"), "version 0"),
        (armored(b"\x94\x02\x04\x00"), "private key"),
        (armored(b"\xb4\x01a"), "no public key"),
    ],
)
def test_what_is_no_key_is_refused(text, message):
    with pytest.raises(openpgp.NotAKey, match=message):
        openpgp.fingerprints(text)


def test_version_6():
    body = b"\x06" + b"\x00" * 8
    assert len(openpgp.fingerprints(armored(b"\xc6" + bytes([len(body)]) + body))[0]) == 64


@given(st.binary(max_size=10000))
def test_a_packet_is_read_back_whatever_the_form_of_its_length(body):
    size = len(body)
    forms = [b"\xc6\xff" + size.to_bytes(4, "big"), b"\x9a" + size.to_bytes(4, "big"), b"\x9b"]
    if size < 192:
        forms.append(b"\xc6" + bytes([size]))
    if 192 <= size < 8384:
        forms.append(b"\xc6" + bytes([((size - 192) >> 8) + 192, (size - 192) & 0xFF]))
    for form in forms:
        assert list(openpgp.packets(form + body)) == [(6, body)]


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_or_read_but_never_a_crash(data):
    with contextlib.suppress(openpgp.NotAKey):
        openpgp.fingerprints(armored(data))
