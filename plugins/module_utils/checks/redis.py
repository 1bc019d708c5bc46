# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Redis server answers PING, with its password and TLS where it has them."""

from __future__ import annotations

import dataclasses
from typing import Any, Dict, List, Optional

from ansible_collections.groundwork.fleet.plugins.module_utils import health_net
from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_most, equal, option


@dataclasses.dataclass
class Options:
    """Options of a redis check."""

    host: str = option("the name, address or path of the socket", "127.0.0.1")
    port: int = option("the port", 6379)
    user: Optional[str] = option("the name of the user, where it is not the default one", None)
    password_file: Optional[str] = option("path on the host of the password", None)
    tls: bool = option("whether it talks TLS", False)
    ca: Optional[str] = option("path on the host of the authority that the server's certificate is held against", None)
    certificate: Optional[str] = option("path on the host of the client certificate", None)
    key: Optional[str] = option("path on the host of the client certificate's key", None)
    ready: bool = option("whether it has to answer PING", True, expects=equal)
    role: Optional[str] = option("its role: master, slave", None, expects=equal)
    link: Optional[str] = option("the link of a replica to its master: up, down", None, expects=equal)
    memory: Optional[int] = option("how much memory it may use", None, expects=at_most, unit="bytes")
    clients: Optional[int] = option("how many clients may be connected", None, expects=at_most)


def _ask(stream: health_net.Stream, *words: str) -> str:
    """Send a command and return its answer. Raises Refused."""
    parts: List[bytes] = [b"*%d\r\n" % len(words)]
    for word in words:
        encoded = word.encode("utf-8")
        parts += [b"$%d\r\n" % len(encoded), encoded, b"\r\n"]
    stream.send(b"".join(parts))
    line = stream.line()
    if line.startswith("-"):
        raise health_net.Refused(line[1:])
    if not line.startswith("$"):
        return line[1:]
    return stream.exactly(int(line[1:]) + 2)[:-2].decode("utf-8", "replace")


def observe(options: Options, deadline: Deadline) -> Observation:
    """Log in, PING, and ask for more where that matters."""
    tls = health_net.Tls(options.ca, options.certificate, options.key) if options.tls else None
    facts: Dict[str, Any] = {"ready": False}
    try:
        with health_net.connect(options.host, options.port, deadline, tls) as stream:
            password = health_net.secret(options.password_file)
            if password:
                _ask(stream, "AUTH", *([options.user] if options.user else []), password)
            answer = _ask(stream, "PING")
            facts["ready"] = answer == "PONG"
            if not facts["ready"]:
                return Observation(facts, note=answer)
            if (options.role, options.link, options.memory, options.clients) == (None,) * 4:
                return Observation(facts)
            told = dict(line.split(":", 1) for line in _ask(stream, "INFO").splitlines() if ":" in line)
    except (OSError, ValueError, health_net.Refused) as error:
        return Observation(facts, note=health_net.told(error))
    facts.update(role=told.get("role", ""), memory=int(told.get("used_memory", 0)), clients=int(told.get("connected_clients", 0)))
    if "master_link_status" in told:
        facts["link"] = told["master_link_status"]
    return Observation(facts, identity=told.get("run_id", ""))
