# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's own program `groundwork-certificate-status`: when its certificates end, for people or as Prometheus metrics.

plugin_utils/health_program.py makes one file of it and of what it imports.
"""

from __future__ import annotations

import os
import ssl
import sys
import time
from typing import Any, Dict, List, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import processes, readable_file
from ansible_collections.groundwork.fleet.plugins.module_utils.metrics import Sample, family

USAGE = """usage: groundwork-certificate-status --directory PATH [--textfile PATH]
Tell when the certificates in a directory end. Changes nothing there.

  --textfile PATH  write Prometheus metrics there, print nothing
  --help           print this
"""
PREFIX = "groundwork_certificate_"
NOT_LEAVES = ("ca.crt",)
SUFFIX, CHAIN = ".crt", ".chain.crt"
OPENSSL = "/usr/bin/openssl"
SECONDS = 10


def certificates(directory: str) -> List[Dict[str, Any]]:
    """Return name, issuer, begin and end (seconds since 1970) of each certificate that a service shows; 0 for one that cannot be read."""
    names = sorted(name for name in os.listdir(directory) if name.endswith(SUFFIX) and not name.endswith(CHAIN) and name not in NOT_LEAVES)
    return [_one(directory, name) for name in names]


def _one(directory: str, name: str) -> Dict[str, Any]:
    try:
        found = ssl._ssl._test_decode_cert(os.path.join(directory, name))  # type: ignore[attr-defined]  # the standard library has no public one
    except (OSError, ValueError):
        return {"name": name[: -len(SUFFIX)], "issuer": "", "begins": 0, "ends": 0}
    issuer = {key: value for part in found.get("issuer", ()) for key, value in part}
    return {
        "name": name[: -len(SUFFIX)],
        "issuer": str(issuer.get("commonName") or issuer.get("organizationName", "")),
        "begins": ssl.cert_time_to_seconds(str(found["notBefore"])),
        "ends": ssl.cert_time_to_seconds(str(found["notAfter"])),
    }


def list_end(directory: str) -> Optional[int]:
    """Return when the next revocation list is due (seconds since 1970); None where there is none, or nothing that reads it."""
    path = os.path.join(directory, "crl.pem")
    if not os.path.exists(path) or not os.path.exists(OPENSSL):
        return None
    code, text = processes.answer([OPENSSL, "crl", "-in", path, "-noout", "-nextupdate"], SECONDS)
    return ssl.cert_time_to_seconds(text.partition("=")[2].strip()) if code == 0 else 0


def to_textfile(found: List[Dict[str, Any]], list_ends: Optional[int], now: float) -> str:
    """Return what was found as Prometheus metrics; now: when it was looked, in seconds since 1970."""
    labelled = [({"name": one["name"], "issuer": one["issuer"]}, one) for one in found]
    begins, ends = ([(labels, int(one[key])) for labels, one in labelled] for key in ("begins", "ends"))
    lines = family(PREFIX + "not_before_timestamp_seconds", "From when the certificate is valid.", begins)
    lines += family(PREFIX + "not_after_timestamp_seconds", "When the certificate ends; 0 where it cannot be read.", ends)
    due: List[Sample] = [] if list_ends is None else [({}, int(list_ends))]
    lines += family(PREFIX + "list_end_timestamp_seconds", "When the next revocation list is due; 0 where it cannot be read.", due)
    lines += family(PREFIX + "last_run_seconds", "When this was looked, in seconds since 1970.", [({}, int(now))])
    return "\n".join(lines) + "\n"


def text(found: List[Dict[str, Any]], now: float) -> str:
    """Return what was found for people."""
    ends = [time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(one["ends"])) for one in found]
    return "".join(
        "%s: %s %s, by %s\n" % (one["name"], "ended" if one["ends"] <= now else "until", end, one["issuer"] or "nobody that can be read")
        for one, end in zip(found, ends)
    )


def main(words: List[str], *_registry: Any) -> int:
    """Run, and return the exit status: 0, or 2 where it could not be told."""
    options = dict(zip(words[::2], words[1::2]))
    if words in (["--help"], ["-h"]):
        sys.stdout.write(USAGE)
        return 0
    if len(words) % 2 or not set(options) <= {"--directory", "--textfile"} or "--directory" not in options:
        sys.stderr.write(USAGE)
        return 2
    now = time.time()
    try:
        found = certificates(options["--directory"])
        if "--textfile" in options:
            readable_file.write(options["--textfile"], to_textfile(found, list_end(options["--directory"]), now))
        else:
            sys.stdout.write(text(found, now))
    except OSError as error:
        sys.stderr.write("groundwork-certificate-status: %s\n" % error)
        return 2
    return 0
