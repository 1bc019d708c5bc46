# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import shutil
import subprocess

import pytest
from ansible_collections.groundwork.fleet.plugins.module_utils import release_signature
from ansible_collections.groundwork.fleet.plugins.module_utils.errors import BadInput

WHERE = "releases['orders'].signature"


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (["gpgv", "sqv"], ["/bin/gpgv", "--quiet", "--keyring", "k", "s", "a"]),
        (["sqv"], ["/bin/sqv", "--keyring", "k", "--signature-file", "s", "a"]),
    ],
)
def test_the_program_is_the_one_that_the_host_has(there, expected, monkeypatch):
    monkeypatch.setattr(release_signature.shutil, "which", lambda name, path: "/bin/" + name if name in there else None)
    assert release_signature.command("a", "s", "k") == expected


def test_a_host_without_any_says_what_to_install(monkeypatch):
    monkeypatch.setattr(release_signature.shutil, "which", lambda name, path: None)
    with pytest.raises(BadInput, match="Install the package gpgv"):
        release_signature.command("a", "s", "k")


def test_what_is_no_key_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"signature\.key cannot be read"):
        release_signature.verify(WHERE, "a", "s", "no key", str(tmp_path))


@pytest.fixture
def signed(tmp_path):
    """Return an archive, its signature and the key that made it."""
    if not shutil.which("gpg") or not (shutil.which("gpgv") or shutil.which("sqv")):
        pytest.skip("no gpg on this machine")
    home, archive = tmp_path / "home", tmp_path / "a.tar"
    home.mkdir(mode=0o700)
    archive.write_text("archive")

    def gpg(*arguments):
        command = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--passphrase", "", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    gpg("--quick-generate-key", "Orders <orders@example.org>", "ed25519", "sign", "never")
    gpg("--armor", "--detach-sign", str(archive))
    key = gpg("--armor", "--export")
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
    return archive, str(archive) + ".asc", key


def test_a_good_signature_is_good_and_another_archive_is_refused(signed, tmp_path):
    archive, signature, key = signed
    release_signature.verify(WHERE, str(archive), signature, key, str(tmp_path))
    archive.write_text("another")
    with pytest.raises(BadInput, match=r"releases\['orders'\]\.signature: the archive is not signed by the given key; nothing was"):
        release_signature.verify(WHERE, str(archive), signature, key, str(tmp_path))
