# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate, its key and its authority belong together: proven by a mutual TLS handshake in memory."""

from __future__ import annotations

import dataclasses
import ssl
import time
from typing import Optional

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, at_least, equal, option


@dataclasses.dataclass
class Options:
    """Options of a certificate check."""

    certificate: str = option("the path of the certificate")
    key: str = option("the path of its key")
    ca: str = option("the path of the authority's certificate")
    name: str = option("a name or address it has to be for", "localhost")
    serves: bool = option("whether it has to serve as a server's and as a client's certificate", True, expects=equal)
    days: Optional[int] = option("for how many more days it has to be valid", None, expects=at_least)


def _handshake(options: Options) -> ssl.SSLObject:
    server_side, client_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server_side.verify_mode = ssl.CERT_REQUIRED
    for context in (server_side, client_side):
        context.load_cert_chain(options.certificate, options.key)
        context.load_verify_locations(options.ca)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_side.wrap_bio(to_client, to_server, server_hostname=options.name)
    server = server_side.wrap_bio(to_server, to_client, server_side=True)
    pending = [client, server]
    for _round in range(20):
        for side in list(pending):
            try:
                side.do_handshake()
                pending.remove(side)
            except ssl.SSLWantReadError:
                continue
        if not pending:
            return client
    raise ssl.SSLError("the handshake does not end")


def observe(options: Options, deadline: Deadline) -> Observation:
    """Let the certificate talk to itself."""
    try:
        peer = _handshake(options).getpeercert() or {}
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        return Observation({"serves": False}, note="%s: %s" % (type(error).__name__, error))
    left = ssl.cert_time_to_seconds(str(peer["notAfter"])) - time.time()
    return Observation({"serves": True, "days": int(left // 86400)})
