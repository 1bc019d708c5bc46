# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput
from ansible_collections.groundwork.fleet.plugins.plugin_utils import apt_sources

# A public key made for this test by gpg; its private key was thrown away.
KEY = """-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawRM1xYJKwYBBAHaRw8BAQdApIgbp9cfcx4MCnGzBLVX98dRtVfJH0W5/AEf
B6eV1Ci0DWFAZXhhbXBsZS5vcmeIkAQTFgoAOBYhBK0HB4ANRtbyBQyUqISRNhFm
zHQnBQJrBEzXAhsDBQsJCAcCBhUKCQgLAgQWAgMBAh4BAheAAAoJEISRNhFmzHQn
SikA/1fIXxOB+WrvOYrVZ29fBr9mDPXjM0E5zB1yXCrw2WM/AQDn1Eb8masbqfTQ
chzTcxsHUFaCfJCchkrmxr9s25WBCA==
=x1SD
-----END PGP PUBLIC KEY BLOCK-----
"""
FINGERPRINT = "AD07 0780 0D46 D6F2 050C  94A8 8491 3611 66CC 7427"
GOOD = {
    "uris": "https://packages.example.org/debian",
    "suites": ["bookworm"],
    "components": "main extra",
    "key": KEY,
    "fingerprint": FINGERPRINT,
}


def no_file(path):
    raise AssertionError(path)


def text_of(**fields):
    return apt_sources.sources({"example": {**GOOD, **fields}}, no_file)


def test_a_repository_carries_its_own_key():
    lines = text_of(architectures=["amd64", "arm64"]).splitlines()
    assert lines[:7] == [
        "# example", "Types: deb", "URIs: https://packages.example.org/debian", "Suites: bookworm", "Components: main extra",
        "Architectures: amd64 arm64", "Signed-By:",
    ]  # fmt: skip
    assert lines[7:9] == [" -----BEGIN PGP PUBLIC KEY BLOCK-----", " ."]
    assert lines[-1] == " -----END PGP PUBLIC KEY BLOCK-----"


def test_repositories_stand_in_the_order_of_their_names_and_apart():
    text = apt_sources.sources({"b": GOOD, "a": {**GOOD, "enabled": False}}, no_file)
    first, second = text.split("\n\n")
    assert first.startswith("# a\n") and "Enabled: no" in first and second.startswith("# b\n")
    assert apt_sources.sources({}, no_file) == ""


def test_a_key_may_be_a_path():
    read = []
    apt_sources.sources({"example": {**GOOD, "key": "/keys/a.asc"}}, lambda path: read.append(path) or KEY)
    assert read == ["/keys/a.asc"]


def test_what_stands_around_the_key_is_not_written():
    assert "smuggled" not in text_of(key="smuggled: 1\n" + KEY + "smuggled: 2\n")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"uri": "x"}, "uri is|'uri'"),
        ({"uris": []}, "at least uris and suites"),
        ({"uris": "packages.example.org"}, "Give its scheme"),
        ({"uris": 1}, "list of words"),
        ({"suites": ["a b"]}, "without spaces"),
        ({"suites": ["a\nTrusted: yes"]}, "without spaces"),
        ({"components": []}, "needs components"),
        ({"suites": "./"}, "needs components"),
        ({"suites": ["./", "bookworm"]}, "needs components"),
        ({"key": ""}, "Unsigned repositories are refused"),
        ({"key": KEY.replace("mDME", "mDMF")}, "checksum"),
        ({"fingerprint": None}, "the full fingerprint"),
        ({"fingerprint": "66CC7427"}, "A short key id can be forged"),
        ({"fingerprint": "0" * 40}, "The key's fingerprint is AD0707800D46D6F2050C94A88491361166CC7427"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(fields, message):
    with pytest.raises(BadInput, match=message) as refused:
        text_of(**fields)
    assert "example" in str(refused.value)


@pytest.mark.parametrize("repositories", [{"a/b": GOOD}, {"a": "https://x"}])
def test_what_is_no_repository_is_refused(repositories):
    with pytest.raises(BadInput):
        apt_sources.sources(repositories, no_file)
