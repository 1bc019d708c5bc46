# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import contextlib
import datetime

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import key_expiry, openpgp
from hypothesis import given
from hypothesis import strategies as st

PRIMARY, SUBKEY = "C3274A0FCD784D9C9E2AE088252B55D6AD090673", "D7DFFA4B0DD339BC4D1B8D29BFFEA3B89134C9C1"

# Made for this test by gpg; the private keys were thrown away. The primary key ends on 2028-01-01, its signing subkey on 2027-01-01.
KEY = """\
-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEaVW5ABYJKwYBBAHaRw8BAQdAywuZhEMZhPvTo5xP7hdUTcgr7LeYTxQSbHuL
zmi78PS0DXRAZXhhbXBsZS5vcmeIlgQTFggAPhYhBMMnSg/NeE2cnirgiCUrVdat
CQZzBQJpVbkAAhsBBQkDww/ABQsJCAcCBhUKCQgLAgQWAgMBAh4BAheAAAoJECUr
VdatCQZzSLABAJ1hlerk4wrWF8u6lsjW/LDNAYncxnTFBTTqduVzxl9jAQDO81He
x5fyuj3ErbUQRZQX1a4k0G54EcXzAhckjf/JBbgzBGlVuQAWCSsGAQQB2kcPAQEH
QIi7stFgUgi76xWl58PauKd5rQQkcLm2WIJGBQMZlFcXiPUEGBYIACYWIQTDJ0oP
zXhNnJ4q4IglK1XWrQkGcwUCaVW5AAIbAgUJAeHcQACBCRAlK1XWrQkGc3YgBBkW
CAAdFiEE19/6Sw3TObxNG40pv/6juJE0ycEFAmlVuQAACgkQv/6juJE0ycHlkgEA
rO42y9i7zMLlq7j9EASEww/YBlTHF1Y9txKzFHIj4FwBAKGd/cIZgQgTa9qhyblo
FQrwbJR0UfldbBm904RBRMIClywBALzMHLeXc7X39GC8YQ1g/1x2EjVWVm+Iv6vB
p4uJI7tMAQCq/g6kZPwHSo5XKROGnAAGwxAdjaP+n4sUmdoLw0/ECw==
=rI76
-----END PGP PUBLIC KEY BLOCK-----
"""

# The same primary key, prolonged until 2030-01-01, with the self-signatures before it taken out.
PROLONGED = """\
-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEaVW5ABYJKwYBBAHaRw8BAQdAywuZhEMZhPvTo5xP7hdUTcgr7LeYTxQSbHuL
zmi78PS0DXRAZXhhbXBsZS5vcmeIlgQTFggAPgIbAQULCQgHAgYVCgkICwIEFgID
AQIeAQIXgBYhBMMnSg/NeE2cnirgiCUrVdatCQZzBQJqHMuABQkHhshAAAoJECUr
VdatCQZzAwsBANF8IcrGYOsONsp6b82SUNl1eklIpnc0ORZ90bPOcdKhAQCA7VWu
A5yvLv602jsrOQq0a8Nx9JwVQXgUQ7gRnxSCBrgzBGlVuQAWCSsGAQQB2kcPAQEH
QIi7stFgUgi76xWl58PauKd5rQQkcLm2WIJGBQMZlFcXiPUEGBYIACYWIQTDJ0oP
zXhNnJ4q4IglK1XWrQkGcwUCaVW5AAIbAgUJAeHcQACBCRAlK1XWrQkGc3YgBBkW
CAAdFiEE19/6Sw3TObxNG40pv/6juJE0ycEFAmlVuQAACgkQv/6juJE0ycHlkgEA
rO42y9i7zMLlq7j9EASEww/YBlTHF1Y9txKzFHIj4FwBAKGd/cIZgQgTa9qhyblo
FQrwbJR0UfldbBm904RBRMIClywBALzMHLeXc7X39GC8YQ1g/1x2EjVWVm+Iv6vB
p4uJI7tMAQCq/g6kZPwHSo5XKROGnAAGwxAdjaP+n4sUmdoLw0/ECw==
=fLFo
-----END PGP PUBLIC KEY BLOCK-----
"""

IN_RELEASE = b"""\
-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

hello
-----BEGIN PGP SIGNATURE-----

iHUEARYIAB0WIQTX3/pLDdM5vE0bjSm//qO4kTTJwQUCaVcKgAAKCRC//qO4kTTJ
wWJHAP48PejWOpM0sicrR8EcyW9/qLEnj9mJwx8cD+buriBdXgD+IBgxwf8vVEaY
MmAEFI7pLdihMxl8IzFXR/HAIOiLAwI=
=4Eu3
-----END PGP SIGNATURE-----
"""
RELEASE_GPG = base64.b64decode(
    "iHUEABYIAB0WIQTX3/pLDdM5vE0bjSm//qO4kTTJwQUCaVcKgAAKCRC//qO4kTTJwWMbAQDxU3RlIw6E"
    "UkQaurRmIi2D6xihyckDa8lhuPAgQUZmeAEAhnte37Rduas33GfbQkJpNzpVRippKIg6v3pX8MxAOg8="
)


def day(end: int | None) -> str | None:
    return end and datetime.datetime.fromtimestamp(end, datetime.UTC).date().isoformat()


def ends(text: str) -> dict[str, str | None]:
    return {key: day(end) for key, end in key_expiry.ends(key_expiry.key_packets(text.encode())).items()}


def test_the_days_are_those_that_gpg_shows() -> None:
    assert ends(KEY) == {PRIMARY: "2028-01-01", SUBKEY: "2027-01-01"}


def test_the_newest_signature_decides() -> None:
    assert ends(PROLONGED) == {PRIMARY: "2030-01-01", SUBKEY: "2027-01-01"}
    both = key_expiry.key_packets(PROLONGED.encode()) + key_expiry.key_packets(KEY.encode())
    assert day(key_expiry.ends(both)[PRIMARY]) == "2030-01-01", "an older signature that comes later does not shorten it"


def test_a_subkey_ends_with_its_primary_key() -> None:
    assert key_expiry.earliest(None, 5) == 5 and key_expiry.earliest(7, 5) == 5 and key_expiry.earliest(None, None) is None


def test_binary_and_armored_keys_are_the_same() -> None:
    binary = openpgp.dearmored(KEY)
    assert key_expiry.key_packets(binary) == key_expiry.key_packets(KEY.encode()) == binary


@pytest.mark.parametrize("signed", [IN_RELEASE, RELEASE_GPG], ids=["clear-signed", "detached"])
def test_who_signed(signed: bytes) -> None:
    assert key_expiry.signers(signed) == {SUBKEY, SUBKEY[-16:]}


def test_names_of_a_key() -> None:
    assert key_expiry.names("A" * 24 + "B" * 16) == {"A" * 24 + "B" * 16, "B" * 16}
    assert key_expiry.names("C" * 16 + "D" * 48) == {"C" * 16 + "D" * 48, "C" * 16}


@given(st.binary(max_size=200))
def test_damaged_packets_are_refused_or_read_but_never_crash(data: bytes) -> None:
    list(key_expiry.subpackets(data))
    key_expiry.signature(b"\x04" + data)
    with contextlib.suppress(openpgp.NotAKey):
        key_expiry.ends(data)
