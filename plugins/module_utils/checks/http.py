# Copyright (c) 2026 groundwork.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web page answers as expected."""

from __future__ import annotations

import dataclasses
import http.client
import socket
import ssl
from typing import Optional, Sequence
from urllib.parse import urlsplit

from ansible_collections.groundwork.fleet.plugins.module_utils.health import Deadline, Observation, contains, one_of, option

_MOST = 4 * 1024 * 1024


@dataclasses.dataclass
class Options:
    """Options of an http check."""

    url: str = option("the address, http:// or https://")
    method: str = option("the request's method", "GET")
    status: Sequence[int] = option("the status, or a list of accepted ones", [200], expects=one_of)
    contains: Optional[str] = option("a text the answer has to contain", None, expects=contains, fact="content")
    ca: Optional[str] = option("path on the host of the authority that the server's certificate is held against", None)
    certificate: Optional[str] = option("path on the host of the client certificate", None)
    key: Optional[str] = option("path on the host of the client certificate's key", None)
    timeout: float = option("how long one answer of the server may take", 10.0)


def _connection(options: Options, seconds: float) -> http.client.HTTPConnection:
    address = urlsplit(options.url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ValueError("%r is no http:// or https:// address" % options.url)
    if address.scheme == "http":
        return http.client.HTTPConnection(address.hostname, address.port, timeout=seconds)
    context = ssl.create_default_context(cafile=options.ca)
    if options.certificate:
        context.load_cert_chain(options.certificate, options.key)
    return http.client.HTTPSConnection(address.hostname, address.port, timeout=seconds, context=context)


def observe(options: Options, deadline: Deadline) -> Observation:
    """Send one request; a redirection is an answer, it is not followed."""
    connection = _connection(options, min(options.timeout, deadline.left()))
    address = urlsplit(options.url)
    target = (address.path or "/") + ("?" + address.query if address.query else "")
    try:
        connection.request(options.method, target, headers={"User-Agent": "groundwork.fleet", "Connection": "close"})
        answer = connection.getresponse()
        content = answer.read(_MOST).decode("utf-8", "replace")
        note = " ".join(filter(None, [answer.reason, answer.getheader("Location")]))
        return Observation({"status": answer.status, "content": content}, note=note)
    except (OSError, http.client.HTTPException) as error:
        reason = "timed out" if isinstance(error, socket.timeout) else str(error)
        return Observation({}, note="%s: %s" % (type(error).__name__, reason))
    finally:
        connection.close()
