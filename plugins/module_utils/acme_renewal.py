# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's own program `groundwork-acme`: has certbot get and renew certificates, puts them in place and has their services take them in.

plugin_utils/health_program.py makes one file of it and of what it imports. What it does stands in the file that its one argument names.
"""

from __future__ import annotations

import grp
import json
import os
import pwd
import socket
import sys
from typing import Any, Dict, List, Mapping, Sequence

from ansible_collections.groundwork.fleet.plugins.module_utils import processes

USAGE = """usage: groundwork-acme FILE
Get or renew the certificates that a JSON file names, put them in place, and reload what uses them.

Exit status: 0 all are there, 1 one could not be got (the others were tried), 2 wrong use.
"""
CERTBOT, SYSTEMCTL = "/usr/bin/certbot", "/usr/bin/systemctl"
SECONDS = 600  # a public authority may make a client wait
SECONDS_OF_A_RELOAD = 90
HTTP_PORT = 80


def listens(port: int) -> bool:
    """Tell whether something answers at a port of this host."""
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def command(one: Mapping[str, Any], home: str, busy: bool) -> List[str]:
    """Return certbot's command for one certificate. home: where cli.ini and the hook are. busy: whether port 80 is taken.

    A web server answers by its webroot; before it runs for the first time certbot answers by itself.
    """
    words = [CERTBOT, "certonly", "--config", os.path.join(home, "cli.ini"), "--non-interactive", "--keep-until-expiring"]
    words += ["--renew-with-new-domains", "--cert-name", str(one["name"])]
    if one["challenge"] == "dns":
        hook = os.path.join(home, "hook")
        words += ["--manual", "--preferred-challenges", "dns", "--manual-auth-hook", "%s present" % hook]
        words += ["--manual-cleanup-hook", "%s remove" % hook]
    elif one["webroot"] and busy:
        words += ["--webroot", "--webroot-path", str(one["webroot"])]
    else:
        words += ["--standalone", "--http-01-port", str(one["port"])]
    for name in one["names"]:
        words += ["--domain", name]
    return words


def content(path: str) -> bytes:
    """Return what a file holds, nothing where there is none."""
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return b""


def put(path: str, new: bytes, mode: int, owner: str, group: str) -> None:
    """Replace a file at once; root's while the host does not know its owner or group. Raises OSError."""
    partial = "%s.%d" % (path, os.getpid())
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(new)
        try:
            os.fchown(stream.fileno(), pwd.getpwnam(owner).pw_uid, grp.getgrnam(group).gr_gid)
        except KeyError:
            os.fchown(stream.fileno(), 0, 0)
        os.fchmod(stream.fileno(), mode)
        os.fsync(stream.fileno())
    os.rename(partial, path)


def deploy(one: Mapping[str, Any], live: str, folder: str) -> bool:
    """Put a certificate from where certbot keeps it to where services look for it; tell whether it was another one. Raises OSError."""
    pairs = (("privkey.pem", ".key"), ("chain.pem", ".chain.crt"), ("fullchain.pem", ".crt"))
    changed = False
    for source, suffix in pairs:
        new, path = content(os.path.join(live, source)), os.path.join(folder, str(one["name"]) + suffix)
        if new and new != content(path):
            key = suffix == ".key"
            put(path, new, int(str(one["key_mode"]), 8) if key else 0o644, one["owner"] if key else "root", one["group"] if key else "root")
            changed = True
    return changed


def renew(one: Mapping[str, Any], settings: Mapping[str, Any]) -> List[str]:
    """Get or renew one certificate and put it in place; return what went wrong."""
    environment = dict(os.environ, LC_ALL="C.UTF-8")
    if settings.get("trust"):
        environment["REQUESTS_CA_BUNDLE"] = str(settings["trust"])
    argv = command(one, str(settings["home"]), listens(HTTP_PORT))
    problems = []
    code, text = processes.answer(argv, SECONDS, env=environment)
    if code != 0:
        # In one line, so that the name stands among the last lines of the journal, however much certbot says.
        problems.append("%s: certbot says (exit status %d): %s" % (one["name"], code, " ".join(text.split())))
    # What is there is put in place although its renewal may have failed: an earlier run may have been interrupted.
    if deploy(one, os.path.join(str(settings["state"]), "live", str(one["name"])), str(settings["folder"])):
        problems += ["%s: %s" % (one["name"], problem) for problem in taken_in(one)]
    return problems


def taken_in(one: Mapping[str, Any]) -> List[str]:
    """Have the service that runs take the certificate in; return what went wrong. One that does not run reads it when it starts."""
    problems = []
    for verb, unit in (("try-reload-or-restart", one["reload"]), ("try-restart", one["restart"])):
        if unit:
            code, text = processes.answer([SYSTEMCTL, verb, str(unit)], SECONDS_OF_A_RELOAD)
            if code != 0 and "not loaded" not in text and "not found" not in text:
                problems.append("systemctl %s %s: %s" % (verb, unit, text.strip()))
    return problems


def main(words: Sequence[str], *_registry: Any) -> int:
    """Run, and return the exit status."""
    if len(words) != 1 or words[0].startswith("-"):
        sys.stderr.write(USAGE)
        return 0 if list(words) in (["--help"], ["-h"]) else 2
    problems: List[str] = []
    try:
        settings: Dict[str, Any] = json.loads(content(words[0]) or b"{}")
        for one in settings.get("certificates", []):
            problems += renew(one, settings)
    except (OSError, ValueError) as error:
        problems.append(str(error))
    for problem in problems:
        sys.stderr.write("groundwork-acme: %s\n" % problem)
    return 1 if problems else 0
