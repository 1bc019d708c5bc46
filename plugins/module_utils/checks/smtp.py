# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server greets, and offers TLS where that is asked for; nothing is sent."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, List, Optional, Tuple

from ansible_collections.groundwork.fleet.plugins.module_utils import health_net
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, equal, holds, option


@dataclasses.dataclass
class Options:
    """Options of an smtp check."""

    host: str = option("the name or address", "127.0.0.1")
    port: int = option("the port", 25)
    tls: bool = option("whether it talks TLS from the beginning", False)
    ca: Optional[str] = option("path on the host of the authority that the server's certificate is held against", None)
    name: Optional[str] = option("the name that the certificate has to be for, by default the host", None)
    code: int = option("the code of its greeting", 220, expects=equal)
    starttls: Optional[bool] = option("whether it has to take up TLS when it is asked to, with a good certificate", None, expects=equal)
    offers: Optional[str] = option("an extension that it has to offer (AUTH, SIZE)", None, expects=holds)


def _answer(stream: health_net.Stream, words: str = "") -> Tuple[int, List[str]]:
    if words:
        stream.send((words + "\r\n").encode("ascii"))
    lines = [stream.line()]
    if not lines[0][:3].isdigit():
        raise health_net.Refused("it does not speak SMTP")
    while lines[-1][3:4] == "-":
        lines.append(stream.line())
    return int(lines[0][:3]), [line[4:] for line in lines]


def observe(options: Options, deadline: Deadline) -> Observation:
    """Listen to the greeting, ask what it offers, and leave."""
    tls = health_net.Tls(options.ca, name=options.name)
    facts: Dict[str, Any] = {}
    note = ""
    try:
        with health_net.connect(options.host, options.port, deadline, tls if options.tls else None) as stream:
            facts["code"], words = _answer(stream)
            note = words[0]
            if facts["code"] == 220:
                _code, offered = _answer(stream, "EHLO localhost")
                facts["offers"] = [line.split()[0].upper() for line in offered[1:] if line.strip()]
                facts["starttls"] = "STARTTLS" in facts["offers"]
                if options.starttls and facts["starttls"]:
                    facts["starttls"] = False
                    if _answer(stream, "STARTTLS")[0] == 220:
                        stream.secure(tls, options.host)
                        facts["starttls"] = True
                stream.send(b"QUIT\r\n")
    except (OSError, health_net.Refused) as error:
        return Observation(facts, note=health_net.told(error))
    return Observation(facts, note=note)
