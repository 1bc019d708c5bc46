# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Record what stands on a host, or compare the host with an earlier record: files, packages, accounts, enabled and running units."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
import shutil
import subprocess
import sys

ROOTS = ("/boot", "/etc", "/home", "/opt", "/root", "/srv", "/usr", "/var")
# What a host changes by itself, and what the engine keeps on purpose.
PASSING = (
    "/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow",  # compared line by line as user, password and group
    "/etc/.pwd.lock", "/etc/*-", "/etc/ld.so.cache", "/etc/mtab", "/etc/resolv.conf", "/etc/machine-id", "/etc/hostname", "/etc/hosts",
    "/root/.ansible*", "/home/*/.ansible*", "/root/.cache*", "/var/cache/*", "/var/log/*", "/var/tmp/*", "/var/backups/*", "/var/spool/*",
    "/var/lib/dpkg/*", "/var/lib/apt/*", "/var/lib/systemd/*", "/var/lib/dbus/*", "/var/lib/ucf/*", "/etc/subuid", "/etc/subgid",
    "/var/lib/rpm/*", "/var/lib/dnf/*", "/var/lib/private",
    "/var/lib/groundwork", "/var/lib/groundwork/changes*", "*/__pycache__*", "/usr/share/mime/*", "/etc/ssl/certs/*",
)  # fmt: skip

PACKAGES = {
    "dpkg-query": ("-W", "-f", "${Package} ${Version} ${db:Status-Status}\n"),
    "rpm": ("-qa", "--qf", "%{NAME}.%{ARCH} %{VERSION}-%{RELEASE} installed\n"),
}


def passing(path: str) -> bool:
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in PASSING)


def described(path: str) -> str:
    info = os.lstat(path)
    owner = "%o %d:%d" % (info.st_mode, info.st_uid, info.st_gid)
    if os.path.islink(path):
        return "link " + os.readlink(path)
    if os.path.isfile(path):
        with open(path, "rb") as stream:
            return owner + " " + hashlib.sha256(stream.read()).hexdigest()
    return owner


def paths() -> dict[str, str]:
    found = {}
    for root in ROOTS:
        for directory, directories, files in os.walk(root):
            for name in directories + files:
                path = os.path.join(directory, name)
                if not passing(path):
                    found[path] = described(path)
    return found


def lines(*command: str) -> dict[str, str]:
    output = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    return {line.split()[0]: " ".join(line.split()[1:]) for line in output.splitlines() if line.strip()}


def packages() -> dict[str, str]:
    program = next(name for name in PACKAGES if shutil.which(name))
    return lines(program, *PACKAGES[program])


def accounts(path: str) -> dict[str, str]:
    with open(path, encoding="utf-8") as stream:
        return {line.split(":")[0]: hashlib.sha256(line.strip().encode()).hexdigest() for line in stream}


def snapshot() -> dict[str, dict[str, str]]:
    return {
        "file": paths(),
        "package": packages(),
        "user": accounts("/etc/passwd"),
        "password": accounts("/etc/shadow"),
        "group": accounts("/etc/group"),
        "unit file": lines("systemctl", "list-unit-files", "--no-legend", "--plain"),
        "running unit": lines("systemctl", "list-units", "--no-legend", "--plain", "--type=service", "--state=running", "--no-pager"),
    }


def differences(before: dict[str, dict[str, str]], after: dict[str, dict[str, str]]) -> list[str]:
    found = []
    for kind, old in before.items():
        new = after[kind]
        found += ["left behind: %s %s" % (kind, name) for name in sorted(set(new) - set(old))]
        found += ["gone: %s %s" % (kind, name) for name in sorted(set(old) - set(new))]
        if kind != "running unit":
            found += [
                "changed: %s %s: %s -> %s" % (kind, name, old[name], new[name])
                for name in sorted(set(old) & set(new))
                if old[name] != new[name]
            ]
    return found


def main() -> int:
    now = snapshot()
    if sys.argv[1] != "--compare":
        with open(sys.argv[1], "w", encoding="utf-8") as stream:
            json.dump(now, stream)
        return 0
    with open(sys.argv[2], encoding="utf-8") as stream:
        staying = sys.argv[3:]
        found = [text for text in differences(json.load(stream), now) if not any(fnmatch.fnmatchcase(text, one) for one in staying)]
    sys.stdout.write("\n".join(found[:40]) + ("\n... %d in all\n" % len(found) if found else "nothing left behind\n"))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
