# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build a repository of small packages on a host of the lab.

Without an argument: the packages of the scenario, signed; prints the fingerprint of the key. With the path of a JSON file: the packages in
it, a list of PACKAGES' form, unsigned, beside those that are there.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile

ROOT = "/srv/groundwork-lab"
UNIT = "[Unit]\nDescription=Lab service\n[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n"
POSTINST = "#!/bin/sh\nsystemctl daemon-reload\nexec deb-systemd-invoke start groundwork-lab.service\n"
PRERM = "#!/bin/sh\nexec deb-systemd-invoke stop groundwork-lab.service\n"
PACKAGES = (
    ("groundwork-lab", "1.0", "groundwork-lab-data, init-system-helpers",
     {"/lib/systemd/system/groundwork-lab.service": UNIT}, {"postinst": POSTINST, "prerm": PRERM}),
    ("groundwork-lab", "2.0", "groundwork-lab-data, init-system-helpers",
     {"/lib/systemd/system/groundwork-lab.service": UNIT}, {"postinst": POSTINST, "prerm": PRERM}),
    ("groundwork-lab-data", "1.0", "", {"/usr/share/groundwork-lab/data": "data\n"}, {}),
    ("groundwork-patched", "1.0", "", {"/etc/groundwork-patched.conf": "1\n"}, {"conffiles": "/etc/groundwork-patched.conf\n"}),
    ("groundwork-patched", "2.0", "", {"/etc/groundwork-patched.conf": "2\n"}, {"conffiles": "/etc/groundwork-patched.conf\n"}),
    ("groundwork-pinned", "1.0", "", {"/usr/share/groundwork-pinned/data": "1\n"}, {}),
    ("groundwork-pinned", "2.0", "", {"/usr/share/groundwork-pinned/data": "2\n"}, {}),
    ("groundwork-unwanted", "1.0", "", {"/usr/share/groundwork-unwanted/data": "data\n"}, {}),
)  # fmt: skip


def run(*command: str, cwd: str = ROOT) -> bytes:
    return subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL).stdout


def write(path: str, text: str, mode: int = 0o644) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.chmod(path, mode)


def build(name: str, version: str, depends: str, files: dict[str, str], scripts: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as tree:
        os.chmod(tree, 0o755)
        control = "Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: lab <lab@example.org>\nDescription: lab\n" % (name, version)
        write(tree + "/DEBIAN/control", control + ("Depends: %s\n" % depends if depends else ""))
        for script, text in scripts.items():
            write("%s/DEBIAN/%s" % (tree, script), text, 0o755)
        for path, text in files.items():
            write(tree + path, text, 0o755 if text.startswith("#!") else 0o644)
        run("dpkg-deb", "--build", "-Zgzip", "-z1", "--root-owner-group", tree, "%s/%s_%s_all.deb" % (ROOT, name, version))


def index() -> str:
    """Return what the packages of the repository are, as apt reads it."""
    stanzas = []
    for name in sorted(name for name in os.listdir(ROOT) if name.endswith(".deb")):
        with open(os.path.join(ROOT, name), "rb") as stream:
            content = stream.read()
        control = run("dpkg-deb", "--field", name).decode().strip()
        digest = hashlib.sha256(content).hexdigest()
        stanzas.append("%s\nFilename: ./%s\nSize: %d\nSHA256: %s\n" % (control, name, len(content), digest))
    return "\n".join(stanzas)


def add(path: str) -> None:
    """Add the packages of a JSON file."""
    os.makedirs(ROOT, exist_ok=True)
    with open(path, encoding="utf-8") as stream:
        for package in json.load(stream):
            build(*package)
    write(ROOT + "/Packages", index())


def main() -> int:
    if len(sys.argv) > 1:
        add(sys.argv[1])
        return 0
    if not os.path.exists(ROOT + "/InRelease"):
        os.makedirs(ROOT, exist_ok=True)
        for package in PACKAGES:
            build(*package)
        write(ROOT + "/Packages", index())
        write(ROOT + "/Release", run("apt-ftparchive", "-o", "APT::FTPArchive::Release::Suite=stable-security", "release", ".").decode())
        with tempfile.TemporaryDirectory() as home:
            gpg = ("gpg", "--homedir", home, "--batch", "--quiet")
            run(*gpg, "--passphrase", "", "--quick-generate-key", "lab@example.org", "ed25519", "sign", "2y")
            write(ROOT + "/key.asc", run(*gpg, "--armor", "--export").decode())
            run(*gpg, "--clearsign", "--output", "InRelease", "Release")
            listing = run(*gpg, "--list-keys", "--with-colons").decode()
            write(ROOT + "/fingerprint", next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr:")))
            run("gpgconf", "--homedir", home, "--kill", "all")
    with open(ROOT + "/fingerprint", encoding="utf-8") as stream:
        sys.stdout.write(stream.read())
    return 0


if __name__ == "__main__":
    sys.exit(main())
