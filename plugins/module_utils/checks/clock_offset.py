# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock is right: by what chrony says, or held against a time server."""

from __future__ import annotations

import dataclasses
import re
import socket
import struct
import time
from typing import Any, Dict, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_most, equal, option, program_output

_SINCE_1900 = 2208988800


@dataclasses.dataclass
class Options:
    """Options of a clock_offset check."""

    server: Optional[str] = option("a time server to hold it against (NTP), by default what chrony or timedatectl of the host says", None)
    port: int = option("the port of the server", 123)
    offset: Optional[float] = option("by how many seconds it may be wrong", 0.5, expects=at_most, unit="seconds")
    stratum: Optional[int] = option("how far it may be from a reference clock", None, expects=at_most)
    synchronized: Optional[bool] = option("whether it has to be held right", None, expects=equal)


def _asked(options: Options, deadline: Deadline) -> Observation:
    """Ask a server, as SNTP does (RFC 4330)."""
    note = "server %s" % options.server
    with socket.socket(socket.AF_INET6 if ":" in str(options.server) else socket.AF_INET, socket.SOCK_DGRAM) as connection:
        try:
            connection.settimeout(deadline.left())
            connection.connect((options.server, options.port))
            sent = time.time()
            question = bytes([0x23]) + bytes(39) + struct.pack("!II", int(sent) + _SINCE_1900, int(sent % 1 * 2**32))
            connection.send(question)
            answer = b""
            while len(answer) < 48 or answer[24:32] != question[40:48]:
                connection.settimeout(deadline.left())
                answer = connection.recv(1024)
            came = time.time()
        except socket.timeout:
            return Observation({}, note="%s does not answer within %.1f s" % (note, deadline.seconds))
        except OSError as error:
            return Observation({}, note="%s: %s" % (note, error))
    received, answered = (seconds - _SINCE_1900 + part / 2**32 for seconds, part in struct.iter_unpack("!II", answer[32:48]))
    offset = ((received - sent) + (answered - came)) / 2
    good = answer[0] >> 6 != 3 and 0 < answer[1] < 16
    facts: Dict[str, Any] = {"offset": round(abs(offset), 6), "stratum": answer[1], "synchronized": good}
    return Observation(facts, note="%s says %+.3f s" % (note, -offset))


def _of_host(deadline: Deadline) -> Observation:
    """Ask chrony, and without it systemd, which does not know the offset."""
    try:
        words = program_output(["chronyc", "-n", "-c", "tracking"], deadline.left()).strip().split(",")
    except FileNotFoundError:
        words = []
    if len(words) >= 14:
        facts: Dict[str, Any] = {"offset": abs(float(words[4])), "stratum": int(words[2]), "synchronized": words[13] != "Not synchronised"}
        return Observation(facts, note="chrony, reference %s" % (words[1] or words[0]))
    answer = program_output(["timedatectl", "show", "--property=NTPSynchronized", "--value"], deadline.left()).strip()
    if answer not in ("yes", "no"):
        return Observation({}, note=answer or " ".join(words))
    facts = {"synchronized": answer == "yes"}
    found = re.search(
        r"^\s*Offset: [-+]?([\d.]+)(us|ms|s)$", program_output(["timedatectl", "timesync-status"], deadline.left()), re.MULTILINE
    )
    if found is None:
        return Observation(facts, note="timedatectl does not say by how much it is wrong: give `server`")
    facts["offset"] = float(found.group(1)) * {"us": 1e-6, "ms": 1e-3, "s": 1.0}[found.group(2)]
    return Observation(facts, note="timedatectl")


def observe(options: Options, deadline: Deadline) -> Observation:
    """Ask whoever knows."""
    return _asked(options, deadline) if options.server else _of_host(deadline)
